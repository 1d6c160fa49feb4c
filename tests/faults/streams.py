"""A client of broken streams, on a raw socket."""

from typing import Any

from tests.api.conversation import THREADS, thread
from tests.api.streams import begin, names, split
from tests.faults.raw import Line, Seen, request_bytes
from tests.support import Api

HEADER = "X-Mock-Fault"
TEXT = "Grüße aus Rom"
WHOLE = (
    *("run.created", "run.queued", "run.in_progress", "run.step.created", "run.step.in_progress"),
    *("message.created", "message.in_progress", "message.delta", "message.completed"),
    *("run.step.completed", "run.completed", "done"),
)


def see(api: Api, fault: str | None = None, *items: Any, timeout: float = 0.4, **more: Any) -> Seen:
    """Return what a socket sees of a streamed run with a fault in its header."""
    path, body = begin(api, thread(api, "a"), *(items or ({"say": TEXT},)), **more)
    with Line(api.url) as line:
        headers = {} if fault is None else {HEADER: fault}
        line.send(request_bytes(str(api.key), body, headers, f"POST {path}"))
        return line.see(timeout)


def content(seen: Seen) -> bytes:
    """Return the body without its chunks, whose last may be cut."""
    found, rest = b"", seen.body
    while rest and not rest.startswith(b"0\r\n"):
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        found, rest = found + rest[:length], rest[length + 2 :]
    return found


def is_whole(seen: Seen) -> bool:
    """Return whether a stream ended as it should: with a last, empty chunk."""
    return seen.body.endswith(b"\r\n0\r\n\r\n")


def events(seen: Seen) -> list[str]:
    return list(names(split(content(seen))))


def entry(api: Api) -> Any:
    """Return the journal's entry of the newest run."""
    return api.get("/_mock/requests?operation=createRun").json["requests"][0]


def run_of(api: Api) -> str:
    [run] = api.get("/_mock/state").json["runs"]
    return f"{THREADS}/{run['thread_id']}/runs/{run['id']}"
