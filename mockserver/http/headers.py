"""Header fields by name, whatever its case, as HTTP reads them."""

from collections.abc import Iterable, Iterator, Mapping

from multidict import CIMultiDict, CIMultiDictProxy, MultiMapping


class Headers(Mapping[str, str]):
    """The header fields of a request or a response.

    Names have no case. Of a name that came more than once, the values are joined by `", "`: to HTTP
    that is the same header [RFC 9110, 5.3], and a client or a proxy may send either. `getall` has
    each value by itself. Iterating gives each name once, in lower case.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        """`fields` are the fields by name, or pairs of a name and a value, in their order."""
        self._fields: MultiMapping[str]
        if isinstance(fields, CIMultiDictProxy):  # as of each request: a copy would cost time
            self._fields = fields
        else:
            self._fields = CIMultiDict(fields)

    def __getitem__(self, name: str) -> str:
        values = self._fields.getall(name)
        return values[0] if len(values) == 1 else ", ".join(values)

    def getall(self, name: str) -> list[str]:
        """Return every value of a name, in the order in which they came; none is an empty list."""
        return self._fields.getall(name, [])

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(map(str.lower, self._fields)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        theirs = {str(name).lower(): value for name, value in other.items()}
        return dict(self) == theirs

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"
