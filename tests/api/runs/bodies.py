"""What the state machine sends: bodies and scripts at random, and those that are refused."""

from typing import Any

from hypothesis import strategies as st

from tests.api.runs.model_of_answers import RefusedError
from tests.api.runs.model_of_runs import Item, Object

Wrong = tuple[Object, RefusedError]
LEFT = "left out"
"""Stands in a change of a body for a field that is left out."""

FUNCTIONS: list[Object] = [
    {"type": "function", "function": {"name": name}} for name in ("get_weather", "get_time")
]
ASSISTANTS: list[Object] = [
    {"model": "gpt-4o", "name": "Math Tutor", "instructions": "Be brief.", "tools": FUNCTIONS},
    {"model": "o3-mini", "tools": [*FUNCTIONS, {"type": "code_interpreter"}]},
    {
        "model": "gpt-4o",
        "temperature": 0.25,
        "response_format": {"type": "json_object"},
        "tools": FUNCTIONS,
    },
]

TEXT = st.one_of(st.sampled_from(["2 + 2?", "ñ ☃ 🎓", '"\\\n\t\u0000']), st.text(max_size=12))
METADATA = st.none() | st.dictionaries(st.text(max_size=3), TEXT, max_size=2)
MODIFY = st.fixed_dictionaries({}, optional={"metadata": METADATA})
RESOURCES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {},
        {"file_search": {"vector_store_ids": ["vs_1"]}},
        {"code_interpreter": {"file_ids": []}},
    ]
)
MODIFY_THREAD = st.fixed_dictionaries(
    {}, optional={"metadata": METADATA, "tool_resources": RESOURCES}
)

# ── Messages and threads ─────────────────────────────────────────────────────────

_PARTS: Any = st.one_of(
    st.builds(lambda text: {"type": "text", "text": text}, TEXT),
    st.just({"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}),
    st.just({"type": "image_file", "image_file": {"file_id": "file-1", "detail": "low"}}),
)
MESSAGES = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "user", "assistant"]),
        "content": TEXT | st.lists(_PARTS, min_size=1, max_size=3),
    },
    optional={
        "metadata": METADATA,
        "attachments": st.sampled_from(
            [None, [{"file_id": "file-1", "tools": [{"type": "code_interpreter"}]}]]
        ),
    },
)
THREADS = st.fixed_dictionaries(
    {},
    optional={
        "messages": st.none() | st.lists(MESSAGES, max_size=3),
        "metadata": METADATA,
        "tool_resources": RESOURCES,
    },
)
WRONG_MESSAGES: list[Wrong] = [
    (
        {"role": LEFT},
        RefusedError("Missing required parameter: 'role'.", "role", "missing_required_parameter"),
    ),
    (
        {"role": "system"},
        RefusedError(
            "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.",
            "role",
            "invalid_value",
        ),
    ),
    (
        {"content": []},
        RefusedError(
            "Invalid 'content': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "content",
            "empty_array",
        ),
    ),
    (
        {"metadata": {"a": True}},
        RefusedError(
            "Invalid type for 'metadata.a': expected a string, but got a boolean instead.",
            "metadata.a",
            "invalid_type",
        ),
    ),
    (
        {"file_ids": []},
        RefusedError("Unknown parameter: 'file_ids'.", "file_ids", "unknown_parameter"),
    ),
]

# ── Runs ─────────────────────────────────────────────────────────────────────────

_OVERRIDES: Any = {
    "model": st.sampled_from([None, "gpt-4o-mini", "o3-mini", "gpt-nope"]),
    "instructions": st.none() | TEXT,
    "tools": st.sampled_from([None, [], [{"type": "code_interpreter"}], FUNCTIONS[:1]]),
    "metadata": METADATA,
    "temperature": st.sampled_from([None, 0, 1, 0.5]),
    "top_p": st.sampled_from([None, 1, 0.5]),
    "reasoning_effort": st.sampled_from([None, "low"]),
    "stream": st.sampled_from([None, False]),
    "max_prompt_tokens": st.sampled_from([None, 256]),
    "max_completion_tokens": st.sampled_from([None, 16]),
    "truncation_strategy": st.sampled_from(
        [None, {"type": "auto"}, {"type": "last_messages", "last_messages": 3}]
    ),
    # Any other may fail the run, where its script does not obey.
    "tool_choice": st.sampled_from([None, "auto"]),
    "parallel_tool_calls": st.sampled_from([None, True, False]),
    "response_format": st.sampled_from([None, "auto", {"type": "text"}, {"type": "json_object"}]),
}
_OF_RUNS = {
    "additional_instructions": st.none() | TEXT,
    "additional_messages": st.none() | st.lists(MESSAGES, max_size=2),
}


def _some(overrides: Any) -> Any:
    """Draw none, a few or all of the overrides."""
    few = st.lists(st.sampled_from(sorted(overrides)), max_size=3, unique=True)
    return few.flatmap(lambda names: st.fixed_dictionaries({n: overrides[n] for n in names}))


def runs(assistants: list[Object]) -> Any:
    """Draw the body of a run of one of these assistants."""
    return st.builds(
        lambda assistant, more: {"assistant_id": assistant["id"], **more},
        st.sampled_from(assistants),
        _some(_OVERRIDES | _OF_RUNS),
    )


