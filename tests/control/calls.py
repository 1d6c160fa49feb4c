"""Calls that the tests of the control API share."""

from typing import Any

from tests.support import Api, Reply

EPOCH = 1735689600
YAML = "application/yaml"


def everyone(api: Api) -> Api:
    """Return a client without a key, whose calls act on the whole server."""
    return Api(api.url, None)


def answering(text: str, **more: Any) -> dict[str, Any]:
    """Return a stub that answers `listModels` with a text."""
    return {"when": {"operation": "listModels"}, "then": {"json": text}, **more}


def answered(api: Api) -> Any:
    return api.get("/v1/models").json


def put(api: Api, what: str, body: object, **more: Any) -> Reply:
    return api.request("PUT", f"/_mock/{what}", body, **more)


def journal(api: Api, query: str = "") -> list[Any]:
    requests: list[Any] = api.get(f"/_mock/requests{query}").json["requests"]
    return requests


def named(api: Api) -> list[str]:
    return [stub["name"] for stub in api.get("/_mock/stubs").json["stubs"]]


def flaky(times: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "flaky",
        "when": {"operation": "createAssistant", "body": {"name": "Flaky"}},
        "then": {"fault": "overloaded"},
        "times": times,
        **more,
    }
