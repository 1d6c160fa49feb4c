"""A response as data: what is sent back, and how."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mockserver.http.connection import Delivery
from mockserver.http.sse import Stream

JSON = "application/json"

_NOT_IN_A_HEADER = re.compile(r"[^\t\x20-\x7e\xa0-\xff]")


@dataclass(slots=True)
class Response:
    """A status, headers, and a body that is bytes or a stream of events.

    `api_headers` says whether the API's own headers are added, such as `openai-version`: responses
    of the gateway in front of the API have none. `delay` holds the response back, in seconds.
    `delivery` puts it on the wire in another way than whole; `reaches_client` says whether its
    status then arrives, `only_delays` that it is right but late.

    `about` is what the journal keeps in the place of the body, where that is no text for people.

    `repeated` has the further values of headers that are sent several times, by the names in
    `headers`.

    The response writer calls `on_start` when the response begins to go out, and each of
    `on_complete` once, when it is over: with True where all of it went out as it should, with False
    where the client has gone or a fault spoiled it. Both are called only for a response that takes
    time: see `takes_time`. Where a fault is injected into a stream, each of `on_injection` is
    called with the name of the fault, before what it spoils is sent.
    """

    status: int
    body: bytes | Stream
    headers: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, list[str]] | None = None
    api_headers: bool = True
    delay: float = 0.0
    delivery: Delivery | None = None
    reaches_client: bool = True
    only_delays: bool = False
    about: bytes | None = None
    on_start: Callable[[], None] | None = None
    on_complete: tuple[Callable[[bool], None], ...] = ()
    on_injection: tuple[Callable[[str], None], ...] = ()

    @property
    def takes_time(self) -> bool:
        """Whether it is still under way after the event loop's turn that made it."""
        return self.delay > 0 or self.delivery is not None or type(self.body) is not bytes

    @property
    def seen_status(self) -> int | None:
        """The status as the client sees it; None where no response reaches it."""
        return self.status if self.reaches_client else None

    def inject(self, fault: str) -> None:
        """Note that a fault is injected into the stream here."""
        for note in self.on_injection:
            note(fault)

    @property
    def request_id(self) -> str:
        """The value of the header `x-request-id`, in whatever case a stub wrote it, or empty."""
        found = self.headers.get("x-request-id")
        if found is not None:
            return found
        names = {name.lower(): value for name, value in self.headers.items()}
        return names.get("x-request-id", "")

    @property
    def shown_headers(self) -> Mapping[str, str | list[str]]:
        """The headers, with a list for one that is sent several times."""
        if not self.repeated:
            return self.headers
        more = {name: [self.headers[name], *values] for name, values in self.repeated.items()}
        return self.headers | more

    def set_headers(self, headers: Mapping[str, str | list[str] | None]) -> None:
        """Replace headers of the same names, whatever their case; None removes one.

        A list is sent as one header for each of its values.
        """
        for name, value in headers.items():
            for known in [known for known in self.headers if known.lower() == name.lower()]:
                del self.headers[known]
                (self.repeated or {}).pop(known, None)
            several = value if isinstance(value, list) else [value] if value is not None else []
            clean = [_NOT_IN_A_HEADER.sub("?", one) for one in several]
            if clean:
                self.headers[name] = clean[0]
            if clean[1:]:
                self.repeated = {**(self.repeated or {}), name: clean[1:]}
