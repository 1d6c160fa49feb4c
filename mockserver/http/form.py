"""A form: the fields of a multipart body, and the files among them."""

import re
from collections.abc import Iterable
from typing import Any

from mockserver.http import json_codec

MAX_NESTING = 5
"""How many brackets in the name of a field are read as places inside it: `a[b][c]`."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INSIDE = re.compile(r"\[([^\[\]]*)\]")


class FilePart:
    """A file that was sent in a form.

    `content_type` is what the client says of it, empty where it says nothing. `sha256` is the hash
    of its content, in hexadecimal digits.
    """

    __slots__ = ("content", "content_type", "filename", "sha256")

    def __init__(self, filename: str, content_type: str, content: bytes, sha256: str) -> None:
        self.filename = filename
        self.content_type = content_type
        self.content = content
        self.sha256 = sha256

    def shown(self) -> dict[str, Any]:
        """Return what stubs and the journal see of it."""
        return {
            "filename": self.filename,
            "content_type": self.content_type,
            "bytes": len(self.content),
            "sha256": self.sha256,
        }

    def meaning(self) -> dict[str, Any]:
        """Return what makes it this file: not its type, which clients guess in different ways."""
        return {"filename": self.filename, "sha256": self.sha256}


def meaning(part: Any) -> dict[str, Any]:
    """Return what counts of a part of a valid form."""
    return part.meaning() if isinstance(part, FilePart) else vars(part)


Field = tuple[str, str | FilePart]
"""The name and the value of a field."""


class Form:
    """The fields of a form, each a text, a `FilePart`, or a list where its name is repeated.

    Names with brackets are places inside: `expires_after[anchor]` is `{"expires_after":
    {"anchor": …}}`, and `ids[]` an item of a list.
    """

    __slots__ = ("values",)

    def __init__(self, fields: Iterable[Field]) -> None:
        self.values: dict[str, Any] = {}
        for name, value in fields:
            _put(self.values, _steps(name), name, value)

    def encoded(self) -> bytes:
        """Return the form as JSON, each file by its description.

        The bytes are equal for equal forms, whatever the boundary and the order of the fields.
        """
        return json_codec.canonical(self.values, default=FilePart.shown)


def _steps(name: str) -> list[str]:
    """Return the steps that a name leads through; a name that is not of this form is one."""
    found = _NAME.fullmatch(name)
    if found is None:
        return [name]
    steps = [found[1], *_INSIDE.findall(found[2])]
    return steps if len(steps) <= MAX_NESTING + 1 else [name]


def _put(values: dict[str, Any], steps: list[str], name: str, value: str | FilePart) -> None:
    is_item = len(steps) > 1 and steps[-1] == ""
    *around, last = steps[:-1] if is_item else steps
    holder = values
    for step in around:
        inside = holder.setdefault(step, {})
        if not isinstance(inside, dict):  # `a` and `a[b]`: one of them is no place
            holder, last = values, name
            break
        holder = inside
    known = holder.get(last)
    if known is None:
        holder[last] = [value] if is_item else value
    elif isinstance(known, list):
        known.append(value)
    else:
        holder[last] = [known, value]
