"""`say` and `refuse`: a message of the assistant, with its step."""

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag

from mockserver.api.runs.deltas import refusal_deltas, text_deltas
from mockserver.api.runs.items.item import ScriptItem, Words, read_words
from mockserver.api.runs.records import searches_of
from mockserver.api.shared.message_content import shown_image, shown_text
from mockserver.api.shared.results import Object
from mockserver.api.shared.validation import Strict
from mockserver.api.shared.wrong import KIND

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback


class Citation(Strict):
    """A file that a text cites, by its id or its name."""

    file: str
    quote: str | None = None


def _is_list(value: Any) -> str | None:
    if isinstance(value, list):
        return "files"
    return "first" if value is None or isinstance(value, bool) else None


Cited = Annotated[
    Annotated[bool | None, Tag("first")] | Annotated[list[Citation], Tag("files")],
    Discriminator(
        _is_list,
        custom_error_type=KIND,
        custom_error_message="not what a text cites",
        custom_error_context={"remedy": "write true, or a list of files: [{file: tips.md}]"},
    ),
]


class Say(Words):
    """A message; what it cites is marked behind its text."""

    cite: Cited = Field(
        default=None,
        description="true cites the first file that a search of this run found; a list says which",
    )


def _say(playback: "Playback", value: Object) -> None:
    text, cited = value["text"], value.get("cite") or []
    found = _found_files(playback)
    if cited is True:
        if not found:
            playback.fail("cites a file, but no search of this run found one")
            return
        cited = [{"file": next(iter(found))}]
    annotations = []
    for at, citation in enumerate(cited):
        file = playback.find_file(citation["file"], found)
        if file is None:
            playback.fail(f"cites {citation['file']}, a file that is not there")
            return
        file_id, name = file
        mark = f"【4:{at}†{name}】"
        annotations.append(
            {
                "type": "file_citation",
                "text": mark,
                "start_index": len(text),
                "end_index": len(text) + len(mark),
                "file_citation": {"file_id": file_id},
            }
        )
        text += mark
    part = shown_text(text)
    part["text"]["annotations"] = annotations
    quotes = [citation.get("quote") or "" for citation in cited]
    images = [shown_image(file_id) for file_id in playback.script.get("images") or ()]
    playback.script["images"] = []
    deltas = partial(text_deltas, part["text"], quotes, value.get("deltas"), images)
    playback.open_message([*images, part], text, deltas, value.get("delay"))


def _found_files(playback: "Playback") -> dict[str, str]:
    """Return the names of the files that the searches of this run found, by id."""
    results = [
        result
        for step in playback.steps()
        for search in searches_of(step.get("step_details"))
        for result in search["results"]
        if isinstance(result, dict)
    ]
    return {str(one.get("file_id")): str(one.get("file_name")) for one in results}


def _refuse(playback: "Playback", value: Object) -> None:
    text = value["text"]
    deltas = partial(refusal_deltas, text, value.get("deltas"))
    part = {"type": "refusal", "refusal": text}
    playback.open_message([part], text, deltas, value.get("delay"))


SAY = ScriptItem(
    "say",
    "writes a message; with `cite` it cites a file",
    'say: "It is sunny."',
    Say,
    _say,
    read=read_words,
    written=str | Say,
    beside=("deltas", "delay", "cite"),
)
REFUSE = ScriptItem(
    "refuse",
    "writes a message that is a refusal",
    'refuse: "I cannot help with that."',
    Words,
    _refuse,
    read=read_words,
    written=str | Words,
    beside=("deltas", "delay"),
)
