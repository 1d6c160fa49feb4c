"""The README's code blocks, for the tests that run them."""

import re
from pathlib import Path
from typing import NamedTuple

README = (Path(__file__).parent.parent / "README.md").read_text()


class Block(NamedTuple):
    """A block of code, and its language."""

    language: str
    code: str


BLOCKS = [
    Block(*found)
    for found in re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
]


def block(language: str, beginning: str) -> str:
    """Return the one block in a language that has this text in its first lines."""
    [found] = [
        one.code
        for one in BLOCKS
        if one.language == language and beginning in "\n".join(one.code.splitlines()[:3])
    ]
    return found
