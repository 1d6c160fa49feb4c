"""API keys: where a request may have its key, and how a key is shown."""

from base64 import b64encode

import pytest

from mockserver.http import credentials
from tests.support import Api


def basic(user_and_password: str) -> str:
    return "Basic " + b64encode(user_and_password.encode()).decode()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Bearer sk-one", "sk-one"),
        ("bearer sk-one", "sk-one"),
        ("BEARER sk-one", "sk-one"),
        ("  Bearer   sk-one  ", "sk-one"),
        ("Bearer sk-one sk-two", "sk-one sk-two"),
        (basic(":sk-one"), "sk-one"),
        (basic(":sk:one"), "sk:one"),
        (basic(":sk-one").replace("Basic", "basic"), "sk-one"),
    ],
)
def test_the_authorization_header_has_the_key(header: str, key: str) -> None:
    assert credentials.find({"Authorization": header}, azure=False) == key


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer   ",
        "sk-one",
        "Digest sk-one",
        "Basic",
        "Basic !!!",
        "Basic /w==",
        basic("sk-one"),
        basic("name:sk-one"),
        basic(":"),
    ],
)
def test_a_header_without_a_key_gives_none(header: str) -> None:
    assert credentials.find({"Authorization": header}, azure=False) is None


def test_a_request_without_headers_has_no_key() -> None:
    assert credentials.find({}, azure=True) is None


def test_azure_has_a_header_of_its_own() -> None:
    headers = {"api-key": " azure ", "Authorization": "Bearer sk-one"}

    assert credentials.find(headers, azure=True) == "azure"
    assert credentials.find(headers, azure=False) == "sk-one"


def test_azure_accepts_the_authorization_header_too() -> None:
    headers = {"api-key": " ", "Authorization": "Bearer sk-one"}

    assert credentials.find(headers, azure=True) == "sk-one"


def test_one_key_may_come_in_any_of_its_headers(api: Api, key: str) -> None:
    created = api.create()["id"]

    for headers in ({"Authorization": basic(f":{key}")}, {"authorization": f"BEARER {key}"}):
        nameless = Api(api.url, None, headers)
        assert nameless.get(f"/v1/assistants/{created}").status == 200
    azure = Api(api.url, None, {"API-Key": key})
    assert azure.get(f"/openai/v1/assistants/{created}").status == 200
    assert azure.get(f"/v1/assistants/{created}").status == 401


@pytest.mark.parametrize("key", ["sk-one", "x", "a:b/c+d=", "~!", "My API Key"])
def test_any_visible_ascii_is_a_key_spaces_included(key: str) -> None:
    assert credentials.is_well_formed(key)


@pytest.mark.parametrize("key", ["sk-é", "sk-\t", "sk-\x7f"])
def test_any_other_text_is_not_a_key(key: str) -> None:
    assert not credentials.is_well_formed(key)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-one", "sk-one"),
        ("123456789012", "123456789012"),
        ("1234567890123", "12345678*0123"),
        ("sk-proj-abcdefghijkl", "sk-proj-********ijkl"),
        ("sk-é", "sk-?"),
    ],
)
def test_a_key_is_shown_by_its_ends(key: str, shown: str) -> None:
    assert credentials.mask(key) == shown
