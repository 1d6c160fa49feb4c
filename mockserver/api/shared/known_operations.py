"""The operations of OpenAI's API, whether this server serves them or not."""

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
