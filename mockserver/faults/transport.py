"""What every fault of the transport is: a name, and a way to deliver a response badly."""

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
    """A fault that spoils how a response gets to the client; `effect` is what the client sees.

    `deliver` takes the connection, the reply, and the options by name. `reaches_client` takes the
    options too, and returns whether the client sees a status at all. `needs_handler` says that the
    fault spoils nothing but time, so that the handler always does its work first.
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

    def spoil(self, response: Response, options: Mapping[str, Any]) -> None:
        """Have a response delivered badly."""
        response.delivery = partial(self.deliver, **options)
        response.reaches_client = self.reaches_client(**options)
        response.only_delays = self.needs_handler

    def error_body(self, response: Response) -> Any:
        """Return the value that a stub's `body` is merged into: nothing, it is the whole body."""
        return {}
