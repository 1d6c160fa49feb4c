"""The examples of `fixtures/examples` that write scripts of runs do what their comments say."""

import json
from typing import Any

import pytest

from tests.api.conversation import play_out, posted, read, run, said, steps_of, submit, thread
from tests.conftest import Start
from tests.examples import curl, serve
from tests.support import Api


def begin(api: Api, example: str) -> Any:
    """Run the curl line of an example, which creates a run, and return the run."""
    return json.loads(curl(api, example))


def test_reply_by_question_says_what_fits(start: Start) -> None:
    api = serve(start, "reply-by-question.yaml")

    def reply(assistant: str, text: str, **thread_fields: Any) -> list[str]:
        in_thread = thread(api, text, **thread_fields)
        return said(api, play_out(api, run(api, in_thread, assistant_id=assistant)))

    assert said(api, play_out(api, begin(api, "reply-by-question.yaml"))) == ["It is sunny."]
    assert reply("asst_sailor", "And the weather?") == ["A stiff breeze, fair seas."]
    assert reply("asst_sailor", "Breakfast?") == ["From seven to ten, dear guest."]
    ada = {"metadata": {"guest": "Ada"}}
    assert reply("asst_sailor", "Breakfast?", **ada) == ["From seven to ten, Ada."]
    assert "a mock" in reply("asst_concierge", "Who are you?")[0]


def test_two_tools_are_called_at_once_and_summed_up(start: Start) -> None:
    api = serve(start, "two-tools.yaml")

    waiting = play_out(api, begin(api, "two-tools.yaml"))
    submit(api, waiting, '{"celsius": 21}', '{"celsius": 24.5}')

    ended = play_out(api, waiting)
    assert said(api, ended) == ["Paris: 21 degrees. Rome: 24.5 degrees."]
    assert len(steps_of(api, ended)) == 2


@pytest.mark.parametrize(
    ("output", "reply"),
    [
        ("9 euros", "It costs 9 euros."),
        ('{"error": "closed"}', "I could not look that up: closed."),
        ("error 500", "I could not look that up: no reason given."),
    ],
)
def test_tool_error_is_admitted(start: Start, output: str, reply: str) -> None:
    api = serve(start, "tool-error.yaml")
    waiting = play_out(api, begin(api, "tool-error.yaml"))

    submit(api, waiting, output)

    assert said(api, play_out(api, waiting)) == [reply]


def test_run_without_quota_fails_before_a_word_is_said(start: Start) -> None:
    api = serve(start, "run-without-quota.yaml")

    ended = play_out(api, begin(api, "run-without-quota.yaml"))

    assert (ended["status"], said(api, ended)) == ("failed", [])
    assert ended["last_error"]["code"] == "rate_limit_exceeded"
    assert "exceeded your current quota" in ended["last_error"]["message"]


def test_run_expires_once_the_clock_has_passed_ten_minutes(start: Start) -> None:
    api = serve(start, "run-expires.yaml")
    begun = begin(api, "run-expires.yaml")
    assert [read(api, begun)["status"] for _ in range(9)] == ["in_progress"] * 9

    api.post("/_mock/clock", {"advance": "10m"})

    assert read(api, begun)["status"] == "expired"
    assert said(api, begun) == ["One. Two. Three."]


def test_cut_off_reply_leaves_an_incomplete_run(start: Start) -> None:
    api = serve(start, "cut-off-reply.yaml")

    ended = play_out(api, begin(api, "cut-off-reply.yaml"))

    assert ended["status"] == "incomplete"
    assert ended["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert said(api, ended) == ["Well, it all began"]


def test_silent_run_completes_without_a_message(start: Start) -> None:
    api = serve(start, "silent-run.yaml")

    ended = play_out(api, begin(api, "silent-run.yaml"))

    assert (ended["status"], said(api, ended)) == ("completed", [])


def test_slow_run_is_in_progress_for_five_more_polls(start: Start) -> None:
    api = serve(start, "slow-run.yaml")
    begun = begin(api, "slow-run.yaml")

    states = [read(api, begun)["status"] for _ in range(7)]

    assert states == ["in_progress"] * 6 + ["completed"]
    assert said(api, begun) == ["42"]


def test_refusal_has_no_text(start: Start) -> None:
    api = serve(start, "refusal.yaml")

    ended = play_out(api, begin(api, "refusal.yaml"))

    [newest, _] = api.get(f"/v1/threads/{ended['thread_id']}/messages").json["data"]
    assert newest["content"] == [{"type": "refusal", "refusal": "I cannot help with that."}]


def test_thirty_turns_are_held_in_one_thread(start: Start) -> None:
    api = serve(start, "thirty-turns.yaml")
    messages = f"/v1/threads/{begin(api, 'thirty-turns.yaml')['thread_id']}/messages"
    while len(api.get(messages).json["data"]) < 2:  # a read of its messages moves the run, too
        pass

    for turn in range(2, 31):
        posted(api, messages, {"role": "user", "content": f"This is turn {turn}."})
        thread_id = messages.split("/")[3]
        ended = play_out(api, run(api, thread_id, assistant_id="asst_companion"))
        assert ended["status"] == "completed"

    replies = said(api, ended)
    assert len(replies) == 30
    assert replies[0] == "Hello. What shall we talk about?"
    assert replies[1] == "You said: This is turn 2. This is message 3."
    assert replies[28] == "You said: This is turn 29. This is message 57."
    assert replies[29] == "That makes 59 messages. Good night."
