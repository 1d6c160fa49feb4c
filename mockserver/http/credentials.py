"""API keys: where a request has its key, and how a key is masked."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache

from multidict import istr

AUTHORIZATION = istr("Authorization")


def find(headers: Mapping[str, str], *, azure: bool) -> str | None:
    """Return the API key of a request, or None where it has none.

    The key comes as `Authorization: Bearer KEY`, or as the password of Basic without a user name;
    with `azure`, also as `api-key: KEY`.
    """
    if azure and (key := headers.get("api-key", "").strip()):
        return key
    return _from_authorization(headers.get(AUTHORIZATION, ""))


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
    """Return whether a key is well formed: visible ASCII characters, with spaces between them.

    OpenAI's own SDKs are tested with the key `My API Key`.
    """
    return key.isascii() and key.isprintable()


def mask(key: str) -> str:
    """Return a key as the service shows it: its first 8 characters and its last 4 [recorded].

    A key of at most 12 characters is not masked.
    """
    key = key.encode("ascii", "replace").decode()
    return key if len(key) <= 12 else key[:8] + "*" * (len(key) - 12) + key[-4:]


def hide(key: str) -> str:
    """Return a key masked for logs and the journal: a short key shows its first 3 characters."""
    key = key.encode("ascii", "replace").decode()
    shown = mask(key) if len(key) > 12 else key[:3]
    return shown.ljust(len(key), "*")


def _password(value: str) -> str:
    try:
        name, _, password = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return "" if name else password
