"""A conversation by hand, in as few words as tests need."""

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


def refusal(reply: Reply) -> tuple[int, str, Any, Any]:
    """Return the status of a refusal with its message, param and code."""
    return reply.status, reply.error["message"], reply.error["param"], reply.error["code"]
