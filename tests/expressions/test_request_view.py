"""The view of a request: how its values are shown."""

from tests.support import Api


def test_texts_that_differ_only_in_their_unicode_form_look_different(api: Api) -> None:
    api.post("/_mock/stubs", {"when": {"body": {"name": "caf\u00e9"}}, "then": {"json": 1}})
    api.create(name="cafe\u0301")

    [entry] = api.get("/_mock/requests?limit=1").json["requests"]
    [condition] = entry["near_misses"][0]["conditions"]
    assert condition["condition"] == 'body.name = "caf\u00e9"'
    assert condition["actual"] == '"cafe\\u0301"'
