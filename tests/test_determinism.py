"""Equal requests get equal responses: in any order, with any key, on any server."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Start
from tests.support import Api, Reply

Summary = tuple[int, tuple[tuple[str, str], ...], bytes]

TOOLS = [{"type": "file_search"}, {"type": "function", "function": {"name": "f"}}]
STORE = {"file_search": {"vector_stores": [{"metadata": {"a": "b"}}]}}


def summary(reply: Reply) -> Summary:
    headers = tuple((name, value) for name, value in reply.headers.items() if name != "Date")
    return reply.status, headers, reply.body


def mixed_requests(api: Api) -> Iterator[Reply]:
    """Send 200 requests, valid and not, some of them again and again."""
    for n in range(20):
        created = api.post("/v1/assistants", {"model": "gpt-4o", "name": str(n % 7)})
        path = f"/v1/assistants/{created.json['id']}"
        yield created
        yield api.post("/v1/assistants", {"model": "gpt-4o", "tool_resources": STORE})
        yield api.post("/v1/assistants", {"model": "gpt-nope", "name": str(n)})
        yield api.post("/v1/assistants", {"model": "gpt-4o", "temperature": n})
        yield api.post("/v1/assistants", b"{" * (n % 3 + 1))
        yield api.post(path, {"metadata": {"n": str(n)}, "tools": TOOLS})
        yield api.get(path)
        yield api.get(f"/v1/assistants?limit={n}")
        yield api.delete(path) if n % 2 else api.get("/v1/assistants/asst_nothing")
        yield api.get("/v1/assistants", headers={"OpenAI-Beta": None})


def run(api: Api) -> list[Summary]:
    return [summary(reply) for reply in mixed_requests(api)]


def ids(api: Api) -> list[str]:
    return [item["id"] for item in api.get("/v1/assistants").json["data"]]


def test_two_servers_send_the_same_bytes(start: Start) -> None:
    first, second = run(start(seed=7)), run(start(seed=7))

    assert len(first) == 200
    assert first == second


def test_two_keys_of_one_server_get_the_same_responses(start: Start) -> None:
    api = start()

    assert run(api) == run(replace(api, key="sk-another-and-much-longer-one"))


def test_requests_of_other_keys_make_no_difference(start: Start) -> None:
    quiet, busy = start(), start()

    alone = run(quiet)
    among_others = []
    for reply in mixed_requests(busy):
        among_others.append(summary(reply))
        replace(busy, key="sk-noise").post("/v1/assistants", {"model": "gpt-4o"})

    assert alone == among_others


def test_another_seed_gives_other_ids(start: Start) -> None:
    one, two = start(seed=1), start(seed=2)
    run(one)
    run(two)

    assert not set(ids(one)) & set(ids(two))
    first, second = [api.get("/v1/models").headers["x-request-id"] for api in (one, two)]
    assert first != second


# ── In any order ─────────────────────────────────────────────────────────────────

DISTINCT: list[dict[str, Any]] = [
    {"model": "gpt-4o" if n % 3 else "gpt-nope", "name": f"assistant {n}"} for n in range(200)
]


@pytest.mark.parametrize("step", [199, 73], ids=["backwards", "mixed"])
def test_the_order_of_arrival_makes_no_difference(start: Start, step: int) -> None:
    in_order, crowded = start(clock="frozen"), start(clock="frozen")
    expected = [summary(in_order.post("/v1/assistants", body)) for body in DISTINCT]

    order = [n * step % 200 for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        replies = pool.map(lambda n: summary(crowded.post("/v1/assistants", DISTINCT[n])), order)
        got = dict(zip(order, replies, strict=True))

    assert {status for status, _, _ in expected} == {200, 400}
    assert [got[n] for n in range(200)] == expected


def test_parallel_equal_creates_get_the_same_set_of_ids(start: Start) -> None:
    in_order, crowded = start(clock="frozen"), start(clock="frozen")
    expected = [in_order.create()["id"] for _ in range(32)]

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda _: crowded.create()["id"], range(32)))

    assert sorted(got) == sorted(expected)
    assert len(set(got)) == 32


# ── The same request, written otherwise ──────────────────────────────────────────

PLAIN: dict[str, Any] = {
    "model": "gpt-4o",
    "name": "ñ",
    "temperature": 1.0,
    "metadata": {"a": "1", "b": "2"},
    "tools": [{"type": "file_search", "file_search": {"max_num_results": 2}}],
}


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(PLAIN, indent=4).encode(),
        json.dumps(PLAIN, separators=(",", ":"), ensure_ascii=False).encode(),
        json.dumps(dict(reversed(PLAIN.items()))).encode(),
        json.dumps({**PLAIN, "metadata": {"b": "2", "a": "1"}}).encode(),
        json.dumps({**PLAIN, "temperature": 1}).encode(),
        json.dumps({**PLAIN, "instructions": None}).encode(),
        json.dumps({**PLAIN, "top_p": None, "description": None, "response_format": None}).encode(),
        json.dumps(
            {
                **PLAIN,
                "tools": [
                    {
                        "file_search": {"ranking_options": None, "max_num_results": 2},
                        "type": "file_search",
                    }
                ],
            }
        ).encode(),
    ],
)
def test_an_equal_request_in_other_bytes_gets_the_same_id(api: Api, body: bytes) -> None:
    plain = api.post("/v1/assistants", PLAIN)

    otherwise = replace(api, key=f"{api.key}-otherwise").post("/v1/assistants", body)

    assert otherwise.json["id"] == plain.json["id"]
    assert otherwise.headers["x-request-id"] == plain.headers["x-request-id"]


def test_a_null_and_a_missing_field_are_the_same_request(api: Api) -> None:
    other = replace(api, key=f"{api.key}-other")
    first = [api.create(), api.create(name=None)]
    second = [other.create(description=None), other.create(metadata=None, temperature=None)]

    assert [item["id"] for item in first] == [item["id"] for item in second]
    assert first[0]["id"] != first[1]["id"]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "b"},
        {"description": "a"},
        {"model": "gpt-4o-mini"},
        {"temperature": 0.5},
        {"metadata": {"a": "b"}},
        {"tools": [{"type": "code_interpreter"}]},
    ],
)
def test_another_request_gets_another_id(api: Api, fields: dict[str, Any]) -> None:
    other = replace(api, key=f"{api.key}-other")

    assert api.create(name="a")["id"] != other.create(**{"name": "a", **fields})["id"]


# ── What fails ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "refused",
    [
        {"body": b"{"},
        {"body": {"model": "gpt-4o", "name": 5}},
        {"body": {"model": "gpt-nope"}},
        {"body": {"model": "gpt-5-mini"}},
        {"body": {"model": "gpt-4o", "reasoning_effort": "low"}},
        {
            "body": {
                "model": "gpt-4o",
                "tools": [{"type": "file_search"}],
                "tool_resources": STORE,
                "response_format": {"type": "json_object"},
            }
        },
        {"body": {"model": "gpt-4o"}, "headers": {"OpenAI-Beta": None}},
    ],
)
def test_a_failed_request_uses_up_no_id(api: Api, refused: dict[str, Any]) -> None:
    fresh = replace(api, key=f"{api.key}-fresh")
    for _ in range(3):
        assert 400 <= api.post("/v1/assistants", **refused).status < 500

    assert api.create() == fresh.create()
    assert api.create(tool_resources=STORE) == fresh.create(tool_resources=STORE)


def test_a_create_that_failed_before_gets_the_first_id(start: Start) -> None:
    # On Azure's mount every model exists, so the same request succeeds there.
    api, fresh = start(), start()
    body = {"model": "my-deployment"}
    assert api.post("/v1/assistants", body).status == 400

    late = api.post("/openai/v1/assistants", body)

    assert late.body == fresh.post("/openai/v1/assistants", body).body
