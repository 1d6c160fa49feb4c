"""The contents of files, apart from their records: bytes that no JSON holds."""

DEFAULT_LIMIT = 64 * 2**20
"""How many bytes the contents of a key may have, unless a setting says otherwise."""


class Contents:
    """Contents by the ids of their objects.

    `limit` is how many bytes they may have together, `size` how many they have. Whoever adds one
    asks first whether it fits.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self.size = 0
        self._by_id: dict[str, bytes] = {}

    def get(self, object_id: str) -> bytes | None:
        """Return the content of an object, or None where it has none."""
        return self._by_id.get(object_id)

    def put(self, object_id: str, content: bytes) -> None:
        """Keep the content of an object, in the place of an earlier one."""
        self.drop(object_id)
        self._by_id[object_id] = content
        self.size += len(content)

    def drop(self, object_id: str) -> None:
        """Let the content of an object go, where it has one."""
        self.size -= len(self._by_id.pop(object_id, b""))

    def clear(self) -> None:
        """Let all contents go."""
        self._by_id.clear()
        self.size = 0
