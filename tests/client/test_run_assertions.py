"""What a test asks and asserts about the runs of the app that it tests."""

from typing import Any

import pytest

from mockserver import MockServer
from tests.client.weather_app import WeatherApp

PARIS = {"get_weather": {"city": "Paris"}}
ROME = {"get_weather": {"city": "Rome"}}


def test_a_run_is_listed_with_what_it_did(mock: MockServer, app: WeatherApp) -> None:
    mock.call([PARIS, "get_time"], then="Sunny.")
    app.ask("The weather in Paris?")

    [run] = mock.runs()
    assert (run.thread_id, run.assistant_id) == (app.thread.id, app.assistant.id)
    assert (run.status, run.has_ended, run.last_error, run.model) == (
        "completed",
        True,
        None,
        "gpt-4o",
    )
    assert run.said == ("Sunny.",)
    weather, time = run.outputs
    assert (weather.name, weather.arguments) == ("get_weather", {"city": "Paris"})
    assert weather.output == '{"city": "Paris", "celsius": 25}'
    assert (time.name, time.arguments, time.output) == ("get_time", {}, "noon")


def test_runs_are_listed_oldest_first_and_by_thread(mock: MockServer, app: WeatherApp) -> None:
    other = WeatherApp(app.client, app.tools)
    mock.run([[{"fail": "server_error"}], [{"refuse": "No."}], [{"incomplete": "content_filter"}]])
    for one in (app, other, app):
        one.ask("Well?")

    first, second, third = mock.runs()
    assert mock.runs(thread=app.thread.id) == [first, third]
    assert mock.runs(thread="thread_of_nobody") == []
    assert first.last_error == {"code": "server_error", "message": "Sorry, something went wrong."}
    assert (second.status, second.said, second.refused) == ("completed", (), ("No.",))
    assert third.incomplete_reason == "content_filter"


def test_a_run_that_nobody_reads_stays_as_it_is(mock: MockServer, app: WeatherApp) -> None:
    app.client.beta.threads.create_and_run(assistant_id=app.assistant.id, instructions="Wait.")

    [run] = mock.runs()
    assert (run.status, run.has_ended, run.said) == ("queued", False, ())


def test_a_run_of_a_deleted_thread_is_what_the_client_has_read(
    mock: MockServer, app: WeatherApp
) -> None:
    mock.call([PARIS, "get_time"], then=[{"say": "Well."}, {"say": "Sunny."}])
    app.ask("The weather in Paris?")
    [before] = mock.runs()
    other = WeatherApp(app.client, app.tools)
    other.ask("And now?")
    app.client.beta.threads.delete(app.thread.id)

    assert before.said == ("Well.", "Sunny.")
    assert mock.runs(app.thread.id) == [before]
    assert [run.thread_id for run in mock.runs()] == [app.thread.id, other.thread.id]
    mock.assert_outputs(["get_weather", {"get_time": "noon"}], thread=app.thread.id, exactly=True)
    mock.assert_run_ended("completed", times=2)


def test_a_streamed_run_of_a_deleted_thread_is_known(mock: MockServer, app: WeatherApp) -> None:
    mock.call("get_time", then="Noon.")
    threads = app.client.beta.threads
    threads.messages.create(app.thread.id, role="user", content="The time?")
    with threads.runs.stream(thread_id=app.thread.id, assistant_id=app.assistant.id) as stream:
        stream.until_done()
    run = threads.runs.list(app.thread.id).data[0]
    assert run.required_action is not None
    [call] = run.required_action.submit_tool_outputs.tool_calls
    with threads.runs.submit_tool_outputs_stream(
        run_id=run.id,
        thread_id=app.thread.id,
        tool_outputs=[{"tool_call_id": call.id, "output": "noon"}],
    ) as stream:
        stream.until_done()
    [before] = mock.runs()
    threads.delete(app.thread.id)

    assert mock.runs() == [before]
    assert (before.status, before.said) == ("completed", ("Noon.",))
    mock.assert_outputs({"get_time": "noon"}, exactly=True)


