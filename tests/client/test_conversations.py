"""What a test says of runs, as the app that it tests meets it."""

from typing import Any

import pytest

from mockserver import MockServer, MockServerError
from tests.client.weather_app import WeatherApp


def test_a_run_says_what_the_test_has_said(mock: MockServer, app: WeatherApp) -> None:
    mock.say("Four.", to="two and two").say("Six.", to="three and three")

    assert app.ask("What is two and two?") == "Four."
    assert app.ask("And three and three?") == "Six."
    assert "asks no model" in app.ask("Who are you?")


def test_a_run_refuses(mock: MockServer, app: WeatherApp) -> None:
    mock.refuse("I cannot help with that.", to="a storm", deltas="characters")

    assert app.ask("Make a storm.") == "no: I cannot help with that."


def test_a_run_calls_a_function_and_says_what_comes_of_it(
    mock: MockServer, app: WeatherApp
) -> None:
    mock.call("get_weather", {"city": "Paris"}, then="It is {{ outputs.0.celsius }} degrees.")

    assert app.ask("The weather in Paris?") == "It is 25 degrees."


@pytest.mark.parametrize(
    "functions",
    [
        {"get_weather": {"city": "Rome"}, "get_time": {}},
        [{"get_weather": {"city": "Rome"}}, "get_time"],
        [{"get_weather": '{"city": "Rome"}'}, {"get_time": None}],
    ],
)
def test_a_run_calls_several_functions_at_once(
    mock: MockServer, app: WeatherApp, functions: Any
) -> None:
    mock.call(functions, then="Rome, {{ outputs.get_time }}: {{ outputs.get_weather.celsius }}.")

    assert app.ask("The weather in Rome?") == "Rome, noon: 20."


def test_a_run_goes_on_with_further_items(mock: MockServer, app: WeatherApp) -> None:
    then = [{"call": "get_time"}, {"say": "It is {{ outputs.get_time }}."}]
    mock.call("get_weather", {"city": "Paris"}, then=then)

    assert app.ask("The weather, and then the time?") == "It is noon."
    [run] = mock.runs()
    assert [output.name for output in run.outputs] == ["get_weather", "get_time"]


def test_a_script_has_any_items(mock: MockServer, app: WeatherApp) -> None:
    mock.run(["expire"], to="slow").run([{"say": "Well"}, {"incomplete": "content_filter"}])

    assert app.ask("Something bad") == "(incomplete)"
    mock.run([{"fail": "rate_limit_exceeded"}], to={"starts_with": "Too"}, name="too many")
    assert app.ask("Too many?") == "(failed)"


def test_several_scripts_are_followed_one_after_the_other(
    mock: MockServer, app: WeatherApp
) -> None:
    mock.run([[{"say": "One."}], [{"say": "Two."}], ["expire"]])

    assert [app.ask("Next?") for _ in range(4)] == ["One.", "Two.", "(expired)", "(expired)"]


def test_a_script_is_for_the_runs_that_its_keywords_select(
    mock: MockServer, app: WeatherApp
) -> None:
    mock.say("by id", assistant=app.assistant.id, message="id")
    mock.say("by name", assistant="Weather", message="name")
    mock.say("by fields", assistant={"model": {"starts_with": "gpt-4"}}, message="fields")
    mock.say("by thread", thread=app.thread.id, message="thread")
    mock.say("by number", messages={"gte": 9}, message="many")
    mock.say("by body", when={"body": {"assistant_id": app.assistant.id}}, message="body")
    mock.say("for another", assistant="asst_another", message="id")

    questions = ["id", "name", "fields", "thread", "many", "body"]
    answers = ["by id", "by name", "by fields", "by thread", "by number", "by body"]
    assert [app.ask(question) for question in questions] == answers


def test_a_script_may_come_with_the_outputs_of_tools(mock: MockServer, app: WeatherApp) -> None:
    mock.call("get_weather", {"city": "Paris"}, then="Sunny.")
    mock.say("I could not look that up.", on="submitToolOuputsToRun", to="Paris")

    assert app.ask("The weather in Paris?") == "I could not look that up."


def test_a_script_is_a_stub_like_any_other(mock: MockServer, app: WeatherApp) -> None:
    mock.strict(True)
    mock.say("Never.", name="never asked", to="never", times=2, priority=3)
    mock.say("Perhaps.", to="perhaps", optional=True, probability=0.5)

    with pytest.raises(AssertionError, match="stub never matched: never asked") as raised:
        mock.verify()
    assert "Perhaps" not in str(raised.value)


def test_a_script_without_a_name_is_called_by_what_it_is_for(
    mock: MockServer, app: WeatherApp
) -> None:
    mock.say("Four.", to="two and two")
    app.ask("What is two and two?")

    [request] = mock.requests("createRun")
    assert 'message {"contains":"two and two"}, run' in request.decided_by


# ── What is not valid ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([{"sya": "Four."}], r"then\.run\[0\]\.sya: unknown key 'sya': did you mean 'say'\?"),
        ([{"fail": "overloaded"}], r"then\.run\[0\]\.fail: unknown code"),
        ("expire", r"then\.run: input should be a valid list, got \"expire\""),
        ({"say": "Four."}, r"then\.run: input should be a valid list"),
        ([["expire"], [{"wait": 0}]], r"then\[1\]\.run\[0\]\.wait: waits for nothing"),
    ],
)
def test_an_item_that_is_none_is_refused(mock: MockServer, script: Any, words: str) -> None:
    with pytest.raises(MockServerError, match=words):
        mock.run(script)


def test_keywords_that_are_not_valid_are_refused(mock: MockServer) -> None:
    wrong: Any = {"too": "two and two"}
    mixed: Any = [["expire"], "expire"]
    with pytest.raises(TypeError, match="unexpected keyword argument 'too'"):
        mock.say("Four.", **wrong)
    with pytest.raises(ValueError, match="to and message: both are about the newest message"):
        mock.say("Four.", to="two", message="two")
    with pytest.raises(ValueError, match="when: message is given as a keyword, too"):
        mock.say("Four.", to="two", when={"message": "two"})
    with pytest.raises(ValueError, match="arguments: several functions have theirs beside"):
        mock.call({"get_time": {}}, {"city": "Paris"})
    with pytest.raises(ValueError, match=r"script\[1\]: expected a list, as the others are"):
        mock.run(mixed)
    with pytest.raises(MockServerError, match="use submitToolOuputsToRun"):
        mock.say("Four.", on="submitToolOutputsToRun")
