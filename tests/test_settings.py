"""The table of settings: a flag, its variable, its default, and all problems at once."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.settings import OPTIONS, Option, Settings, SettingsError, chosen_by_name, load

SAMPLES: dict[str, tuple[str, Any]] = {
    "index_polls": ("3", 3),
    "host": ("localhost", "localhost"),
    "port": ("0", 0),
    "seed": ("-7", -7),
    "clock": ("frozen", "frozen"),
    "any_model": ("true", True),
    "sunset": ("true", True),
    "fixtures": (os.pathsep.join(["a.yaml", "b"]), ("a.yaml", "b")),
    "watch": ("1", True),
    "allow_host": ("one,two", ("one", "two")),
    "cors": ("http://localhost:3000,*", ("http://localhost:3000", "*")),
    "strict": ("yes", True),
    "fault": ("hang,latency; ms=3", ("hang", "latency; ms=3")),
    "journal": ("7", 7),
    "run_polls": ("7", 7),
    "files_limit": ("1GiB", "1GiB"),
    "namespaces": ("5", 5),
    "log": ("json", "json"),
}
"""For each option a text that is not its default, and its value."""

EACH_OPTION = pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)


def problems(flags: Mapping[str, str | list[str]], environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(flags, environment)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_without_flags_and_variables_all_settings_are_defaults() -> None:
    assert load({}, {}) == Settings()


@EACH_OPTION
def test_a_flag_and_its_variable_are_named_alike(option: Option) -> None:
    assert option.flag == "--" + option.name.replace("_", "-")
    assert option.variable == "MOCKSERVER_" + option.name.upper()


@EACH_OPTION
def test_a_flag_wins_over_the_default(option: Option) -> None:
    text, value = SAMPLES[option.name]

    assert value != option.default
    assert load({option.name: text}, {}) == Settings(**{option.name: value})


@EACH_OPTION
def test_a_variable_wins_over_the_default(option: Option) -> None:
    text, value = SAMPLES[option.name]

    assert load({}, {option.variable: text}) == Settings(**{option.name: value})


@EACH_OPTION
def test_a_flag_wins_over_its_variable(option: Option) -> None:
    text, value = SAMPLES[option.name]
    environment = {option.variable: str(option.default)}

    assert load({option.name: text}, environment) == Settings(**{option.name: value})


def test_every_problem_is_reported_at_once() -> None:
    assert problems(
        {"port": "99999", "clock": "slow"},
        {"MOCKSERVER_NAMESPACES": "0", "MOCKSERVER_SUNSET": "perhaps"},
    ) == [
        "--port: expected a whole number from 0 to 65535, got '99999'",
        "--clock: expected one of tick, frozen, real, got 'slow'",
        "MOCKSERVER_SUNSET: expected true, false, a date such as 2026-08-26 (its midnight UTC) or "
        "a time such as 2026-08-26T12:00:00Z, got 'perhaps'",
        "MOCKSERVER_NAMESPACES: expected a whole number from 1 to 1000000000, got '0'",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("host", ""),
        ("port", ""),
        ("port", "-1"),
        ("port", "80.5"),
        ("port", "http"),
        ("port", " 80"),
        ("seed", "1e3"),
        ("seed", "-"),
        ("seed", "9223372036854775808"),
        ("seed", "9" * 5000),
        ("clock", ""),
        ("clock", "Tick"),
        ("namespaces", "-5"),
        ("log", "xml"),
    ],
)
def test_a_value_out_of_bounds_is_a_problem(name: str, text: str) -> None:
    (problem,) = problems({name: text}, {})

    assert problem.startswith(f"--{name}: expected ")


@pytest.mark.parametrize("scheme", ["tcp", "udp", "sctp"])
def test_variables_that_kubernetes_sets_are_ignored(scheme: str) -> None:
    assert load({}, {"MOCKSERVER_PORT": f"{scheme}://10.0.0.1:4010"}) == Settings()


def test_a_flag_is_never_ignored() -> None:
    (problem,) = problems({"port": "tcp://10.0.0.1:4010"}, {})

    assert problem.startswith("--port: ")


@pytest.mark.parametrize("word", ["1", "true", "TRUE", "True", "yes", "on"])
def test_a_switch_is_on(word: str) -> None:
    assert load({}, {"MOCKSERVER_SUNSET": word}).sunset is True


@pytest.mark.parametrize("word", ["", "0", "false", "False", "no", "off"])
def test_a_switch_is_off(word: str) -> None:
    assert load({}, {"MOCKSERVER_SUNSET": word}).sunset is False


@pytest.mark.parametrize("date", ["2026-08-26", "2026-08-26T12:00:00+02:00"])
def test_the_sunset_may_have_a_date(date: str) -> None:
    assert load({}, {"MOCKSERVER_SUNSET": date}).sunset == date
    assert load({"sunset": date}, {"MOCKSERVER_SUNSET": "true"}).sunset == date


def test_unknown_variables_are_ignored() -> None:
    others = (
        "COLOUR",
        "URL",
        "SERVICE_HOST",
        "SERVICE_PORT",
        "PORT_4010_TCP",
        "PORT_4010_TCP_PORT",
    )
    variables = {f"MOCKSERVER_{name}": "blue" for name in others}

    assert load({}, {**variables, "PORT": "1", "ANY_MODEL": "x"}) == Settings()


def test_a_misspelled_variable_is_a_problem() -> None:
    assert problems({}, {"MOCKSERVER_ANYMODEL": "true", "MOCKSERVER_FIXTURE": "a.yaml"}) == [
        "MOCKSERVER_ANYMODEL: no such option: did you mean MOCKSERVER_ANY_MODEL?",
        "MOCKSERVER_FIXTURE: no such option: did you mean MOCKSERVER_FIXTURES?",
    ]


@EACH_OPTION
def test_an_empty_variable_is_ignored(option: Option) -> None:
    assert load({}, {option.variable: ""}) == Settings()


def test_each_of_several_values_is_checked() -> None:
    assert problems({"cors": ["https://a.example", "b.example"]}, {}) == [
        "--cors: expected origins such as http://localhost:3000, or *, "
        "got 'https://a.example', 'b.example'"
    ]


def test_a_program_gives_values_by_name() -> None:
    chosen = chosen_by_name({"fixtures": Path("a.yaml"), "fault": ["hang"], "seed": 7})

    assert chosen == Settings(fixtures=("a.yaml",), fault=("hang",), seed=7)
    with pytest.raises(SettingsError, match=r"sed: no such setting: did you mean seed\?"):
        chosen_by_name({"sed": 7})


@pytest.mark.parametrize("seed", [-(2**63), -(10**18), 2**63 - 1])
def test_a_seed_may_be_any_number_of_64_bits(seed: int) -> None:
    assert load({"seed": str(seed)}, {}).seed == seed


@pytest.mark.parametrize("text", ["--5", "-----1"])
def test_a_value_that_is_not_a_number_is_a_problem(text: str) -> None:
    with pytest.raises(ValueError, match="--seed: expected a whole number"):
        load({"seed": text}, {})


@pytest.mark.parametrize(
    "wrong",
    [{"namespaces": 0}, {"seed": "x"}, {"clock": "bogus"}, {"log": "xml"}, {"any_model": "no"}],
    ids=str,
)
def test_settings_made_in_code_are_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Settings(**wrong)
