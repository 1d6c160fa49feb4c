"""What every fault of the transport is: a name, and a way to deliver an answer badly."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mockserver.faults.options import Option


@dataclass(frozen=True, slots=True)
class TransportFault:
    """A fault that spoils how an answer gets to the client.

    `deliver` takes the connection, the reply and the options by name. `arrives` says
    whether the client sees a status at all; `needs_handler` that the fault spoils
    nothing but time, so that the handler always does its work first.
    """

    name: str
    sees: str
    deliver: Callable[..., Awaitable[None]]
    options: tuple[Option, ...] = ()
    arrives: bool = True
    needs_handler: bool = False
