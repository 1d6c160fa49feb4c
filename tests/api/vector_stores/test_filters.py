"""Filters: every operator, on attributes of every type; what cannot be a filter."""

from typing import Any

import pytest

from tests.api.conversation import refusal
from tests.api.vector_stores.shelf import STORES, attach, file, search, store
from tests.support import Api

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "us.txt": {"region": "us", "year": 2023, "draft": False},
    "eu.txt": {"region": "eu", "year": 2024, "draft": True},
    "asia.txt": {"region": "asia", "year": 2024.5},
    "none.txt": {},
}


@pytest.fixture
def shelf(api: Api) -> str:
    """Create a store of four files."""
    store_id = store(api)
    for name, attributes in ATTRIBUTES.items():
        attach(api, store_id, file(api, "tea", name), attributes=attributes)
    return store_id


def found(api: Api, store_id: str, **filters: Any) -> list[str]:
    """Return the names of the files that a filter lets through."""
    results = search(api, store_id, "tea", filters=filters)
    return [one["filename"].removesuffix(".txt") for one in results]


@pytest.mark.parametrize(
    ("operator", "key", "value", "names"),
    [
        ("eq", "region", "us", ["us"]),
        ("eq", "year", 2024, ["eu"]),
        ("eq", "year", 2024.0, ["eu"]),
        ("eq", "year", "2024", []),
        ("eq", "draft", False, ["us"]),
        ("eq", "year", True, []),
        ("ne", "region", "us", ["eu", "asia", "none"]),
        ("ne", "draft", True, ["us", "asia", "none"]),
        ("gt", "year", 2023, ["eu", "asia"]),
        ("gt", "year", 2024, ["asia"]),
        ("gte", "year", 2024, ["eu", "asia"]),
        ("lt", "year", 2024, ["us"]),
        ("lt", "year", "2024", []),
        ("lte", "year", 2024, ["us", "eu"]),
        ("gte", "region", "eu", ["us", "eu"]),
        ("gt", "region", ["eu"], []),
        ("in", "region", ["us", "asia"], ["us", "asia"]),
        ("in", "region", "us", ["us"]),
        ("in", "year", [2023, 2024], ["us", "eu"]),
        ("in", "region", [], []),
        ("nin", "region", ["us", "asia"], ["eu", "none"]),
        ("nin", "region", [], ["us", "eu", "asia", "none"]),
    ],
)
def test_an_attribute_is_compared(
    api: Api, shelf: str, operator: str, key: str, value: Any, names: list[str]
) -> None:
    assert found(api, shelf, type=operator, key=key, value=value) == names


def test_filters_are_joined(api: Api, shelf: str) -> None:
    recent = {"type": "gte", "key": "year", "value": 2024}
    european = {"type": "eq", "key": "region", "value": "eu"}
    american = {"type": "eq", "key": "region", "value": "us"}
    western = {"type": "or", "filters": [european, american]}

    assert found(api, shelf, type="and", filters=[recent, western]) == ["eu"]
    assert found(api, shelf, **western) == ["us", "eu"]
    assert found(api, shelf, type="and", filters=[]) == ["us", "eu", "asia", "none"]
    assert found(api, shelf, type="or", filters=[]) == []


def test_changed_attributes_are_filtered_by(api: Api, shelf: str) -> None:
    [one] = search(api, shelf, "tea", filters={"type": "eq", "key": "region", "value": "us"})
    api.post(f"{STORES}/{shelf}/files/{one['file_id']}", {"attributes": {"region": "mars"}})

    assert found(api, shelf, type="eq", key="region", value="us") == []
    assert found(api, shelf, type="eq", key="region", value="mars") == ["us"]


EVERY = "'and', 'or', 'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', and 'nin'"


@pytest.mark.parametrize(
    ("filters", "message", "param", "code"),
    [
        (
            {"type": "like", "key": "a", "value": "b"},
            f"Invalid value: 'like'. Supported values are: {EVERY}.",
            "filters.type",
            "invalid_value",
        ),
        (
            {"key": "a", "value": "b"},
            "Missing required parameter: 'filters.type'.",
            "filters.type",
            "missing_required_parameter",
        ),
        (
            {"type": "eq", "key": "a"},
            "Missing required parameter: 'filters.value'.",
            "filters.value",
            "missing_required_parameter",
        ),
        (
            {"type": "eq", "key": "a", "value": {"b": 1}},
            "Invalid type for 'filters.value': expected one of a string, decimal, boolean, or "
            "array, but got an object instead.",
            "filters.value",
            "invalid_type",
        ),
        (
            {"type": "in", "key": "a", "value": ["b", None]},
            "Invalid type for 'filters.value[1]': expected one of a string, decimal, or boolean, "
            "but got null instead.",
            "filters.value[1]",
            "invalid_type",
        ),
        (
            {"type": "and", "filters": [{"type": "eq", "key": 5, "value": 1}]},
            "Invalid type for 'filters.filters[0].key': expected a string, but got an integer "
            "instead.",
            "filters.filters[0].key",
            "invalid_type",
        ),
        (
            [],
            "Invalid type for 'filters': expected an object, but got an array instead.",
            "filters",
            "invalid_type",
        ),
    ],
)
def test_a_filter_is_checked(api: Api, filters: Any, message: str, param: str, code: str) -> None:
    reply = api.post(f"{STORES}/{store(api)}/search", {"query": "tea", "filters": filters})

    assert refusal(reply) == (400, message, param, code)


def test_a_filter_of_many_levels_is_no_failure(api: Api, shelf: str) -> None:
    filters: dict[str, Any] = {"type": "eq", "key": "region", "value": "us"}
    for _ in range(90):
        filters = {"type": "and", "filters": [filters]}

    assert found(api, shelf, **filters) == ["us"]
