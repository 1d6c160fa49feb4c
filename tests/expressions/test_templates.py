"""Templates: expressions that look up plain data, rendered in parsed values."""

from typing import Any

import pytest
from multidict import CIMultiDict

from mockserver.expressions.request_view import MISSING, RequestView
from mockserver.expressions.templates import Context, TemplateError, compile_value
from mockserver.problems import Place

BODY: dict[str, Any] = {
    "name": "Ada",
    "nothing": None,
    "n": 7,
    "x": 1.5,
    "yes": True,
    "tags": ["a", "b"],
    "meta": {"k": {"deep": "v"}},
    "tools": [{"type": "function", "numbers": [1, [2]]}],
    "odd": 'a"b\\c\n{{ now }}\t😀\x00',
}
REQUEST = RequestView(
    "createAssistant",
    "POST",
    "/v1/assistants",
    CIMultiDict({"X-Team": "Blue"}),
    {"limit": "5"},
    BODY,
)


def context(entropy: bytes = b"entropy", request: RequestView | None = REQUEST) -> Context:
    return Context(request, 1735689600, 42, entropy, "req_1", "sk-...key")


def render(
    value: Any, *, entropy: bytes = b"entropy", request: RequestView | None = REQUEST
) -> Any:
    return compile_value(value, (), fail)(context(entropy, request))


def fail(place: Place, what: str, remedy: str) -> None:
    raise AssertionError((place, what, remedy))


def reported_problems(value: Any, *, request: bool = True) -> list[tuple[Place, str, str]]:
    reported: list[tuple[Place, str, str]] = []
    compile_value(value, (), lambda *one: reported.append(one), request=request)
    return reported


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((f"request.body.{name}", value) for name, value in BODY.items()),
        ("request.body", BODY),
        ("request.body.meta.k.deep", "v"),
        ("request.body.tags.1", "b"),
        ("request.body.tags.9", None),
        ("request.body.tags[0]", "a"),
        ("request.body.tags[-1]", "b"),
        ("request.body.tags[9]", None),
        ("request.body.tags[-3]", None),
        ("request.body.missing[0].type", None),
        ("request.body.nothing[0]", None),
        ("request.body['name']", "Ada"),
        ("request.body.meta['k'].deep", "v"),
        ('request.body.tools["0"].type', "function"),
        ("request.body.tools.0.type", "function"),
        ("request.body.tools[0].type", "function"),
        ("request.body.tools[0].numbers[1][0]", 2),
        ("request.body.missing", None),
        ("request.body.name.x", None),
        ("request.query.limit", "5"),
        ("request.query.missing", None),
        ("request.headers.x-team", "Blue"),
        ("request.headers.X-Team", "Blue"),
        ("request.headers.missing", None),
        ("request.headers", {"x-team": "Blue"}),
        ("request.method", "POST"),
        ("request.path", "/v1/assistants"),
        ("request.operation", "createAssistant"),
        ("request.id", "req_1"),
        ("request.key", "sk-...key"),
        ("now", 1735689600),
        ("seed", 42),
        ("'text'", "text"),
        ('"text"', "text"),
    ],
)
@pytest.mark.parametrize("form", ["{{ %s }}", "{{%s}}", "{{\n  %s\n}}"])
def test_an_expression_alone_keeps_the_type_of_its_value(form: str, name: str, value: Any) -> None:
    rendered = render(form % name)

    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Hello {{ request.body.name }}!", "Hello Ada!"),
        (" {{ request.body.n }}", " 7"),
        ("{{ request.body.n }}{{ request.body.x }}", "71.5"),
        ("<{{ request.body.nothing }}>", "<>"),
        ("<{{ request.body.missing }}>", "<>"),
        ("<{{ request.body.yes }}>", "<true>"),
        ("<{{ request.body.tags }}>", '<["a", "b"]>'),
        ("<{{ request.body.meta }}>", '<{"k": {"deep": "v"}}>'),
        ("{{ '{{' }} {{ request.body.name }} }}", "{{ Ada }}"),
        ("at {{ now }} with {{ seed }}", "at 1735689600 with 42"),
        ("no template } } { {", "no template } } { {"),
    ],
)
def test_an_expression_inside_text_becomes_text(template: str, text: str) -> None:
    assert render(template) == text


def test_a_value_of_the_request_is_never_rendered_again() -> None:
    assert render("{{ request.body.odd }}") == BODY["odd"]
    assert render("<{{ request.body.odd }}>") == f"<{BODY['odd']}>"


