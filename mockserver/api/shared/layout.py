"""How the responses of one family of operations differ from those of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Layout:
    """What responses with JSON have: further headers, the bytes that end their bodies.

    `has_detail` says whether an error has its message and code a second time, under `detail`.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    ending: bytes = b""
    has_detail: bool = False


PLAIN = Layout()

UPLOADS_LAYOUT = Layout(
    {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "CF-Ray"}, b"\n"
)
"""The layout of uploads [recorded]."""

FILES_LAYOUT = Layout(UPLOADS_LAYOUT.headers, b"\n", has_detail=True)
"""The layout of files [recorded]."""
