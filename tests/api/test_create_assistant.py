"""`POST /v1/assistants`: the response to a valid create, byte for byte."""

import json
import re
from typing import Any

import pytest

from tests.support import Api

RECORDED = """{
  "id": "ID",
  "object": "assistant",
  "created_at": TIME,
  "name": null,
  "description": null,
  "model": "gpt-4o",
  "instructions": null,
  "tools": [],
  "top_p": 1.0,
  "temperature": 1.0,
  "reasoning_effort": null,
  "tool_resources": {},
  "metadata": {},
  "response_format": "auto"
}"""

NULLABLE = (
    "name",
    "description",
    "instructions",
    "tool_resources",
    "metadata",
    "temperature",
    "top_p",
    "response_format",
    "reasoning_effort",
)

FULL: dict[str, Any] = {
    "name": "Math Tutor",
    "description": "Helps with sums",
    "model": "gpt-4o",
    "instructions": "Be kind.\nBe brief.",
    "tools": [{"type": "code_interpreter"}],
    "top_p": 0.5,
    "temperature": 0.25,
    "reasoning_effort": None,
    "tool_resources": {
        "code_interpreter": {"file_ids": ["file-a", "file-b"]},
        "file_search": {"vector_store_ids": ["vs_a"]},
    },
    "metadata": {"b": "2", "a": "1"},
    "response_format": {"type": "text"},
}


def without_id_and_time(body: bytes) -> str:
    text = re.sub(r"asst_[A-Za-z0-9]{24}", "ID", body.decode())
    return re.sub(r"\b\d{10}\b", "TIME", text)


def test_the_smallest_create_returns_the_recorded_bytes(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o"})

    assert without_id_and_time(reply.body) == RECORDED
    assert reply.status == 200
    assert reply.headers["Content-Length"] == "332"
    assert reply.headers["Content-Type"] == "application/json"


def test_every_field_comes_back_in_the_order_of_the_wire(api: Api) -> None:
    reply = api.post("/v1/assistants", dict(reversed(FULL.items())))

    head = {"id": "ID", "object": "assistant", "created_at": 0}
    expected = json.dumps(head | FULL, indent=2).replace('"created_at": 0', '"created_at": TIME')
    # A client's own objects keep the client's order.
    assert without_id_and_time(reply.body) == expected


def test_nulls_for_all_nullable_fields_equal_leaving_them_out(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", **dict.fromkeys(NULLABLE)})

    assert without_id_and_time(reply.body) == RECORDED


@pytest.mark.parametrize("field", NULLABLE)
def test_a_null_equals_leaving_the_field_out(api: Api, field: str) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", field: None})

    assert without_id_and_time(reply.body) == RECORDED


def test_text_beyond_ascii_is_written_raw(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", "name": "Zoë 数学 🧮"})

    assert '"name": "Zoë 数学 🧮"'.encode() in reply.body
    assert int(reply.headers["Content-Length"]) == len(reply.body)


def test_quotes_controls_and_newlines_are_escaped(api: Api) -> None:
    reply = api.post("/v1/assistants", {"model": "gpt-4o", "name": '"\\/\x00\x1f\t\n\b\f'})

    assert rb'"name": "\"\\/\u0000\u001f\t\n\b\f"' in reply.body


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        ("1", "1.0"),
        ("0", "0.0"),
        ("2", "2.0"),
        ("0.5", "0.5"),
        ("0.1", "0.1"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("1e-7", "1e-07"),
        ("0.0000001", "1e-07"),
        ("1.5e-10", "1.5e-10"),
    ],
)
def test_numbers_are_written_as_floats(api: Api, sent: str, written: str) -> None:
    body = f'{{"model":"gpt-4o","temperature":{sent}}}'.encode()

    reply = api.post("/v1/assistants", body)

    assert f'  "temperature": {written},\n'.encode() in reply.body


@pytest.mark.parametrize(
    "number",
    ["1", "-1", "1.0", "1e+16", "1e+22", "1.5e+300", "1e-07", "18446744073709551616", "1" * 300],
)
def test_a_number_in_a_schema_is_echoed_exactly(api: Api, number: str) -> None:
    body = (
        '{"model":"gpt-4o","tools":[{"type":"function","function":'
        f'{{"name":"f","parameters":{{"type":"object","maximum":{number}}}}}}}]}}'
    )

    reply = api.post("/v1/assistants", body.encode())

    assert f'"maximum": {number}\n'.encode() in reply.body


def test_the_bytes_are_those_of_the_standard_library(api: Api) -> None:
    created = api.post("/v1/assistants", FULL)

    assert created.body == json.dumps(created.json, indent=2, ensure_ascii=False).encode()


def test_ids_have_the_recorded_form(api: Api) -> None:
    assert re.fullmatch(r"asst_[A-Za-z0-9]{24}", api.create()["id"])


def test_time_moves_one_second_with_each_create(api: Api) -> None:
    times = [api.create(name=name)["created_at"] for name in "abc"]

    assert times == [1735689600, 1735689601, 1735689602]


def test_the_same_create_again_creates_another_assistant(api: Api) -> None:
    first, second = api.create(name="twin"), api.create(name="twin")

    assert first["id"] != second["id"]
    assert api.get("/v1/assistants").json["data"] == [second, first]


def test_a_model_alias_is_returned_as_it_was_sent(api: Api) -> None:
    assert api.create(model="gpt-4o-2024-08-06")["model"] == "gpt-4o-2024-08-06"


def test_a_get_returns_the_bytes_of_the_create(api: Api) -> None:
    created = api.post("/v1/assistants", FULL)

    assert api.get(f"/v1/assistants/{created.json['id']}").body == created.body