def test_templates_are_rendered_anywhere_in_a_value() -> None:
    value = {"a": ["{{ now }}", {"b": "{{ request.body.tags }}"}], "c": 5, "d": None}

    assert render(value) == {"a": [1735689600, {"b": ["a", "b"]}], "c": 5, "d": None}


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "text", [], {}, {"{{ now }}": 1}])
def test_a_value_without_a_template_stays_unchanged(value: Any) -> None:
    assert render(value) == value


def test_a_missing_body_is_null() -> None:
    request = RequestView("listAssistants", "GET", "/v1/assistants", CIMultiDict(), {}, MISSING)

    assert render("{{ request.body }}", request=request) is None
    assert render("{{ request.body.name }}", request=request) is None


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("request.body.missing or 'nobody'", "nobody"),
        ('request.body.missing or "a or b"', "a or b"),
        ("request.body.nothing or 'nobody'", "nobody"),
        ("request.body.name or 'nobody'", "Ada"),
        ("request.body.missing or request.body.name", "Ada"),
        ("request.body.missing or request.body.nothing or 5", 5),
        ("request.body.missing or -1.5", -1.5),
        ("request.body.missing or true", True),
        ("request.body.missing or null", None),
        ("request.body.no or 1", False),
        ("request.body.zero or 1", 0),
        ("request.body.empty or 'x'", ""),
        ("request.body.missing or now", 1735689600),
        ("request.body.tools[5].type or 'none'", "none"),
    ],
)
def test_or_gives_a_default_to_what_is_null_or_missing(expression: str, value: Any) -> None:
    request = RequestView(
        "createAssistant",
        "POST",
        "/v1/assistants",
        CIMultiDict(),
        {},
        BODY | {"no": False, "zero": 0, "empty": ""},
    )

    rendered = render("{{ " + expression + " }}", request=request)
    assert rendered == value
    assert type(rendered) is type(value)


def test_a_default_inside_text_becomes_text() -> None:
    assert render("Hello {{ request.body.missing or 'you' }}!") == "Hello you!"


def test_a_provider_may_be_a_default_and_have_a_word_in_it() -> None:
    assert render("{{ request.body.missing or fake.numerify('x or y') }}") == "x or y"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("request.body.name[0]", '`request.body.name[0]`: request.body.name is no list but "Ada"'),
        ("request.body.name.0", "`request.body.name.0`: request.body.name is no list"),
        ("request.body.n[0]", "request.body.n is no list but 7"),
        ("request.body.meta[0]", "request.body.meta is no list"),
        ("request.body[0]", "request.body is no list"),
        ("request.body.tags[0][1]", 'request.body.tags[0] is no list but "a"'),
        ("request.body.name[0] or 'x'", "request.body.name is no list"),
    ],
)
def test_an_index_into_what_is_no_list_is_refused(expression: str, words: str) -> None:
    with pytest.raises(TemplateError) as refused:
        render("{{ " + expression + " }}")

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("request.query.tag", ["a", "b"]),
        ("request.query.tag[1]", "b"),
        ("request.query.limit[0]", "5"),
        ("request.query.limit[1]", None),
        ("request.headers.x-tag", ["1", "2"]),
        ("request.headers.X-Tag[-1]", "2"),
        ("request.headers", {"x-tag": ["1", "2"]}),
    ],
)
def test_a_repeated_name_has_the_list_of_its_values(expression: str, value: Any) -> None:
    headers = CIMultiDict([("X-Tag", "1"), ("x-tag", "2")])
    query: dict[str, str | list[str]] = {"tag": ["a", "b"], "limit": "5"}
    request = RequestView("listModels", "GET", "/v1/models", headers, query, MISSING)

    assert render("{{ " + expression + " }}", request=request) == value


def test_a_segment_of_the_path_is_read_by_its_name() -> None:
    request = RequestView("x", "GET", "/v1/files/a%20b%2Fc/content", CIMultiDict(), {}, MISSING)
    rendered = compile_value("{{ path.file }}", (), fail, path={"file": 3})

    assert rendered(context(request=request)) == "a b/c"


def test_a_segment_that_the_path_does_not_name_is_reported_with_those_that_it_does() -> None:
    reported: list[tuple[Place, str, str]] = []
    compile_value("{{ path.fil }}", (), lambda *one: reported.append(one), path={"file": 3})

    assert reported == [((), "there is no `path.fil`", "use path.file")]


