"""Assistants of fixtures, which exist from the start."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.api.shared.known_models import any_model
from mockserver.loading.compile import compile_document
from mockserver.loading.read_document import read
from tests.conftest import Start
from tests.loading.objects.problems import problems
from tests.support import Api

START = 1735689600


def listed(api: Api) -> list[dict[str, Any]]:
    data: list[dict[str, Any]] = api.get("/v1/assistants?limit=100").json["data"]
    return data


def test_a_fixed_object_exists_from_the_first_request(start: Start, file: Path) -> None:
    file.write_text(
        "objects: {assistants: [{id: asst_tutor, model: gpt-4o, name: Tutor, created_at: 5}]}"
    )
    found = start(fixtures=(str(file),)).get("/v1/assistants/asst_tutor")

    assert found.status == 200
    assert found.json["name"] == "Tutor"
    assert found.json["created_at"] == 5
    assert list(found.json)[:3] == ["id", "object", "created_at"]


def test_every_key_has_objects_of_its_own(start: Start, file: Path) -> None:
    file.write_text("objects: {assistants: [{id: asst_tutor, model: gpt-4o}]}")
    one = start(fixtures=(str(file),))
    other = Api(one.url, "sk-other")
    one.delete("/v1/assistants/asst_tutor")

    assert one.get("/v1/assistants/asst_tutor").status == 404
    assert other.get("/v1/assistants/asst_tutor").status == 200


def test_repeated_objects_differ_and_are_the_same_on_another_server(
    start: Start, file: Path
) -> None:
    file.write_text(
        "objects: {assistants: [{repeat: 40, model: gpt-4o, name: '{{ fake.uuid4 }}'}]}"
    )
    here, there = (listed(start(fixtures=(str(file),), seed=3)) for _ in range(2))
    other = listed(start(fixtures=(str(file),), seed=4))

    assert len({item["id"] for item in here}) == 40
    assert len({item["name"] for item in here}) == 40
    assert here == there
    assert not {item["name"] for item in here} & {item["name"] for item in other}


@pytest.mark.parametrize(("written", "created_at"), [(-3600, START - 3600), (0, 0), (7, 7)])
def test_a_negative_time_counts_back_from_the_clocks_start(
    start: Start, file: Path, written: int, created_at: int
) -> None:
    file.write_text(f"objects: {{assistants: [{{model: gpt-4o, created_at: {written}}}]}}")

    [found] = listed(start(fixtures=(str(file),)))
    assert found["created_at"] == created_at


def test_an_object_does_not_move_the_clock(start: Start, file: Path) -> None:
    file.write_text("objects: {assistants: [{repeat: 5, model: gpt-4o}]}")

    assert start(fixtures=(str(file),)).create()["created_at"] == START


@pytest.mark.parametrize(
    ("entry", "place", "words"),
    [
        ("name: x", "", "Missing required parameter: 'model'"),
        ("model: gpt-nine", ".model", "does not exist"),
        ("model: gpt-4o, temperature: 3", ".temperature", "Expected a value <= 2"),
        ("model: gpt-4o, nam: x", ".nam", "Unknown parameter: 'nam'"),
        ("model: gpt-4o, name: 5", ".name", "expected a string"),
        ("model: gpt-4o, tools: [{type: x}]", ".tools[0].type", "Invalid value: 'x'"),
        ("model: gpt-4o, metadata: {a: 5}", ".metadata.a", "expected a string"),
        ("model: gpt-4o, id: thread_1", ".id", "not an assistant id"),
        ("model: gpt-4o, id: 5", ".id", "not an assistant id"),
        ("model: gpt-4o, repeat: 0", ".repeat", "not a number of objects"),
        ("model: gpt-4o, repeat: true", ".repeat", "not a number of objects"),
        ("model: gpt-4o, repeat: 1000000", ".repeat", "not a number of objects"),
        ("model: gpt-4o, created_at: x", ".created_at", "not a time"),
        ("model: gpt-4o, id: asst_1, repeat: 2", ".id", "cannot share an id"),
        ("model: gpt-4o, name: '{{ request.body.name }}'", ".name", "unknown expression"),
        ("model: gpt-4o, name: '{{ fake.compani }}'", ".name", "no provider `compani`"),
    ],
)
def test_what_the_api_would_refuse_is_reported_at_its_field(
    entry: str, place: str, words: str
) -> None:
    [problem] = problems(f"objects:\n  assistants:\n    - {{model: gpt-4o}}\n    - {{{entry}}}\n")

    assert problem.line == 4
    assert problem.place.startswith("objects.assistants[1]" + place)
    assert words in problem.what
    assert problem.remedy


def test_a_duplicate_id_is_reported_with_the_place_of_the_first() -> None:
    text = (
        "objects:\n  assistants:\n  - {id: asst_1, model: gpt-4o}\n  - {id: asst_1, model: gpt-4o}"
    )

    [problem] = problems(text)
    assert (problem.line, problem.place) == (4, "objects.assistants[1].id")
    assert "objects.assistants[0]" in problem.what


def test_any_model_is_accepted_if_the_server_accepts_any() -> None:
    document = read(b"objects: {assistants: [{model: mine}]}", "f", as_json=False)

    [assistant] = compile_document(document, any_model()).objects
    assert assistant.own.repeat == 1
