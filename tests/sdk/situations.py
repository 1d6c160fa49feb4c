"""What runs may do while a client listens: the script of each, and what its handler hears."""

from dataclasses import dataclass, field
from typing import Any

from tests.support import Api

QUESTION: Any = [{"role": "user", "content": "What now?"}]
TOOLS: Any = [
    {"type": "function", "function": {"name": "get_weather"}},
    {"type": "file_search"},
    {"type": "code_interpreter"},
]
MESSAGE = ("run_step_created", "message_created", "text_created", "text_done", "message_done")
SPOKEN = frozenset({"text_delta", "message_delta"})
TOLD = frozenset({"tool_call_delta", "run_step_delta"})


@dataclass(frozen=True)
class Situation:
    """A script, the status that its run comes to, and the callbacks of the Python SDK's handler.

    `heard` are those that come once for a thing, in order, and `deltas` those that come for its
    pieces; `on_event` is left out. `says` is the text of the message, or None where there is none.
    """

    script: list[dict[str, Any]]
    status: str
    says: str | None
    heard: tuple[str, ...]
    deltas: frozenset[str] = field(default=SPOKEN)


SITUATIONS = {
    "a plain reply": Situation(
        [{"say": "It is four."}],
        "completed",
        "It is four.",
        (*MESSAGE, "run_step_done", "end"),
    ),
    "two calls at once": Situation(
        [
            {"call": [{"get_weather": {"city": "Paris"}}, {"get_weather": {"city": "Rome"}}]},
            {"say": "Paris: {{ outputs.0 }}. Rome: {{ outputs.1 }}."},
        ],
        "requires_action",
        None,
        ("run_step_created", *("tool_call_created", "tool_call_done") * 2, "end"),
        TOLD,
    ),
    "a search and a citation": Situation(
        [
            {"search": {"results": [{"file_name": "tips.md", "text": "Breathe."}]}},
            {"say": {"text": "Breathe.", "cite": True}},
        ],
        "completed",
        "Breathe.【4:0†tips.md】",
        (
            *("run_step_created", "tool_call_created", "tool_call_done", "run_step_done"),
            # The SDK forgets no tool call: it tells of it again at the end of each later step.
            *(*MESSAGE, "tool_call_done", "run_step_done", "tool_call_done", "end"),
        ),
        SPOKEN | {"run_step_delta"},
    ),
    "code that prints": Situation(
        [{"code": {"input": "print(6 * 7)", "logs": "42"}}, {"say": "It is 42."}],
        "completed",
        "It is 42.",
        (
            *("run_step_created", "tool_call_created", "tool_call_done", "run_step_done"),
            *(*MESSAGE, "tool_call_done", "run_step_done", "tool_call_done", "end"),
        ),
        SPOKEN | TOLD,
    ),
    "a refusal": Situation(
        [{"refuse": "I cannot help with that."}],
        "completed",
        "I cannot help with that.",
        ("run_step_created", "message_created", "message_done", "run_step_done", "end"),
        frozenset({"message_delta"}),
    ),
    "a failure before a word": Situation(
        [{"fail": {"code": "rate_limit_exceeded"}}], "failed", None, ("end",), frozenset()
    ),
    "a failure in the middle": Situation(
        [{"say": "Well, it"}, {"fail": {"code": "server_error"}}],
        "failed",
        "Well, it",
        (*MESSAGE, "run_step_done", "end"),
    ),
    "too many tokens": Situation(
        [{"say": "Well, it"}, {"incomplete": "max_completion_tokens"}],
        "incomplete",
        "Well, it",
        (*MESSAGE, "run_step_done", "end"),
    ),
    "too much time": Situation(
        [{"say": "Well, it"}, {"expire": None}],
        "expired",
        "Well, it",
        (*MESSAGE, "run_step_done", "end"),
    ),
}
SLOW: list[Any] = [
    {"say": {"text": "Well, it all began long ago.", "delay": "80ms"}},
    {"say": "The end."},
]
"""A script whose run can be cancelled in its middle."""


def follow(api: Api, script: list[dict[str, Any]]) -> None:
    """Have every run of the key follow a script."""
    reply = api.post("/_mock/stubs", {"then": {"run": script}})
    assert reply.status == 200, reply.body


def said(message: dict[str, Any]) -> str:
    """Return the text of a message, or its refusal."""
    [part] = message["content"]
    return str(part["refusal"] if part["type"] == "refusal" else part["text"]["value"])
