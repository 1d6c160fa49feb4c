"""Templates: looked up in plain data, rendered on values, with no code in them."""

from typing import Any

import pytest
from multidict import CIMultiDict

from mockserver.expressions.request_view import MISSING, RequestView
from mockserver.expressions.templates import Context, compile_value
from mockserver.problems import Place

BODY: dict[str, Any] = {
    "name": "Ada",
    "nothing": None,
    "n": 7,
    "x": 1.5,
    "yes": True,
    "tags": ["a", "b"],
    "meta": {"k": {"deep": "v"}},
    "odd": 'a"b\\c\n{{ now }}\t😀\x00',
}
ASKED = RequestView(
    "createAssistant",
    "POST",
    "/v1/assistants",
    CIMultiDict({"X-Team": "Blue"}),
    {"limit": "5"},
    BODY,
)


def context(chance: bytes = b"chance", asked: RequestView | None = ASKED) -> Context:
    return Context(asked, 1735689600, 42, chance, "req_1", "sk-...key")


def render(value: Any, *, chance: bytes = b"chance", asked: RequestView | None = ASKED) -> Any:
    return compile_value(value, (), fail)(context(chance, asked))


def fail(place: Place, what: str, remedy: str) -> None:
    raise AssertionError((place, what, remedy))


def refusals(value: Any, *, request: bool = True) -> list[tuple[Place, str, str]]:
    told: list[tuple[Place, str, str]] = []
    compile_value(value, (), lambda *one: told.append(one), request=request)
    return told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((f"request.body.{name}", value) for name, value in BODY.items()),
        ("request.body", BODY),
        ("request.body.meta.k.deep", "v"),
        ("request.body.tags.1", "b"),
        ("request.body.tags.9", None),
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
def test_an_expression_alone_keeps_the_values_own_type(form: str, name: str, value: Any) -> None:
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
def test_among_text_an_expression_becomes_text(template: str, text: str) -> None:
    assert render(template) == text


def test_a_value_of_the_request_is_never_rendered_again() -> None:
    assert render("{{ request.body.odd }}") == BODY["odd"]
    assert render("<{{ request.body.odd }}>") == f"<{BODY['odd']}>"


def test_templates_may_stand_anywhere_in_a_value() -> None:
    value = {"a": ["{{ now }}", {"b": "{{ request.body.tags }}"}], "c": 5, "d": None}

    assert render(value) == {"a": [1735689600, {"b": ["a", "b"]}], "c": 5, "d": None}


@pytest.mark.parametrize("value", [None, True, 5, 1.5, "text", [], {}, {"{{ now }}": 1}])
def test_what_has_no_template_stays_as_it_is(value: Any) -> None:
    assert render(value) == value


def test_a_body_that_is_not_there_is_null() -> None:
    asked = RequestView("listAssistants", "GET", "/v1/assistants", CIMultiDict(), {}, MISSING)

    assert render("{{ request.body }}", asked=asked) is None
    assert render("{{ request.body.name }}", asked=asked) is None


# ── Refused ──────────────────────────────────────────────────────────────────────


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
        "request.body['name']",
        "'a' + 'b'",
    ],
)
def test_what_is_no_look_up_is_refused_in_words(expression: str) -> None:
    [(place, what, remedy)] = refusals({"a": ["{{ " + expression + " }}"]})

    assert place == ("a", 0)
    assert what
    assert remedy


def test_every_refusal_of_a_text_is_told() -> None:
    assert len(refusals("{{ nope }} {{ now() }} {{ request.nope }}")) == 3


def test_braces_that_are_not_closed_are_told_with_the_way_to_write_them() -> None:
    [(_, what, remedy)] = refusals("{{ now }} and {{ so")

    assert what == "`{{` without `}}`"
    assert "{{ '{{' }}" in remedy


def test_an_object_of_a_fixture_has_no_request_to_look_into() -> None:
    [(_, what, remedy)] = refusals("{{ request.body.name }}", request=False)

    assert what == "nothing is called `request.body.name`"
    assert "request" not in remedy


# ── Invented values ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("provider", ["company", "name", "sentence", "email", "uuid4", "pyint"])
def test_the_same_chance_invents_the_same(provider: str) -> None:
    template = "{{ fake." + provider + " }}"

    assert render(template) == render(template)
    assert len({render(template, chance=b"%d" % n) for n in range(20)}) > 1


def test_each_invented_value_of_an_answer_is_its_own() -> None:
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


def test_a_provider_may_be_called_with_nothing() -> None:
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
def test_arguments_that_a_provider_does_not_take_are_refused(expression: str) -> None:
    assert refusals("{{ " + expression + " }}")


def test_an_unknown_provider_is_refused_with_a_hint() -> None:
    [(_, what, remedy)] = refusals("{{ fake.compani }}")

    assert what == "Faker has no provider `compani`"
    assert remedy.startswith("did you mean company")


def test_a_provider_that_is_like_no_other_is_refused_with_a_remedy() -> None:
    [(_, what, remedy)] = refusals("{{ fake.xqzwv }}")

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
def test_an_invented_value_is_one_that_json_has(provider: str, kind: type) -> None:
    assert type(render("{{ fake." + provider + " }}")) is kind