def test_what_the_client_has_not_read_of_a_deleted_thread_is_not_known(
    mock: MockServer, app: WeatherApp
) -> None:
    threads = app.client.beta.threads
    threads.runs.create(app.thread.id, assistant_id=app.assistant.id, instructions="Wait.")
    threads.delete(app.thread.id)

    with pytest.raises(AssertionError) as raised:
        mock.assert_run_ended("completed")
    assert str(raised.value).splitlines()[-1] == (
        "deleteThread was called once: of its runs only that is known which the client has read"
    )


# ── Ends ─────────────────────────────────────────────────────────────────────────


def test_it_can_be_asserted_how_runs_ended(mock: MockServer, app: WeatherApp) -> None:
    mock.run(
        [[{"fail": "rate_limit_exceeded"}], [{"incomplete": "content_filter"}], [{"say": "One."}]]
    )
    for _ in range(4):
        app.ask("Well?")

    mock.assert_run_ended()
    mock.assert_run_ended("completed", times=2, thread=app.thread.id)
    mock.assert_run_ended("failed", code="rate_limit_exceeded")
    mock.assert_run_ended("incomplete", times=1, reason="content_filter")
    mock.assert_run_ended("expired", times=0)
    wrongs: list[dict[str, Any]] = [
        {"status": "expired"},
        {"status": "completed", "times": 1},
        {"status": "failed", "code": "server_error"},
        {"status": "incomplete", "reason": "max_prompt_tokens"},
        {"status": "completed", "thread": "thread_of_nobody"},
    ]
    for wrong in wrongs:
        with pytest.raises(AssertionError, match="expected a run to end"):
            mock.assert_run_ended(**wrong)


def test_a_failure_says_how_the_runs_ended(mock: MockServer, app: WeatherApp) -> None:
    mock.run([{"say": "Well"}, {"fail": {"code": "server_error", "message": "Oh."}}])
    app.ask("Well?")
    created = app.client.beta.threads.runs.create(app.thread.id, assistant_id=app.assistant.id)

    failed = mock.runs()[0]
    with pytest.raises(AssertionError) as raised:
        mock.assert_run_ended("completed")
    assert str(raised.value).splitlines() == [
        "expected a run to end completed at least once, but it happened 0 times",
        "the runs:",
        f"{failed.id} of {app.thread.id}: failed (server_error: Oh.)",
        '    said "Well"',
        f"{created.id} of {app.thread.id}: queued",
        "a run moves only when it is read: have the client poll it to its end",
    ]


@pytest.mark.parametrize("status", ["complete", "queued", None])
def test_a_run_ends_in_a_state_that_is_an_end(mock: MockServer, status: Any) -> None:
    with pytest.raises(ValueError, match="status: no run ends"):
        mock.assert_run_ended(status)


# ── Outputs ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def asked(mock: MockServer, app: WeatherApp) -> MockServer:
    """The handle, when the app has submitted the outputs of three calls."""
    mock.call([PARIS, ROME, "get_time"], then="Sunny.")
    app.ask("The weather?")
    return mock


HOT = {"get_weather": {"celsius": 25}}
COOL = {"get_weather": {"city": "Rome", "celsius": {"lt": 25}}}
ANY = {"get_weather": {"celsius": {"gte": 20}}}


@pytest.mark.parametrize(
    ("expected", "are_all"),
    [
        pytest.param("get_time", False, id="a name"),
        pytest.param({"get_time": "noon"}, False, id="a text"),
        pytest.param({"get_time": {"matches": "^no"}}, False, id="an operator"),
        pytest.param({"get_weather": {"contains": "Rome"}, "get_time": {}}, False, id="two"),
        pytest.param([COOL, HOT], False, id="in any order"),
        pytest.param([ANY, ANY, "get_time"], True, id="each for one"),
        pytest.param([ANY, HOT, "get_time"], True, id="the general one first"),
        pytest.param([HOT, ANY, {"get_time": {"not": {"contains": "error"}}}], True, id="not"),
        pytest.param([], False, id="nothing"),
    ],
)
def test_outputs_were_submitted(asked: MockServer, expected: Any, are_all: bool) -> None:
    asked.assert_outputs(expected)
    if are_all:
        asked.assert_outputs(expected, exactly=True)
    else:
        with pytest.raises(AssertionError, match=r"exactly these outputs(.|\n)*and no others"):
            asked.assert_outputs(expected, exactly=True)


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param("get_news", id="another name"),
        pytest.param({"get_time": "Noon"}, id="another text"),
        pytest.param({"get_time": {"hour": 12}}, id="no JSON"),
        pytest.param([HOT, HOT], id="twice"),
        pytest.param([ANY, ANY, ANY], id="too many"),
        pytest.param({"get_weather": {"not": {"contains": "celsius"}}}, id="not"),
    ],
)
def test_outputs_were_not_submitted(asked: MockServer, expected: Any) -> None:
    with pytest.raises(AssertionError, match="expected these outputs to be submitted"):
        asked.assert_outputs(expected)


