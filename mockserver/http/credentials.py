"""API keys: where a request has its key, and how a key is shown to people."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache


def find(headers: Mapping[str, str], *, azure: bool) -> str | None:
    """Give the API key of a request, or None where it has none.

    `Authorization: Bearer KEY`, or Basic with the key as its password and no name;
    on the Azure mounts `api-key: KEY` too.
    """
    if azure and (key := headers.get("api-key", "").strip()):
        return key
    return _from_authorization(headers.get("Authorization", ""))


@lru_cache(maxsize=1024)
def _from_authorization(header: str) -> str | None:
    scheme, _, value = header.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "bearer":
        return value or None
    if scheme.lower() == "basic":
        return _password(value) or None
    return None


@lru_cache(maxsize=1024)
def is_well_formed(key: str) -> bool:
    """Tell whether this could be a key at all: visible ASCII, nothing between."""
    return key.isascii() and key.isprintable() and " " not in key


def mask(key: str) -> str:
    """Show a key as the service does: its first 8 characters and its last 4 [recorded].

    A key that is no longer than that is shown whole.
    """
    key = key.encode("ascii", "replace").decode()
    return key if len(key) <= 12 else key[:8] + "*" * (len(key) - 12) + key[-4:]


def hide(key: str) -> str:
    """Show a key in a log or a journal: enough to tell it from another, and no more."""
    key = key.encode("ascii", "replace").decode()
    shown = mask(key) if len(key) > 12 else key[:3]
    return shown.ljust(len(key), "*")


def mask_header(value: str) -> str:
    """Show a header that holds a key: its scheme, and the key masked."""
    scheme, space, key = value.rpartition(" ")
    return f"{scheme}{space}{hide(key)}"


def _password(value: str) -> str:
    try:
        name, _, password = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return "" if name else password