# ── Problems ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "expression",
    [
        "fake.__class__",
        "fake.name.__class__",
        "fake._Generator__config",
        "fake.seed_instance",
        "fake.add_provider",
        "fake",
        "request.body.__init__.__globals__",
        "request.__class__",
        "request.headers.__class__",
        "request.body.__class__",
        "request",
        "request.nothing",
        "request.body()",
        "request.body.name.upper()",
        "now()",
        "seed()",
        "now.year",
        "open('/etc/passwd')",
        "__import__('os')",
        "config",
        "1 + 1",
        "5",
        "",
        "request.body.name | upper",
        "'a' + 'b'",
        "request.body.tools[x]",
        "request.body.tools[0",
        "request.body..name",
        "request.body.name or",
        "or 'a'",
        "request.body.name or nobody",
        "request.body.name or 'a' + 'b'",
        "request.body.name | default('x')",
        "request.method[0]",
        "request.method.0",
        "request.path.assistant_id",
        "request.operation[0]",
        "request.headers[0]",
        "request.query[0]",
        "request.id[0]",
        "now[0]",
        "path",
        "path.name",
    ],
)
def test_an_expression_that_is_not_a_lookup_is_refused(expression: str) -> None:
    [(place, what, remedy)] = reported_problems({"a": ["{{ " + expression + " }}"]})

    assert place == ("a", 0)
    assert what
    assert remedy


def test_every_wrong_expression_of_a_text_is_reported() -> None:
    assert len(reported_problems("{{ nope }} {{ now() }} {{ request.nope }}")) == 3


def test_unclosed_braces_are_reported_with_how_to_write_literal_ones() -> None:
    [(_, what, remedy)] = reported_problems("{{ now }} and {{ so")

    assert what == "`{{` without `}}`"
    assert "{{ '{{' }}" in remedy


def test_an_object_of_a_fixture_cannot_read_a_request() -> None:
    [(_, what, remedy)] = reported_problems("{{ request.body.name }}", request=False)

    assert what == "unknown expression `request.body.name`"
    assert "request" not in remedy


# ── Generated values ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("provider", ["company", "name", "sentence", "email", "uuid4", "pyint"])
def test_the_same_entropy_generates_the_same_value(provider: str) -> None:
    template = "{{ fake." + provider + " }}"

    assert render(template) == render(template)
    assert len({render(template, entropy=b"%d" % n) for n in range(20)}) > 1


def test_each_generated_value_of_a_response_differs() -> None:
    values = render(["{{ fake.uuid4 }}"] * 10)

    assert len(set(values)) == 10
    assert values == render(["{{ fake.uuid4 }}"] * 10)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("random_int(7, 7)", 7),
        ("random_int(min=7, max=7)", 7),
        ("pyint( min_value = 7 , max_value = 7 )", 7),
        ("numerify('no digits')", "no digits"),
        ('numerify(text="a, (b) = c")', "a, (b) = c"),
        ("bothify('')", ""),
        ("pybool(truth_probability=100)", True),
        ("pybool(100)", True),
    ],
)
def test_a_provider_takes_arguments(call: str, value: Any) -> None:
    rendered = render("{{ fake." + call + " }}")

    assert rendered == value
    assert type(rendered) is type(value)


def test_a_provider_accepts_empty_parentheses() -> None:
    assert render("{{ fake.company() }}") == render("{{ fake.company }}")


@pytest.mark.parametrize(
    "expression",
    [
        "fake.random_int(min=x, max=5)",
        "fake.random_int(1, 2, 3, 4, 5)",
        "fake.random_int(nope=1)",
        "fake.random_int([1])",
        "fake.random_int(min=9, max=1)",
        "fake.binary",
    ],
)
def test_arguments_that_a_provider_rejects_are_reported(expression: str) -> None:
    assert reported_problems("{{ " + expression + " }}")


def test_an_unknown_provider_is_refused_with_a_hint() -> None:
    [(_, what, remedy)] = reported_problems("{{ fake.compani }}")

    assert what == "Faker has no provider `compani`"
    assert remedy.startswith("did you mean company")


def test_an_unknown_provider_without_a_similar_one_is_refused_with_a_remedy() -> None:
    [(_, what, remedy)] = reported_problems("{{ fake.xqzwv }}")

    assert what == "Faker has no provider `xqzwv`"
    assert remedy


@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        ("date_object", str),
        ("date_time", str),
        ("pydecimal", float),
        ("pytuple", list),
        ("pyset", list),
        ("profile", dict),
        ("pyfloat", float),
        ("boolean", bool),
    ],
)
def test_a_generated_value_is_a_json_value(provider: str, kind: type) -> None:
    assert type(render("{{ fake." + provider + " }}")) is kind