def runs_of_new_threads(assistants: list[Object]) -> Any:
    """Draw the body of a thread and a run in it."""
    return st.builds(
        lambda assistant, more, thread: {"assistant_id": assistant["id"], **more, **thread},
        st.sampled_from(assistants),
        _some(_OVERRIDES),
        st.fixed_dictionaries({}, optional={"thread": st.none() | THREADS}),
    )


WRONG_RUNS: list[Wrong] = [
    (
        {"assistant_id": LEFT},
        RefusedError(
            "Missing required parameter: 'assistant_id'.",
            "assistant_id",
            "missing_required_parameter",
        ),
    ),
    (
        {"assistant_id": "undefined"},
        RefusedError(
            "Invalid 'assistant_id': 'undefined'. Expected an ID that begins with 'asst'.",
            "assistant_id",
            "invalid_value",
        ),
    ),
    (
        {"temperature": 3},
        RefusedError(
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 "
            "instead.",
            "temperature",
            "decimal_above_max_value",
        ),
    ),
    (
        {"max_completion_tokens": 15},
        RefusedError(
            "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 16, "
            "but got 15 instead.",
            "max_completion_tokens",
            "integer_below_min_value",
        ),
    ),
    (
        {"tool_choice": "always"},
        RefusedError(
            "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'.",
            "tool_choice",
            "invalid_value",
        ),
    ),
    (
        {"file_ids": []},
        RefusedError("Unknown parameter: 'file_ids'.", "file_ids", "unknown_parameter"),
    ),
]

# ── Scripts ──────────────────────────────────────────────────────────────────────

_CALLS: Any = st.sampled_from(
    [
        {"get_weather": {"city": "Paris"}},
        {"get_weather": {"city": "Zürich", "days": 3}, "get_time": {}},
        {"get_time": {}},
        {"get_weather": {}, "get_time": {"zone": None}},
        {"get_time": {}, "fly": {}},
    ]
)
_SPOKEN = TEXT.filter(lambda text: "{{" not in text)  # which would be a template
_SAID: Any = st.one_of(
    st.tuples(st.just("say"), _SPOKEN),
    st.tuples(st.just("call"), _CALLS),
    st.tuples(st.just("call"), _CALLS),
    st.tuples(st.just("refuse"), _SPOKEN),
    st.tuples(
        st.just("wait"),
        st.sampled_from(["1s", "30s"]) | st.builds(lambda n: {"polls": n}, st.integers(1, 3)),
    ),
)
_END: Any = st.sampled_from(
    [
        ("fail", {"code": "rate_limit_exceeded", "message": "Slow down."}),
        ("incomplete", "max_completion_tokens"),
        ("incomplete", "max_prompt_tokens"),
        ("expire", None),
        ("cancel", None),
    ]
)
SCRIPTS: st.SearchStrategy[list[Item]] = st.builds(
    lambda said, ends: [*said, *ends],
    st.integers(0, 4).flatmap(lambda size: st.lists(_SAID, min_size=size, max_size=size)),
    st.lists(_END, max_size=1),
)
"""What a run does, item by item; nothing leaves it without a script."""

# ── Outputs and queries ──────────────────────────────────────────────────────────

_WRONG_OUTPUTS: list[Wrong] = [
    (
        {},
        RefusedError(
            "Missing required parameter: 'tool_outputs'.",
            "tool_outputs",
            "missing_required_parameter",
        ),
    ),
    (
        {"tool_outputs": [{"tool_call_id": "call_1", "output": {"a": 1}}]},
        RefusedError(
            "Invalid type for 'tool_outputs[0].output': expected a string, but got an object "
            "instead.",
            "tool_outputs[0].output",
            "invalid_type",
        ),
    ),
]


def outputs_of(calls: list[str]) -> Any:
    """Draw outputs of these calls, as a rule of each: a body, and why it is refused."""
    one = st.fixed_dictionaries({}, optional={"output": st.none() | TEXT})
    each = st.tuples(*(one for _ in calls)).map(
        lambda outputs: [
            {"tool_call_id": call, **output} for call, output in zip(calls, outputs, strict=True)
        ]
    )
    other = st.sampled_from(
        [[], [{"tool_call_id": call, "output": "a"} for call in [*calls[:1], "call_x"]], [{}]]
    )
    sent = st.one_of(each, each, each.map(lambda all_of: all_of[::-1]), other)
    right = sent.map(lambda outputs: ({"tool_outputs": outputs}, None))
    return st.integers(0, 7).flatmap(lambda n: st.sampled_from(_WRONG_OUTPUTS) if n == 7 else right)


WRONG_QUERIES: list[tuple[str, RefusedError]] = [
    (
        "?limit=0",
        RefusedError(
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 "
            "instead.",
            "limit",
            "integer_below_min_value",
        ),
    ),
    (
        "?limit=101",
        RefusedError(
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 "
            "instead.",
            "limit",
            "integer_above_max_value",
        ),
    ),
    (
        "?limit=abc",
        RefusedError(
            "Invalid type for 'limit': expected an integer, but got a string instead.",
            "limit",
            "invalid_type",
        ),
    ),
    (
        "?order=up",
        RefusedError(
            "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "order", "invalid_value"
        ),
    ),
]