def test_outputs_are_texts_numbers_and_lists(mock: MockServer, app: WeatherApp) -> None:
    app.tools = {"get_weather": lambda city: "21", "get_time": lambda: '["noon", null]'}
    mock.call([PARIS, "get_time"])
    app.ask("Well?")

    mock.assert_outputs({"get_weather": "21", "get_time": ["noon", None]})
    mock.assert_outputs({"get_weather": 21})
    mock.assert_outputs({"get_weather": {"gt": 20, "lt": 22}})
    with pytest.raises(AssertionError, match="<- missing"):
        mock.assert_outputs({"get_time": None})


def test_a_failure_shows_what_was_submitted(asked: MockServer, app: WeatherApp) -> None:
    [run] = asked.runs()
    with pytest.raises(AssertionError) as raised:
        asked.assert_outputs({"get_time": "noon", "get_weather": {"contains": "Oslo"}})
    assert str(raised.value).splitlines() == [
        "expected these outputs to be submitted:",
        "  get_time: 'noon'",
        "  get_weather: {'contains': 'Oslo'}  <- missing",
        "the runs:",
        f"{run.id} of {app.thread.id}: completed",
        '    called get_weather({"city": "Paris"}): "{\\"city\\": \\"Paris\\", \\"celsius\\": 25}"',
        '    called get_weather({"city": "Rome"}): "{\\"city\\": \\"Rome\\", \\"celsius\\": 20}"',
        '    called get_time(): "noon"',
        '    said "Sunny."',
    ]


def test_a_failure_shows_what_was_not_taken(mock: MockServer, app: WeatherApp) -> None:
    mock.call(PARIS)
    mock.fault("overloaded", on="submitToolOuputsToRun", should_retry=False)
    with pytest.raises(Exception, match="overloaded"):
        app.ask("The weather?")

    with pytest.raises(AssertionError) as raised:
        mock.assert_outputs("get_weather")
    words = str(raised.value)
    assert "submitted and not taken:\nPOST /v1/threads/" in words
    assert 'called get_weather({"city": "Paris"}): nothing was submitted' in words


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (3, "expected: no expected output: 3: use the name of a function"),
        ([{3: "noon"}], r"expected\[0\]: no expected output: \{3: 'noon'\}"),
        ({"get_time": {"matches": "("}}, r"expected\.get_time\.matches: not a regular"),
        ([{"get_time": {"gt": "z"}}], r"expected\[0\]\.get_time\.gt: `gt` cannot take"),
    ],
)
def test_an_expected_output_has_to_be_one(mock: MockServer, expected: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        mock.assert_outputs(expected)


def test_many_runs_are_cut_to_the_newest(mock: MockServer, app: WeatherApp) -> None:
    mock.configure(run_polls=0)
    for _ in range(23):
        app.ask("Well?")

    with pytest.raises(AssertionError, match=r"the runs:\n\(3 older runs\)\nrun_"):
        mock.assert_run_ended("failed")


def test_polls_do_not_hide_what_came_before_them(mock: MockServer, app: WeatherApp) -> None:
    mock.run([{"wait": {"polls": 90}}, {"say": "At last."}])
    assert app.ask("Well?") == "At last."

    with pytest.raises(AssertionError) as raised:
        mock.assert_called("cancelRun")
    shown = [line.split("  ") for line in str(raised.value).splitlines()[4:]]
    assert [line[1] for line in shown] == ["createRun", "getRun", "listMessages"]
    assert shown[1][-1] == "(92 times)"
