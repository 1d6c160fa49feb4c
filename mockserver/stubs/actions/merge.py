"""Deep merge, as patches and the bodies of faults do it."""

from typing import Any


def merge(value: Any, patch: Any) -> Any:
    """Return `value` with `patch` merged in: objects key by key.

    Null is a value like any other, and arrays are replaced whole.
    """
    if not isinstance(value, dict) or not isinstance(patch, dict):
        return patch
    return value | {key: merge(value.get(key), inner) for key, inner in patch.items()}
