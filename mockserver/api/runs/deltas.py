"""The deltas of a stream: the pieces that texts, code and the arguments of functions come in."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from mockserver.api.shared.results import Object

_WORD = re.compile(r"\s*\S+|\s+")
_TOKEN = re.compile(r"\w+|\W{1,2}", re.ASCII)


def pieces(text: str, deltas: str | int | None) -> Iterator[str]:
    """Yield a text in pieces: words, characters, or so many characters each."""
    if deltas in (None, "words"):
        return (found[0] for found in _WORD.finditer(text))
    size = deltas if isinstance(deltas, int) else 1
    return (text[at : at + size] for at in range(0, len(text), size))


def tokens(text: str) -> Iterator[str]:
    """Yield code or JSON in small pieces."""
    return (found[0] for found in _TOKEN.finditer(text))


def text_deltas(
    text: Object, quotes: list[str], how: str | int | None, images: Sequence[Object] = ()
) -> Iterator[Object]:
    """Yield the deltas of a text; each annotation is a delta of its own, with its mark.

    An annotation shows a quote there alone [recorded]. The images in front of the text come first,
    one delta for each.
    """
    for index, image in enumerate(images):
        yield {"content": [{"index": index, **image}]}
    at_part = len(images)
    value, annotations = text["value"], text["annotations"]
    end = annotations[0]["start_index"] if annotations else len(value)
    texts = pieces(value[:end], how)
    for first in islice(texts, 1):
        yield _text({"value": first, "annotations": []}, at_part)
    for piece in texts:
        yield _text({"value": piece}, at_part)
    for at, (annotation, quote) in enumerate(zip(annotations, quotes, strict=True)):
        cited = annotation["file_citation"] | {"quote": quote}
        shown = {"index": at, **annotation, "file_citation": cited}
        yield _text({"value": annotation["text"], "annotations": [shown]}, at_part)


def _text(text: Object, index: int) -> Object:
    return {"content": [{"index": index, "type": "text", "text": text}]}


def refusal_deltas(text: str, how: str | int | None) -> Iterator[Object]:
    """Yield the deltas of a refusal."""
    for piece in pieces(text, how):
        yield {"content": [{"index": 0, "type": "refusal", "refusal": piece}]}


def said(delta: Object) -> str:
    """Return the piece of text in a delta of a message."""
    [part] = delta["content"]
    if part["type"] == "image_file":
        return ""
    return str(part["refusal"] if part["type"] == "refusal" else part["text"]["value"])


def cut_short(content: Any, text: str) -> list[Object]:
    """Return the content of a message of which only the beginning was said."""
    shown: list[Object] = []
    for part in content:
        if part["type"] == "image_file":
            shown.append(part)
        elif part["type"] == "refusal":
            shown.append(part | {"refusal": text})
        elif part["type"] == "text":
            annotations = part["text"]["annotations"]
            kept = [one for one in annotations if one["end_index"] <= len(text)]
            shown.append(part | {"text": {"value": text, "annotations": kept}})
    return shown if text else []


def function_deltas(calls: list[Object]) -> Iterator[Object]:
    """Yield the deltas of function calls: each with its name, then its arguments in pieces."""
    for at, call in enumerate(calls):
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        begun = {"name": name, "arguments": "", "output": None}
        yield _tool_call({"index": at, "id": call["id"], "type": "function", "function": begun})
        for piece in tokens(arguments):
            function = {"arguments": piece}
            yield _tool_call({"index": at, "type": "function", "function": function})


def code_deltas(call: Object) -> Iterator[Object]:
    """Yield the deltas of code: its input in pieces, then its outputs."""
    kind, code = "code_interpreter", call["code_interpreter"]
    begun = {"input": "", "outputs": []}
    yield _tool_call({"index": 0, "id": call["id"], "type": kind, kind: begun})
    for piece in tokens(code["input"]):
        yield _tool_call({"index": 0, "type": kind, kind: {"input": piece}})
    for at, output in enumerate(code["outputs"]):
        shown = {"outputs": [{"index": at, **output}]}
        yield _tool_call({"index": 0, "type": kind, kind: shown})


def search_deltas(call: Object) -> Iterator[Object]:
    """Yield the one delta of a search, which has no results yet."""
    search = {"ranking_options": call["file_search"]["ranking_options"], "results": []}
    yield _tool_call({"index": 0, "id": call["id"], "type": "file_search", "file_search": search})


def _tool_call(call: Object) -> Object:
    return {"step_details": {"type": "tool_calls", "tool_calls": [call]}}
