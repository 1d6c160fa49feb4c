"""`/v1/models`, and the parameters that each model allows."""

import json
from typing import Any

import pytest

from tests.conftest import Start
from tests.support import Api


def test_the_list_has_neither_cursors_nor_has_more(api: Api) -> None:
    reply = api.get("/v1/models")

    assert reply.status == 200
    assert list(reply.json) == ["object", "data"]
    assert reply.json["object"] == "list"
    assert {"gpt-4o", "o3-mini", "gpt-4.1"} <= {model["id"] for model in reply.json["data"]}
    assert reply.body == json.dumps(reply.json, indent=2, ensure_ascii=False).encode()


def test_every_model_of_the_list_can_be_retrieved(api: Api) -> None:
    models = api.get("/v1/models").json["data"]

    assert [api.get(f"/v1/models/{model['id']}").json for model in models] == models


def test_a_model_has_the_recorded_keys(api: Api) -> None:
    model = api.get("/v1/models/gpt-4o").json

    assert list(model) == ["id", "object", "created", "owned_by"]
    assert (model["id"], model["object"]) == ("gpt-4o", "model")


def test_models_need_no_beta_header(api: Api) -> None:
    assert api.get("/v1/models", headers={"OpenAI-Beta": None}).status == 200
    assert api.get("/v1/models/gpt-4o", headers={"OpenAI-Beta": None}).status == 200


def test_an_unknown_model_is_not_found(api: Api) -> None:
    reply = api.get("/v1/models/gpt-nope")

    assert reply.status == 404
    assert reply.error == {
        "message": "The model 'gpt-nope' does not exist",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


@pytest.mark.parametrize(
    ("fields", "message", "param", "code"),
    [
        (
            {"model": "gpt-nope"},
            "The requested model 'gpt-nope' does not exist.",
            "model",
            "model_not_found",
        ),
        (
            {"model": "gpt-5-mini"},
            "The requested model 'gpt-5-mini' cannot be used with the Assistants API.",
            "model",
            "unsupported_model",
        ),
        (
            {"model": "gpt-3.5-turbo-0301"},
            "The requested model 'gpt-3.5-turbo-0301' cannot be used with the Assistants API.",
            "model",
            "unsupported_model",
        ),
        (
            {"model": "o3-mini", "temperature": 1},
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "model",
            "unsupported_model",
        ),
        (
            {"model": "o1", "top_p": 0.5},
            "Unsupported parameter: 'top_p' is not supported with this model.",
            "model",
            "unsupported_model",
        ),
        (
            {"model": "gpt-4o", "reasoning_effort": "low"},
            "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
            "reasoning_effort",
            "unsupported_parameter",
        ),
    ],
)
def test_a_create_that_the_model_does_not_allow_is_refused(
    api: Api, fields: dict[str, Any], message: str, param: str, code: str
) -> None:
    reply = api.post("/v1/assistants", fields)

    assert reply.status == 400
    assert reply.error == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }


def test_a_reasoning_model_has_medium_effort_by_default(api: Api) -> None:
    assert api.create(model="o3-mini")["reasoning_effort"] == "medium"


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", "high", "xhigh", "max"])
def test_a_reasoning_model_accepts_every_effort(api: Api, effort: str) -> None:
    assert api.create(model="o3-mini", reasoning_effort=effort)["reasoning_effort"] == effort


@pytest.mark.parametrize("fields", [{}, {"temperature": None, "top_p": None}])
def test_a_reasoning_model_shows_a_temperature_and_a_top_p_of_one(
    api: Api, fields: dict[str, Any]
) -> None:
    created = api.create(model="o3-mini", **fields)

    assert b'"top_p": 1.0,\n  "temperature": 1.0,\n  "reasoning_effort": "medium"' in (
        api.get(f"/v1/assistants/{created['id']}").body
    )


@pytest.mark.parametrize(
    "model",
    [
        *("gpt-5", "gpt-5.1", "gpt-5.2-codex", "gpt-5-pro-2025-10-06"),
        *("o1-mini", "o1-preview", "o3", "o3-pro", "o4-mini-deep-research"),
        *("gpt-4o-realtime-preview", "gpt-4o-audio-preview-2024-12-17", "chatgpt-4o-latest"),
        *("gpt-4o-mini-tts", "gpt-realtime-mini", "gpt-image-1", "gpt-3.5-turbo-instruct"),
        *("text-embedding-3-small", "omni-moderation-latest", "dall-e-3", "whisper-1", "tts-1-hd"),
        *("davinci-002", "text-davinci-003", "gpt-oss-120b", "computer-use-preview"),
        "ft:davinci-002:acme::abc",
    ],
)
def test_a_model_that_exists_for_something_else_cannot_be_used(api: Api, model: str) -> None:
    reply = api.post("/v1/assistants", {"model": model})

    assert reply.status == 400
    assert reply.error == {
        "message": f"The requested model '{model}' cannot be used with the Assistants API.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "unsupported_model",
    }


@pytest.mark.parametrize("model", ["gpt-4oo", "gpt-6-nope", "gpt-5x", "ft:", "ft:nope:acme", "4o"])
def test_a_model_that_nobody_has_heard_of_does_not_exist(api: Api, model: str) -> None:
    reply = api.post("/v1/assistants", {"model": model})

    assert reply.error["message"] == f"The requested model '{model}' does not exist."
    assert reply.error["code"] == "model_not_found"


def test_a_fine_tuned_model_is_as_its_base(api: Api) -> None:
    name = "ft:gpt-4o-mini-2024-07-18:acme::abc123"

    assert api.create(model=name, temperature=0.5)["model"] == name
    assert api.get(f"/v1/models/{name}").json["id"] == name


def test_a_family_is_retrieved_by_name_and_is_not_listed(api: Api) -> None:
    assert api.get("/v1/models/gpt-5.2-codex").json["id"] == "gpt-5.2-codex"
    assert "gpt-5.2-codex" not in {model["id"] for model in api.get("/v1/models").json["data"]}


def test_a_server_for_any_model_accepts_every_name(start: Start) -> None:
    api = start(any_model=True)

    assert api.create(model="my-own-model")["model"] == "my-own-model"
    assert api.create(model="gpt-5-mini")["model"] == "gpt-5-mini"
    assert api.create(model="gpt-5.2-codex")["reasoning_effort"] == "medium"
    assert api.get("/v1/models/my-own-model").json["id"] == "my-own-model"


def test_a_server_for_any_model_still_checks_everything_else(start: Start) -> None:
    reply = start(any_model=True).post("/v1/assistants", {"model": "mine", "temperature": 3})

    assert reply.error["param"] == "temperature"
