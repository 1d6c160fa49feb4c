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
from mockserver.api.vector_stores.found import Asked, expired, find, uses
from mockserver.api.vector_stores.records import STORES
from mockserver.state import ids

if TYPE_CHECKING:
    from mockserver.api.runs.engine import Playback

DEFAULT_SCORE = 0.5
DEFAULT_RESULTS = 20
"""How many results a search has at most, unless the tool says so [documentation]."""


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
        description="what it finds, each with file_name, text, score; without it, what the vector "
        "stores of the run have",
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
    given = value.get("results")
    past = expired(playback.namespace, playback.searched()[1]) if given is None else None
    if past is not None:
        playback.fail(f"searches the vector store {past}, which has expired")
        return
    results = (
        _searched(playback, tool) if given is None else [_shown(playback, one) for one in given]
    )
    search = {
        "ranking_options": {name: ranking.get(name) for name in ("ranker", "score_threshold")},
        "results": results,
    }
    call = {"id": playback.new_id("tool_call"), "type": "file_search", "file_search": search}
    texts = [part["text"] for one in results for part in one["content"]]
    details = {"type": "tool_calls", "tool_calls": [call]}
    playback.add_step(details, usage.tokens(*texts), partial(search_deltas, call))


def _searched(playback: "Playback", tool: Object) -> list[Object]:
    """Return what a search for the newest question finds in the stores and files of the run."""
    options = tool.get("file_search")
    ranking = options.get("ranking_options") if isinstance(options, dict) else None
    most = options.get("max_num_results") if isinstance(options, dict) else None
    threshold = ranking.get("score_threshold") if isinstance(ranking, dict) else None
    question, store_ids, file_ids = playback.searched()
    for store in uses(playback.namespace, store_ids):
        playback.touch(STORES, "", store)
    asked = Asked([question], None, most or DEFAULT_RESULTS, threshold or 0.0)
    return [
        {
            "file_id": one.file_id,
            "file_name": one.filename,
            "score": one.score,
            "attributes": one.attributes,
            "content": [{"type": "text", "text": one.text}],
        }
        for one in find(playback.namespace, store_ids, asked, file_ids)
    ]


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
    "searches the vector stores of the run, or finds the `results` that it has",
    "search: {results: [{file_name: tips.md, text: Breathe.}]}",
    Search,
    _play,
    needs_value=False,
)
