"""The catalogue of errors, the envelope, and the names of errors in the code."""

import ast
import json
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

import mockserver
from mockserver.api.shared import schema_rules
from mockserver.api.shared.errors import ApiError, ErrorEntry, Source, error_catalogue, quoted_list
from mockserver.faults.catalogue import error_faults

ENTRIES = [pytest.param(name, entry, id=name) for name, entry in error_catalogue().items()]


def placeholders(entry: ErrorEntry) -> list[tuple[str, str, str | None]]:
    """Return each placeholder's name, format and conversion."""
    parts = Formatter().parse(entry.message)
    return [(name, form or "", how) for _, name, form, how in parts if name is not None]


# ── The catalogue ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_an_entry_has_a_source(name: str, entry: ErrorEntry) -> None:
    assert entry.source in get_args(Source)


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_an_entry_is_an_error_with_a_text(name: str, entry: ErrorEntry) -> None:
    assert 400 <= entry.status <= 599
    assert entry.form in {"api", "gateway", "azure"}
    assert entry.message == entry.message.strip() != ""


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_placeholders_are_plain_names(name: str, entry: ErrorEntry) -> None:
    for field, form, conversion in placeholders(entry):
        assert field.isidentifier()
        assert (form, conversion) == ("", None)


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_an_entry_becomes_an_envelope(name: str, entry: ErrorEntry) -> None:
    values: dict[str, Any] = {
        field: "{x}" for field, _, _ in placeholders(entry) if field != "param"
    }
    error = ApiError(name, param="tools[0]", **values)

    envelope = json.loads(error.body())
    assert list(envelope) == ["error"]
    message = entry.message.format(param="tools[0]", **values)
    assert envelope["error"] == (
        {"code": entry.code, "message": message}
        if entry.form == "azure"
        else {
            "message": message,
            "type": entry.type,
            "param": "tools[0]",
            "code": entry.code,
        }
    )
    assert error.status == entry.status


# ── The three layouts ──────────────────────────────────────────────────────────────


def test_azure_writes_a_code_and_a_message_on_one_line() -> None:
    assert ApiError("azure_not_found").body() == (
        b'{"error":{"code":"404","message":"Resource not found"}}'
    )


def test_the_api_writes_two_spaces_and_no_final_newline() -> None:
    assert ApiError("unknown_parameter", param="naem").body().decode() == (
        "{\n"
        '  "error": {\n'
        '    "message": "Unknown parameter: \'naem\'.",\n'
        '    "type": "invalid_request_error",\n'
        '    "param": "naem",\n'
        '    "code": "unknown_parameter"\n'
        "  }\n"
        "}"
    )


def test_the_gateway_writes_four_spaces_and_a_final_newline() -> None:
    assert ApiError("invalid_api_key", key="sk-é").body().decode() == (
        "{\n"
        '    "error": {\n'
        '        "message": "Incorrect API key provided: sk-é. You can find your API key at '
        'https://platform.openai.com/account/api-keys.",\n'
        '        "type": "invalid_request_error",\n'
        '        "param": null,\n'
        '        "code": "invalid_api_key"\n'
        "    }\n"
        "}\n"
    )


def test_an_entry_may_fix_its_param() -> None:
    assert ApiError("model_not_found", model="gpt-9").param == "model"


def test_an_error_carries_the_headers_it_was_given() -> None:
    error = ApiError("method_not_supported", allowed="GET", headers={"Allow": "GET"})

    assert error.headers == {"Allow": "GET"}
    assert ApiError("not_json").headers == {}


def test_the_text_of_an_error_is_its_message() -> None:
    assert str(ApiError("assistant_not_found", id="asst_1")) == (
        "No assistant found with id 'asst_1'."
    )


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (("a",), "'a'"),
        (("a", "b"), "'a' and 'b'"),
        (("a", "b", "c"), "'a', 'b', and 'c'"),
    ],
)
def test_lists_are_written_as_the_service_does(values: tuple[str, ...], written: str) -> None:
    assert quoted_list(values, "and") == written


# ── Code and catalogue ───────────────────────────────────────────────────────────

PACKAGE = Path(mockserver.__file__).parent
NODES = [node for path in PACKAGE.rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]

STRINGS = {
    node.value for node in NODES if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
COMPOSED = {
    f"{number}_{bound}"
    for number in ("decimal", "integer")
    for bound in {"above_maximum", "below_minimum"} & STRINGS
} | {
    f"{owner}_schema_{kind}"
    for owner in ("function", "format")
    for kind in get_args(schema_rules.Kind)
}
"""Names that the code composes of two parts."""


def raised_by_name() -> dict[str, list[ast.Call]]:
    """Return every call `ApiError("name", …)` of the package, by name."""
    found: dict[str, list[ast.Call]] = {}
    for node in NODES:
        match node:
            case ast.Call(func=ast.Name("ApiError"), args=[ast.Constant(str(name))]):
                found.setdefault(name, []).append(node)
    return found


CALLS = [
    pytest.param(name, call, id=f"{name}-{number}")
    for name, calls in sorted(raised_by_name().items())
    for number, call in enumerate(calls, 1)
]


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_an_error_that_code_names_is_in_the_catalogue(name: str, call: ast.Call) -> None:
    assert name in error_catalogue()


@pytest.mark.parametrize(("name", "call"), CALLS)
def test_an_error_gets_a_value_for_each_placeholder(name: str, call: ast.Call) -> None:
    given = {keyword.arg for keyword in call.keywords}
    if error_catalogue()[name].param is not None:
        given.add("param")

    assert {field for field, _, _ in placeholders(error_catalogue()[name])} <= given


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_an_entry_is_used_by_the_code(name: str, entry: ErrorEntry) -> None:
    assert name in STRINGS | COMPOSED | {fault.error for fault in error_faults().values()}
