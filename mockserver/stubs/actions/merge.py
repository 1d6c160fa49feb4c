"""Deep merge, for patches and the bodies of faults."""

from typing import Any


def merge(value: Any, patch: Any) -> Any:
    """Return `value` with `patch` merged into it, objects key by key.

    Null and arrays replace the previous value.
    """
    if not isinstance(value, dict) or not isinstance(patch, dict):
        return patch
    return value | {key: merge(value.get(key), inner) for key, inner in patch.items()}
