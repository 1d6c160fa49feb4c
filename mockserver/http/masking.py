"""Masks the credentials in what is shown of a request: its headers, its query, and addresses."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from mockserver.http.credentials import hide

_SECRET_NAME = re.compile(
    r".*(authorization|cookie2?|token|secret|password|passwd|passphrase|credentials?|signature)"
    r"|(.*[-_.])?(auth|sig|pwd|jwt|assertion)"
    r"|.*(api|access|account|auth|client|functions|master|private|secret|shared|signing"
    r"|subscription)[-_.]?key"
)
"""Names of headers and parameters that carry a credential, in lower case. `x-ratelimit-*-tokens`
and `idempotency-key` carry none."""

_SECRET_PARAMETERS = frozenset({"key", "code"})
"""Further names that carry a credential in a query: Google's `?key=`, Azure Functions' `?code=`."""

_PARAMETER_IN_ADDRESS = re.compile(r"(?<=[?&;])([^?&;#\s=]+)=([^&#\s\"'<>]*)")
_USER_INFO = re.compile(r"(?<=//)[^/?#\s]+(?=@)")
_USER_INFO_OF_CONNECT = re.compile(r"^[^/?#\s]+(?=@)")
_SCHEME = re.compile(r"([A-Za-z]{2,20}|AWS4-HMAC-SHA256) +")


@lru_cache(maxsize=1024)
def is_secret_header(name: str) -> bool:
    """Return whether a header of this name, in any case, carries a credential."""
    return _SECRET_NAME.fullmatch(name.lower()) is not None


@lru_cache(maxsize=1024)
def is_secret_parameter(name: str) -> bool:
    """Return whether a parameter of a query carries a credential; its name may be encoded."""
    plain = unquote(name).lower()
    return plain in _SECRET_PARAMETERS or _SECRET_NAME.fullmatch(plain) is not None


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with their credentials masked."""
    return {name: mask_header(name, value) for name, value in headers.items()}


def mask_header(name: str, value: str) -> str:
    """Return the value of a header with its credentials masked.

    The scheme of an `Authorization`, the names of cookies and their attributes are kept.
    """
    if not is_secret_header(name):
        return mask_address(value)
    lower = name.lower()
    if lower == "set-cookie":
        cookie, semicolon, attributes = value.partition(";")
        return _mask_cookie(cookie) + semicolon + attributes
    if "cookie" in lower:
        return "; ".join(map(_mask_cookie, value.split(";")))
    scheme = _SCHEME.match(value) if lower.endswith(("auth", "authorization")) else None
    kept = scheme[0] if scheme else ""
    return kept + hide(value[len(kept) :])


def mask_path(path: str) -> str:
    """Return the path of a request line, or the address that CONNECT has there, masked."""
    if "=" not in path and "@" not in path:  # as a rule
        return path
    return mask_address(_USER_INFO_OF_CONNECT.sub(_stars, path))


def mask_query(query: str) -> str:
    """Return a query string with the values of its credentials masked."""
    return "&".join(map(_mask_parameter, query.split("&")))


def mask_address(text: str) -> str:
    """Return a text with the credentials masked that are in addresses: `http://NAME:PASSWORD@…`."""
    if "=" not in text and "@" not in text:
        return text
    return _PARAMETER_IN_ADDRESS.sub(
        lambda found: _mask_parameter(found[0]), _USER_INFO.sub(_stars, text)
    )


def mask_part(part: str, name: str, value: Any) -> Any:
    """Return a value of a request, or one that a condition compares it with, as it may be shown.

    `part` and `name` are where it stands: `headers` and `authorization`, say. The items of a list
    and the operands of operators are masked one by one; what is no text has no credential.
    """
    if isinstance(value, list):
        return [mask_part(part, name, item) for item in value]
    if isinstance(value, dict):
        return {key: mask_part(part, name, item) for key, item in value.items()}
    if part == "body" or not isinstance(value, str):
        return value
    if part == "headers":
        return mask_header(name, value)
    return hide(value) if part == "query" and is_secret_parameter(name) else mask_path(value)


def _mask_cookie(cookie: str) -> str:
    name, equals, value = cookie.strip().partition("=")
    return f"{name}={hide(value)}" if equals else hide(name)


def _mask_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if is_secret_parameter(name):
        return name + equals + hide(value)
    # Some clients part parameters by a semicolon.
    first, semicolon, rest = parameter.partition(";")
    return _USER_INFO.sub(_stars, first) + semicolon + (_mask_parameter(rest) if rest else "")


def _stars(found: re.Match[str]) -> str:
    return "*" * len(found[0])
