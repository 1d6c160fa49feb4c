"""`search`: a step of file_search, with the results that it found."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from mockserver.api.runs import usage
from mockserver.api.runs.deltas import search_deltas
from mockserver.api.runs.items.item import ScriptItem
from mockserver.api.shared.results import Object
from mockserver.api.shared.tools import FileSearchTool
from mockserver.api.shared.validation import Strict
from mockserver.state import ids

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

DEFAULT_SCORE = 0.5


class Found(Strict):
    """A piece of a file that a search found. A file without an id gets one from its name."""

    file_name: Annotated[str, Field(min_length=1)]
    file_id: str | None = Field(default=None, description="that of a stored file, or of the name")
    text: str = Field(default="", description="the piece of the file that was found")
    score: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="how well it fits, from 0 to 1; 0.5 unless said"
    )
    attributes: dict[str, str | float | bool] | None = None


class Search(Strict):
    """What a search finds."""

    results: list[Found] | None = Field(
        default=None,
        description="what it finds, each with file_name, text, score; without it, nothing",
    )


def _play(playback: "Playback", value: Object) -> None:
    tool = playback.tool("file_search")
    if tool is None:
        playback.fail("searches files, but the run has no tool file_search")
        return
    options = tool.get("file_search")
    ranking = options.get("ranking_options") if isinstance(options, dict) else None
    if not isinstance(ranking, dict):
        ranking = FileSearchTool(type="file_search").echo()["file_search"]["ranking_options"]
    results = [_shown(playback, one) for one in value.get("results") or ()]
    search = {
        "ranking_options": {name: ranking.get(name) for name in ("ranker", "score_threshold")},
        "results": results,
    }
    call = {"id": playback.new_id("tool_call"), "type": "file_search", "file_search": search}
    texts = [part["text"] for one in results for part in one["content"]]
    details = {"type": "tool_calls", "tool_calls": [call]}
    playback.add_step(details, usage.tokens(*texts), partial(search_deltas, call))


def _shown(playback: "Playback", found: Object) -> Object:
    """Return a result as a step shows it [recorded]."""
    name, score, text = found["file_name"], found.get("score"), found.get("text", "")
    stored = {known: file_id for file_id, known in playback.stored_files().items()}
    return {
        "file_id": found.get("file_id") or stored.get(name) or _id_of(playback, name),
        "file_name": name,
        "score": DEFAULT_SCORE if score is None else score,
        "attributes": found.get("attributes") or {},
        "content": [{"type": "text", "text": text}],
    }


def _id_of(playback: "Playback", name: str) -> str:
    """Return an id that every run gives a file of this name."""
    return ids.FORMATS["file"](
        ids.digest(playback.seed, b"file", name.encode("utf-8", "replace")), 0
    )


SEARCH = ScriptItem(
    "search",
    "searches files: a step with the results that it gives",
    "search: {results: [{file_name: tips.md, text: Breathe.}]}",
    Search,
    _play,
    needs_value=False,
)
