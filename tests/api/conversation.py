"""A conversation by hand, in as few words as tests need."""

import re
from typing import Any

from tests.support import Api, Reply

THREADS = "/v1/threads"
NOT_SET: dict[str, Any] = {"code_interpreter": {"file_ids": []}}


def posted(api: Api, path: str, body: Any = None) -> Any:
    """Post a body that is accepted, and return the object of the response."""
    reply = api.post(path, {} if body is None else body)
    assert reply.status == 200, reply.body
    return reply.json


def thread(api: Api, *texts: str, **fields: Any) -> str:
    """Create a thread with messages of the user, and return its id."""
    messages = [{"role": "user", "content": text} for text in texts]
    return str(posted(api, THREADS, {"messages": messages, **fields})["id"])


def run(api: Api, thread_id: str, **fields: Any) -> Any:
    """Create a run of a new assistant in a thread."""
    fields.setdefault("assistant_id", api.create(name="Math Tutor")["id"])
    return posted(api, f"{THREADS}/{thread_id}/runs", fields)


def read(api: Api, run: Any) -> Any:
    """Read a run, which moves it on."""
    return api.get(path_of(run)).json


def path_of(run: Any) -> str:
    """Return the path of a run."""
    return f"{THREADS}/{run['thread_id']}/runs/{run['id']}"


def play(api: Api, run: Any, *items: dict[str, Any]) -> None:
    """Have a run that was just created follow these items."""
    state = api.get("/_mock/state").json
    for one in state["runs"]:
        if one["id"] == run["id"]:
            one["script"] |= {"items": list(items), "eager": False}
    assert api.request("PUT", "/_mock/state", state).status == 200


def stub(api: Api, then: Any, when: Any = None, **more: Any) -> str:
    """Add a stub, and return its id."""
    reply = api.post("/_mock/stubs", {"when": when or {}, "then": then, **more})
    assert reply.status == 200, reply.body
    return str(reply.json["stubs"][0]["id"])


def script(api: Api, *items: Any, **when: Any) -> None:
    """Have runs follow a script: those that `when` says, or all."""
    stub(api, {"run": list(items)}, when)


def ask(api: Api, *texts: str, tools: Any = (), **fields: Any) -> Any:
    """Create a run that answers the last of these texts, in a thread of its own."""
    assistant = api.create(name="Math Tutor", tools=list(tools))["id"]
    return run(api, thread(api, *texts or ["Hello?"]), assistant_id=assistant, **fields)


def play_out(api: Api, run: Any) -> Any:
    """Read a run until it has ended or waits for outputs, and return it."""
    for _ in range(50):
        run = read(api, run)
        if run["status"] not in ("queued", "in_progress", "cancelling"):
            return run
    raise AssertionError("it never ended")


def submit(api: Api, run: Any, *texts: Any) -> Any:
    """Submit the outputs that a run waits for, in the order of its calls."""
    outputs = {"tool_outputs": outputs_of(run, *texts)}
    return posted(api, f"{path_of(run)}/submit_tool_outputs", outputs)


def said(api: Api, run: Any) -> list[str]:
    """Return what the assistant said in the thread of a run, oldest first."""
    listed = api.get(f"{THREADS}/{run['thread_id']}/messages?order=asc&limit=100").json["data"]
    parts = [part for one in listed if one["role"] == "assistant" for part in one["content"]]
    return [
        part["refusal"] if part["type"] == "refusal" else part["text"]["value"] for part in parts
    ]


def answer(api: Api, *texts: str, **more: Any) -> str:
    """Ask, and return what the run said once it has completed."""
    ended = play_out(api, ask(api, *texts, **more))
    assert ended["status"] == "completed", ended["last_error"]
    return "\n".join(said(api, ended))


def steps_of(api: Api, run: Any, query: str = "") -> Any:
    """Return the steps of a run, oldest first."""
    return api.get(f"{path_of(run)}/steps?order=asc{query}").json["data"]


def refusal(reply: Reply) -> tuple[int, str, Any, Any]:
    """Return the status of a refusal with its message, param and code."""
    return reply.status, reply.error["message"], reply.error["param"], reply.error["code"]


# ── Runs ─────────────────────────────────────────────────────────────────────────

KEYS = (
    *("id", "object", "created_at", "assistant_id", "thread_id", "status", "started_at"),
    *("expires_at", "cancelled_at", "failed_at", "completed_at", "required_action", "last_error"),
    *("model", "instructions", "tools", "tool_resources", "metadata", "temperature", "top_p"),
    *("reasoning_effort", "max_completion_tokens", "max_prompt_tokens", "truncation_strategy"),
    *("incomplete_details", "usage", "response_format", "tool_choice", "parallel_tool_calls"),
)
STEP_KEYS = (
    *("id", "object", "created_at", "run_id", "assistant_id", "thread_id", "type", "status"),
    *("cancelled_at", "completed_at", "expires_at", "failed_at", "last_error", "step_details"),
    "usage",
)
FUNCTIONS = [
    {"type": "function", "function": {"name": name}} for name in ("get_weather", "get_time")
]
CALLS = {
    "call": {
        "calls": [
            {"name": "get_weather", "arguments": '{"city":"Paris"}'},
            {"name": "get_time", "arguments": "{}"},
        ]
    }
}


def say(text: str) -> dict[str, Any]:
    return {"say": {"text": text}}


def waiting(api: Api) -> Any:
    """Create a run that waits for the outputs of two calls, and read it until it does."""
    assistant = api.create(name="Math Tutor", tools=FUNCTIONS)["id"]
    created = run(api, thread(api, "Weather?"), assistant_id=assistant)
    play(api, created, CALLS, say("Sunny."))
    assert [read(api, created)["status"] for _ in range(2)] == ["in_progress", "requires_action"]
    return read(api, created)


def outputs_of(run: Any, *texts: Any) -> list[dict[str, Any]]:
    calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    return [
        {"tool_call_id": call["id"], "output": text}
        for call, text in zip(calls, texts, strict=False)
    ]


# ── Layouts ──────────────────────────────────────────────────────────────────────


def laid_out(reply: Reply, layout: str, run: Any = None, **shown: str) -> None:
    """Assert that a response has this layout, to the byte; each `<name>` is null if not given."""
    if run is not None:
        names = {"run": "id", "thread": "thread_id", "assistant": "assistant_id"}
        shown |= {name: f'"{run[key]}"' for name, key in names.items()}
    expected = layout
    while (found := re.search("<([a-z_]+)>", expected)) is not None:
        expected = expected.replace(found[0], shown.get(found[1], "null"))
    assert (reply.status, reply.body.decode()) == (200, expected)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Content-Length"] == str(len(expected.encode()))
