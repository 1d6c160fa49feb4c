"""Patterns of paths: what they match, and those that can match nothing."""

import re
from collections.abc import Mapping

import pytest

from mockserver.loading.path_pattern import compile_path, named_in_all
from mockserver.problems import Place
from tests.conftest import Start


def compiled(pattern: str) -> tuple[re.Pattern[str], Mapping[str, int]]:
    reported: list[tuple[Place, str, str]] = []
    expression, names = compile_path(pattern, (), lambda *one: reported.append(one))
    assert reported == []
    return re.compile(expression), names


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("/v1/threads", ["/v1/threads"], ["/v1/threads/", "/v1/thread", "/x/v1/threads", "/v1"]),
        ("/v1/*", ["/v1/threads", "/v1/*"], ["/v1/", "/v1", "/v1/a/b"]),
        ("/v1/{id}", ["/v1/threads"], ["/v1/", "/v1", "/v1/a/b"]),
        ("/a/{b}/*/{c_1}", ["/a/1/2/3"], ["/a/1/2", "/a//2/3"]),
        ("/v1/ft:gpt-4o:org", ["/v1/ft:gpt-4o:org"], ["/v1/ft-gpt-4o:org"]),
        ("/a.b/c%20d", ["/a.b/c%20d"], ["/aXb/c%20d", "/a.b/c d"]),
        ("/", ["/"], ["", "/a"]),
    ],
)
def test_a_pattern_matches_segment_by_segment(
    pattern: str, matching: list[str], others: list[str]
) -> None:
    expression, _ = compiled(pattern)

    assert all(map(expression.search, matching))
    assert not any(map(expression.search, others))


def test_a_named_segment_has_its_index() -> None:
    assert compiled("/v1/threads/{thread_id}/runs/{run_id}")[1] == {"thread_id": 3, "run_id": 5}


@pytest.mark.parametrize(
    ("pattern", "remedy"),
    [
        ("v1/threads", "start it with /, such as /v1/threads"),
        ("*", "start it with /"),
        ("", "start it with /"),
        ("^/v1/threads$", "start it with /"),
        ("http://127.0.0.1:4010/v1", "start it with /"),
        ("/v1/threads?limit=1", "move what follows ? into query"),
        ("/v1/threads#top", "leave out what follows #"),
        ("/v1/:id", "write {id}, or * for any segment"),
        ("/v1/<id>", "write {id}"),
        ("/v1/<int:id>", "write {intid}"),
        ("/v1/[id]", "write {id}"),
        ("/v1/{id:int}", "write {idint}"),
        ("/v1/{+rest}", "write {rest}"),
        ("/v1/{}", "write {name}"),
        ("/v1/{1}", "write {_1}"),
        ("/v1/**", "write one * for each segment, or path: {starts_with: ...}"),
        ("/v1/**/runs", "write one * for each segment"),
        ("/v1/file-*", "or path: {matches: '^/v1/file-[^/]+$'}"),
        ("/v1/{a}-{b}", "or path: {matches: '^/v1/[^/]+-[^/]+$'}"),
        ("/v1/.*", "write * or {name} for a whole segment"),
        ("/v1/(a|b)", "write (a%7Cb)"),
        ("/v1/a b", "write a%20b"),
        ("/v1/modèles", "write mod%C3%A8les"),
        ("/v1/{a}/{a}", "give each a name of its own"),
        ("/_mock/stubs", "use a path that does not begin with /_mock/"),
    ],
)
def test_a_pattern_that_can_match_nothing_is_reported(pattern: str, remedy: str) -> None:
    reported: list[tuple[Place, str, str]] = []
    compile_path(pattern, ("path",), lambda *one: reported.append(one))

    [(place, what, given)] = reported
    assert place == ("path",)
    assert what
    assert given.startswith(remedy) or remedy in given


def test_operations_share_the_names_that_stand_at_the_same_place() -> None:
    one, other = ["assistants", "{assistant_id}"], ["assistants", "{assistant_id}", "files", "{f}"]

    assert named_in_all([one]) == {"assistant_id": -1}
    assert named_in_all([one, one]) == {"assistant_id": -1}
    assert named_in_all([one, other]) == named_in_all([]) == {}
    assert named_in_all([other]) == {"assistant_id": -3, "f": -1}


@pytest.mark.parametrize(
    ("when", "name", "path"),
    [
        ({"path": "/v1/threads/{thread}/runs/{id}"}, "thread", "/v1/threads/T%201/runs/R"),
        ({"operation": "getAssistant"}, "assistant_id", "/v1/assistants/T%201"),
        ({"operation": "getAssistant"}, "assistant_id", "/assistants/T%201"),
    ],
)
def test_a_template_reads_a_segment_by_its_name(
    start: Start, when: dict[str, str], name: str, path: str
) -> None:
    api = start()
    template = "{{ path." + name + " }}"
    then = {"json": [template], "headers": {"x-id": template}}
    assert api.post("/_mock/stubs", {"when": when, "then": then}).status == 200

    reply = api.get(path)
    assert (reply.json, reply.headers["x-id"]) == (["T 1"], "T 1")


@pytest.mark.parametrize(
    ("when", "remedy"),
    [
        ({"path": "/v1/{a}"}, "use path.a"),
        ({"path": {"starts_with": "/v1"}}, "write a segment of the stub's path as {NAME}"),
        ({"operation": "*Assistant*"}, "write a segment of the stub's path as {NAME}"),
        ({}, "write a segment of the stub's path as {NAME}"),
    ],
)
def test_a_name_that_the_path_does_not_have_is_refused(
    start: Start, when: dict[str, object], remedy: str
) -> None:
    refused = start().post("/_mock/stubs", {"when": when, "then": {"text": "{{ path.b }}"}})

    [error] = refused.json["errors"]
    assert (error["place"], error["what"]) == ("then.text", "there is no `path.b`")
    assert error["remedy"] == remedy


@pytest.mark.parametrize(
    ("when", "remedy"),
    [
        ({"path": ["/v1/a", "/v1/b"]}, "write {in: [/v1/a, /v1/b]}"),
        ({"method": ["GET", "POST"]}, "write {in: [GET, POST]}"),
        ({"path": 5}, "quote it"),
        ({"method": None}, "quote it"),
    ],
)
def test_a_method_or_a_path_that_is_no_text_is_refused(
    start: Start, when: dict[str, object], remedy: str
) -> None:
    refused = start().post("/_mock/stubs", {"when": when, "then": "default"})

    [error] = refused.json["errors"]
    assert error["what"].startswith("not a text")
    assert error["remedy"] == remedy
