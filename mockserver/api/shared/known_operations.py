"""The operations of OpenAI's API, whether this server serves them or not."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from mockserver import shipped_data


class KnownOperation(NamedTuple):
    """One operation of OpenAI's API, by operationId. `path` has ids in braces, and no mount."""

    operation_id: str
    method: str
    path: str

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path."""
        return tuple(self.path.strip("/").split("/"))


@cache
def known_operations() -> dict[str, KnownOperation]:
    """Return the operations of `fixtures/operations.yaml`, by operationId."""
    return {
        operation_id: KnownOperation(operation_id, *text.split(" ", 1))
        for operation_id, text in shipped_data.load("operations.yaml").items()
    }


def no_such_operation(name: str, served: Sequence[str]) -> tuple[str, str]:
    """Return what is wrong with a name that is none of the operations served, and the remedy."""
    known = known_operations().get(name)
    if known is not None:
        remedy = f"match it by method: {known.method} and path: /v1{known.path}"
        return f"this mock does not serve {name}", remedy
    close = get_close_matches(name, served, 2)
    return f"no such operation: {name}", f"use {' or '.join(close) or ', '.join(served)}"
