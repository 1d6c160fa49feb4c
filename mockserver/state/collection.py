"""A collection: the encoded objects of one kind."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

_SEQUENCE_BITS = 40


class Collection:
    """Encoded objects by id, ordered by creation time and, within a second, by arrival.

    Objects are bytes because the garbage collector traverses dictionaries: with a hundred thousand
    of them every hundredth response is slow. `has_contents` says whether its objects are files:
    a deleted file takes its content along.
    """

    # A thread has several collections, so each has as little as can be that is traversed.
    __slots__ = ("_arrivals", "_ids", "_ranks", "_records", "has_contents")

    def __init__(self) -> None:
        self.has_contents = False
        self._records: dict[str, bytes] = {}
        self._ranks: dict[str, int] = {}
        # Sorted by rank: with a bisection a page costs the same wherever it starts.
        self._ids: list[str] = []
        self._arrivals = 0

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, object_id: str) -> bool:
        return object_id in self._records

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids, oldest first."""
        return iter(self._ids)

    def __reversed__(self) -> Iterator[str]:
        """Iterate over the ids, newest first."""
        return reversed(self._ids)

    def records(self) -> Iterator[bytes]:
        """Iterate over the encoded objects, oldest first."""
        return (self._records[object_id] for object_id in self._ids)

    def get(self, object_id: str) -> bytes | None:
        """Return the encoded object, or None where there is none of this id."""
        return self._records.get(object_id)

    def put(self, object_id: str, created_at: int, encoded: bytes) -> None:
        """Store an object that was created at `created_at`, in seconds since 1970.

        An object of the same id and time is replaced, and keeps its place in the order.
        """
        known = object_id in self._records
        self._records[object_id] = encoded
        rank = self._ranks.get(object_id) if known else None
        if rank is not None:
            if rank >> _SEQUENCE_BITS == created_at:
                return
            self._remove_rank(rank)
        rank = (created_at << _SEQUENCE_BITS) + self._arrivals
        self._arrivals += 1
        self._ranks[object_id] = rank
        if not self._ids or self._ranks[self._ids[-1]] < rank:  # the usual case: the newest so far
            self._ids.append(object_id)
        else:
            self._ids.insert(self._place(rank), object_id)

    def rewrite(self, object_id: str, old: bytes, new: bytes) -> None:
        """Replace `old` by `new` in an encoded object."""
        self._records[object_id] = self._records[object_id].replace(old, new)

    def delete(self, object_id: str) -> bool:
        """Delete an object; return whether it was here."""
        if self._records.pop(object_id, None) is None:
            return False
        self._remove_rank(self._ranks[object_id])
        return True

    def created_at(self, object_id: str) -> int | None:
        """Return the creation time of an object, in seconds, or None where it was never here."""
        rank = self._ranks.get(object_id)
        return None if rank is None else rank >> _SEQUENCE_BITS

    def has_had(self, object_id: str) -> bool:
        """Return whether an object is or was here: both are valid cursors."""
        return object_id in self._ranks

    def page(
        self,
        *,
        limit: int,
        newest_first: bool = True,
        after: str | None = None,
        before: str | None = None,
        keep: Callable[[bytes], bool] | None = None,
    ) -> tuple[list[str], bool]:
        """Return the ids of one page, in order, and whether there are more beyond it.

        `after` and `before` are ids of objects that are or were here. They are not on the page.
        With `before` alone the page ends just ahead of that object. `keep` says of an encoded
        object whether it is on the list at all.

        Raises:
            KeyError: `after` or `before` is not the id of an object that is or was here.
        """
        first, last = 0, len(self._ids)
        low, high = (before, after) if newest_first else (after, before)
        if low is not None:
            first = bisect_right(self._ids, self._ranks[low], key=self._ranks.__getitem__)
        if high is not None:
            last = self._place(self._ranks[high])
        listed = self._ids
        if keep is not None:
            listed = [id_ for id_ in listed[first : max(last, first)] if keep(self._records[id_])]
            first, last = 0, len(listed)
        size = max(last - first, 0)
        from_the_end = newest_first != (before is not None and after is None)
        if from_the_end:
            ids = listed[max(last - limit, first) : last]
        else:
            ids = listed[first : min(first + limit, last)]
        if newest_first:
            ids.reverse()
        return ids, size > limit

    def _remove_rank(self, rank: int) -> None:
        del self._ids[self._place(rank)]

    def _place(self, rank: int) -> int:
        """Return the place of a rank among those of the ids."""
        return bisect_left(self._ids, rank, key=self._ranks.__getitem__)
