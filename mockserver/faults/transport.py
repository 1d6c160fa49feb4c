"""What every fault of the transport is: a name, and a way to deliver an answer badly."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from mockserver.faults.options import Option


def always(**options: Any) -> bool:
    """Say yes, whatever the options."""
    return True


def never(**options: Any) -> bool:
    """Say no, whatever the options."""
    return False


@dataclass(frozen=True, slots=True)
class TransportFault:
    """A fault that spoils how an answer gets to the client.

    `deliver` takes the connection, the reply and the options by name. `arrives` takes the
    options too, and says whether the client sees a status at all; `needs_handler` says that
    the fault spoils nothing but time, so that the handler always does its work first.
    """

    name: str
    sees: str
    deliver: Callable[..., Awaitable[None]]
    options: tuple[Option, ...] = ()
    arrives: Callable[..., bool] = always
    needs_handler: bool = False

    kind: ClassVar[str] = "transport"
    status: ClassVar[None] = None
    source: ClassVar[None] = None
