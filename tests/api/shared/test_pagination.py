"""`limit`, `order`, `after` and `before`."""

import pytest

from tests.conftest import Start
from tests.support import Api


def make(api: Api, count: int) -> list[str]:
    return [api.create(name=str(n))["id"] for n in range(count)]


def page(api: Api, query: str) -> tuple[list[str], bool]:
    reply = api.get(f"/v1/assistants?{query}")
    assert reply.status == 200, reply.body
    return [item["id"] for item in reply.json["data"]], reply.json["has_more"]


def walk(api: Api, query: str) -> list[str]:
    """Page through a list as the official clients do, and return the ids."""
    ids, more = page(api, query)
    while more:
        next_ids, more = page(api, f"{query}&after={ids[-1]}")
        ids += next_ids
    return ids


def test_limit_is_the_maximum_length_of_a_page(api: Api) -> None:
    a, b, c = make(api, 3)

    assert page(api, "limit=2") == ([c, b], True)
    assert page(api, "limit=3") == ([c, b, a], False)
    assert page(api, "limit=100") == ([c, b, a], False)


def test_order_asc_reverses_the_list(api: Api) -> None:
    a, b, c = make(api, 3)

    assert page(api, "order=asc") == ([a, b, c], False)
    assert page(api, "order=desc") == ([c, b, a], False)
    assert page(api, "order=asc&limit=2") == ([a, b], True)


def test_a_page_with_after_starts_behind_that_object(api: Api) -> None:
    a, b, c = make(api, 3)

    assert page(api, f"after={c}") == ([b, a], False)
    assert page(api, f"after={c}&limit=1") == ([b], True)
    assert page(api, f"order=asc&after={a}") == ([b, c], False)
    assert page(api, f"after={a}") == ([], False)


def test_a_page_with_before_ends_ahead_of_that_object(api: Api) -> None:
    a, b, c = make(api, 3)

    assert page(api, f"before={a}") == ([c, b], False)
    assert page(api, f"order=asc&before={c}") == ([a, b], False)
    assert page(api, f"before={c}") == ([], False)


def test_after_and_before_select_the_objects_between_them(api: Api) -> None:
    a, b, c, d = make(api, 4)

    assert page(api, f"after={d}&before={a}") == ([c, b], False)
    assert page(api, f"order=asc&after={a}&before={d}") == ([b, c], False)


@pytest.mark.parametrize("limit", [1, 3, 20])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_all_pages_together_have_every_object_once(api: Api, limit: int, order: str) -> None:
    created = make(api, 25)

    walked = walk(api, f"limit={limit}&order={order}")

    assert walked == (created if order == "asc" else created[::-1])


def test_a_page_can_have_a_hundred_objects(api: Api) -> None:
    created = make(api, 101)

    assert page(api, "limit=100") == (created[:0:-1], True)


def test_objects_of_one_second_keep_the_order_of_their_creation(start: Start) -> None:
    api = start(clock="frozen")
    created = make(api, 7)

    assert walk(api, "limit=2&order=asc") == created
    assert walk(api, "limit=2") == created[::-1]
    times = {item["created_at"] for item in api.get("/v1/assistants").json["data"]}
    assert times == {1735689600}


def test_paging_continues_when_another_object_is_created_meanwhile(api: Api) -> None:
    a, b, _ = make(api, 3)
    first, _ = page(api, "limit=1")
    make(api, 1)

    assert page(api, f"after={first[-1]}") == ([b, a], False)


def test_unknown_parameters_of_the_query_are_ignored(api: Api) -> None:
    created = make(api, 1)

    assert page(api, "foo=bar&api-version=1") == (created, False)


TOO_SMALL = "integer below minimum value. Expected a value >= 1, but got"
TOO_LARGE = "integer above maximum value. Expected a value <= 100, but got"
NO_INTEGER = "Invalid type for 'limit': expected an integer, but got a string instead."
ORDERS = "Supported values are: 'asc' and 'desc'."
CHARACTERS = (
    "Expected an ID that contains letters, numbers, underscores, or dashes, "
    "but this value contained additional characters."
)


@pytest.mark.parametrize(
    ("query", "message", "param", "code"),
    [
        ("limit=0", f"Invalid 'limit': {TOO_SMALL} 0 instead.", "limit", "integer_below_min_value"),
        (
            "limit=-1",
            f"Invalid 'limit': {TOO_SMALL} -1 instead.",
            "limit",
            "integer_below_min_value",
        ),
        (
            "limit=101",
            f"Invalid 'limit': {TOO_LARGE} 101 instead.",
            "limit",
            "integer_above_max_value",
        ),
        ("limit=abc", NO_INTEGER, "limit", "invalid_type"),
        ("limit=", NO_INTEGER, "limit", "invalid_type"),
        ("limit=1.5", NO_INTEGER, "limit", "invalid_type"),
        ("order=foo", f"Invalid value: 'foo'. {ORDERS}", "order", "invalid_value"),
        ("order=DESC", f"Invalid value: 'DESC'. {ORDERS}", "order", "invalid_value"),
        ("order=", f"Invalid value: ''. {ORDERS}", "order", "invalid_value"),
        (
            "after=foo",
            "Invalid 'after': 'foo'. Expected an ID that begins with 'asst'.",
            "after",
            "invalid_value",
        ),
        (
            "before=run_1",
            "Invalid 'before': 'run_1'. Expected an ID that begins with 'asst'.",
            "before",
            "invalid_value",
        ),
        ("after=asst_a:b", f"Invalid 'after': 'asst_a:b'. {CHARACTERS}", "after", "invalid_value"),
        (
            "before=asst_a%20b",
            f"Invalid 'before': 'asst_a b'. {CHARACTERS}",
            "before",
            "invalid_value",
        ),
        (
            "limit=0&order=foo",
            f"Invalid 'limit': {TOO_SMALL} 0 instead.",
            "limit",
            "integer_below_min_value",
        ),
    ],
)
def test_an_invalid_query_is_refused(
    api: Api, query: str, message: str, param: str, code: str
) -> None:
    reply = api.get(f"/v1/assistants?{query}")

    assert reply.status == 400
    assert reply.error == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }


@pytest.mark.parametrize("cursor", ["after", "before"])
def test_a_cursor_that_names_no_object_is_not_found(api: Api, cursor: str) -> None:
    reply = api.get(f"/v1/assistants?{cursor}=asst_abc")

    assert reply.status == 404
    assert reply.error["message"] == "No assistant found with id 'asst_abc'."


def test_a_loop_can_delete_the_objects_it_pages_through(api: Api) -> None:
    a, b, c = (api.create()["id"] for _ in range(3))
    api.delete(f"/v1/assistants/{b}")

    assert page(api, f"after={b}") == ([a], False)
    assert page(api, f"before={b}") == ([c], False)


@pytest.mark.parametrize(
    ("limit", "code"), [("9" * 20, "integer_above_max_value"), ("%D9%A5", "invalid_type")]
)
def test_a_limit_of_plain_digits_is_a_number_of_any_length(api: Api, limit: str, code: str) -> None:
    assert api.get(f"/v1/assistants?limit={limit}").error["code"] == code
