"""The type of transport faults: a name, and a function that delivers a response wrongly."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from mockserver.faults.options import FaultOption
from mockserver.http.response import Response


def always(**options: Any) -> bool:
    """Return True, whatever the options."""
    return True


def never(**options: Any) -> bool:
    """Return False, whatever the options."""
    return False


@dataclass(frozen=True, slots=True)
class TransportFault:
    """A fault in how a response is delivered; `effect` is what the client sees.

    `deliver` takes the connection, the reply, and the options by name. `reaches_client` takes the
    options and returns whether the client receives a status. `needs_handler` says that the fault
    only delays the response, so the handler always runs first.
    """

    name: str
    effect: str
    deliver: Callable[..., Awaitable[None]]
    options: tuple[FaultOption, ...] = ()
    reaches_client: Callable[..., bool] = always
    needs_handler: bool = False

    kind: ClassVar[str] = "transport"
    status: ClassVar[None] = None
    source: ClassVar[None] = None

    def applies_to(self, response: Response) -> bool:
        """Return True: any response can be delivered wrongly."""
        return True

    def spoil(self, response: Response, options: Mapping[str, Any]) -> None:
        """Replace how a response is delivered."""
        response.delivery = partial(self.deliver, **options)
        response.reaches_client = self.reaches_client(**options)
        response.only_delays = self.needs_handler

    def error_body(self, response: Response) -> Any:
        """Return an empty object to merge a stub's `body` into: it is the whole body."""
        return {}
