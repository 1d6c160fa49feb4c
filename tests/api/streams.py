"""A client of streams by hand: it splits events at a blank line, and can stop at any of them."""

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.api.conversation import FUNCTIONS, THREADS
from tests.support import Api

TOOLS: list[Any] = [*FUNCTIONS, {"type": "code_interpreter"}, {"type": "file_search"}]


class Heard(NamedTuple):
    """One event: its name, and its data, parsed unless it is no JSON."""

    name: str
    data: Any


def parse(event: bytes) -> Heard:
    """Return an event of two lines."""
    name, data = event.decode().split("\n")
    assert name.startswith("event: ")
    assert data.startswith("data: ")
    text = data.removeprefix("data: ")
    is_json = text.startswith("{")
    return Heard(name.removeprefix("event: "), json.loads(text) if is_json else text)


def split(body: bytes) -> list[Heard]:
    """Return the events of a whole stream."""
    assert body.endswith(b"\n\n")
    return [parse(event) for event in body.removesuffix(b"\n\n").split(b"\n\n")]


class Listening:
    """A stream that is read event by event."""

    def __init__(
        self, api: Api, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        self._connection = HTTPConnection(urlsplit(api.url).netloc, timeout=10)
        given = {
            "Authorization": f"Bearer {api.key}",
            "OpenAI-Beta": "assistants=v2",
            "Content-Type": "application/json",
            **(headers or {}),
        }
        self._connection.request("POST", path, json.dumps(body), given)
        self.response: HTTPResponse = self._connection.getresponse()

    def __enter__(self) -> "Listening":
        return self

    def __exit__(self, *error: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Close the connection, whether the stream is over or not."""
        self.response.close()
        self._connection.close()

    def next(self) -> Heard:
        """Return the next event."""
        lines = b""
        while not lines.endswith(b"\n\n"):
            line = self.response.readline()
            assert line, f"the stream ended inside an event: {lines!r}"
            lines += line
        return parse(lines.removesuffix(b"\n\n"))

    def until(self, name: str) -> list[Heard]:
        """Return the events up to the first of this name."""
        heard = [self.next()]
        while heard[-1].name != name:
            heard.append(self.next())
        return heard

    def rest(self) -> list[Heard]:
        """Return the events up to the last."""
        return self.until("done")


# ── A conversation ───────────────────────────────────────────────────────────────


def script(api: Api, *items: Any, **when: Any) -> None:
    """Add a stub that gives runs a script."""
    stub = {"then": {"run": list(items)}, **({"when": when} if when else {})}
    reply = api.post("/_mock/stubs", stub)
    assert reply.status == 200, reply.body


def assistant(api: Api, **fields: Any) -> str:
    """Create an assistant with all tools, and return its id."""
    return str(api.create(name="Math Tutor", tools=TOOLS, **fields)["id"])


def streamed(api: Api, path: str, body: Any) -> list[Heard]:
    """Post a body, and return the events of the response."""
    reply = api.post(path, body)
    assert (reply.status, reply.headers["Content-Type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
    return split(reply.body)


def begin(api: Api, thread_id: str, *items: Any, **fields: Any) -> tuple[str, Any]:
    """Return the path and the body of a streamed run that follows a script."""
    if items:
        script(api, *items)
    return f"{THREADS}/{thread_id}/runs", {
        "assistant_id": assistant(api),
        "stream": True,
        **fields,
    }


def names(heard: list[Heard]) -> Iterator[str]:
    """Yield the names of events without `thread.`; deltas that follow each other are one."""
    before = ""
    for event in heard:
        name = event.name.removeprefix("thread.")
        if name != before or not name.endswith("delta"):
            yield name
        before = name


def data(heard: list[Heard], name: str) -> list[Any]:
    """Return the data of the events of one name."""
    return [event.data for event in heard if event.name == f"thread.{name}"]


def submit(waiting: Any, *texts: str) -> tuple[str, Any]:
    """Return the path and the body that submit outputs to a run, as a stream."""
    calls = waiting["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [
        {"tool_call_id": call["id"], "output": text}
        for call, text in zip(calls, texts, strict=True)
    ]
    path = f"{THREADS}/{waiting['thread_id']}/runs/{waiting['id']}/submit_tool_outputs"
    return path, {"tool_outputs": outputs, "stream": True}
