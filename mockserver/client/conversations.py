"""What a test says of runs: the scripts that they follow in the place of a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypedDict, Unpack

from mockserver.client.call_assertions import Operation, given

__tracebackhide__ = True

ScriptItem = str | Mapping[str, Any]
"""An item of a script, as a fixture file has it: `{"say": "Sunny."}`, or `"expire"`."""

Script = Sequence[ScriptItem]

Calls = str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
"""Functions by name, each with its arguments: `{"get_weather": {"city": "Paris"}}`, or a list."""


class RunOptions(TypedDict, total=False):
    """Which runs a script is for, and how often: the keywords of `run`."""

    to: str | Mapping[str, Any]
    message: Any
    assistant: str | Mapping[str, Any]
    thread: str | Mapping[str, Any]
    messages: int | Mapping[str, Any]
    on: Operation
    when: Mapping[str, Any]
    name: str
    times: int
    probability: float
    priority: int
    optional: bool


class Conversations(ABC):
    """The scripts of runs.

    Each adds a stub, in front of those before it, for the runs that its keywords select:

    `to` is a text that the newest message of the user contains, or operators on that text, such as
    `{"starts_with": "Hi"}`; `message` is the whole text. `assistant` is an id, a name or fields of
    the assistant, `thread` an id or fields, and `messages` how many the thread has, `{"gte": 3}`.
    `when` has further conditions of a stub, such as `{"body": {"model": "gpt-4o"}}`.

    `on` names the operation, instead of createRun and createThreadAndRun: a script for
    `submitToolOuputsToRun`, which is spelled as OpenAI does, replaces the rest of the run's own.
    """

    @abstractmethod
    def _add(self, path: str, body: object) -> object: ...

    def run(
        self,
        script: Sequence[ScriptItem | Script],
        *,
        to: str | Mapping[str, Any] | None = None,
        message: Any = None,
        assistant: str | Mapping[str, Any] | None = None,
        thread: str | Mapping[str, Any] | None = None,
        messages: int | Mapping[str, Any] | None = None,
        on: Operation | None = None,
        when: Mapping[str, Any] | None = None,
        name: str | None = None,
        times: int | None = None,
        probability: float | None = None,
        priority: int | None = None,
        optional: bool | None = None,
    ) -> Self:
        """Have runs follow a script: `[{"call": {"get_time": {}}}, {"say": "Noon."}]`.

        A list of scripts is a sequence: the first run follows the first, and the last one repeats.

        Raises:
            MockServerError: an item or a condition is not valid; the message has every problem.
            ValueError: scripts and items are mixed, or a condition is given twice.
        """
        if to is not None and message is not None:
            raise ValueError("to and message: both are about the newest message, give one of them")
        conditions = given(
            operation=on if on is None or isinstance(on, str) else list(on),
            message={"contains": to} if isinstance(to, str) else message if to is None else to,
            assistant=_of_assistant(assistant) if isinstance(assistant, str) else assistant,
            thread={"id": thread} if isinstance(thread, str) else thread,
            messages=messages,
        )
        if when and (twice := conditions.keys() & when.keys()):
            raise ValueError(f"when: {', '.join(sorted(twice))} is given as a keyword, too")
        stub = given(
            when={**(when or {}), **conditions} or None,
            name=name,
            times=times,
            probability=probability,
            priority=priority,
            optional=optional,
        )
        self._add("stubs", {"then": _as_action(script)} | stub)
        return self

    def say(
        self,
        text: str,
        *,
        deltas: str | int | None = None,
        delay: str | float | None = None,
        cite: bool | Sequence[Mapping[str, str]] | None = None,
        **options: Unpack[RunOptions],
    ) -> Self:
        """Have runs answer with a text: `say("Four.", to="two and two")`.

        `deltas` is how a stream cuts it: `"words"`, `"characters"` or a number of characters, with
        a `delay` between them. `cite=True` cites the first file that a search of the run found, and
        a list says which: `[{"file": "tips.md", "quote": "Breathe."}]`.

        Raises:
            MockServerError: an option is not valid; the message has every problem.
        """
        return self.run([{"say": _words(text, deltas=deltas, delay=delay, cite=cite)}], **options)

    def refuse(
        self,
        text: str,
        *,
        deltas: str | int | None = None,
        delay: str | float | None = None,
        **options: Unpack[RunOptions],
    ) -> Self:
        """Have runs answer with a refusal: `refuse("I cannot help with that.", to="a bomb")`.

        Raises:
            MockServerError: an option is not valid; the message has every problem.
        """
        return self.run([{"refuse": _words(text, deltas=deltas, delay=delay)}], **options)

    def call(
        self,
        functions: Calls,
        arguments: Mapping[str, Any] | str | None = None,
        *,
        then: str | Script | None = None,
        **options: Unpack[RunOptions],
    ) -> Self:
        """Have runs call a function: `call("get_weather", {"city": "Paris"}, then="Sunny.")`.

        Several that are called at once are an object, `{"get_weather": {"city": "Paris"},
        "get_time": {}}`, or a list of such. `arguments` that are a text may be no JSON.

        When the outputs are in, the run goes on with `then`: a text to say, which may have them, as
        in `"It is {{ outputs.0 }}."`, or further items of its script. Without it, it ends.

        Raises:
            MockServerError: an option is not valid; the message has every problem.
            ValueError: `functions` has arguments already.
        """
        if arguments is not None and not isinstance(functions, str):
            raise ValueError("arguments: several functions have theirs beside their names")
        called: Any = {functions: arguments} if isinstance(functions, str) else functions
        following = [{"say": then}] if isinstance(then, str) else then or []
        if not isinstance(following, list):
            raise TypeError(f"then is a text to say, or a list of items, not {then!r}")
        return self.run([{"call": called}, *following], **options)


def _as_action(script: object) -> Any:
    """Return the `then` of a stub for a script, or for a list of them."""
    if not isinstance(script, list | tuple):
        return {"run": script}
    are_scripts = [isinstance(one, list | tuple) for one in script]
    if not any(are_scripts):
        return {"run": script}
    if not all(are_scripts):
        at = are_scripts.index(False)
        raise ValueError(f"script[{at}]: expected a list, as the others are, got {script[at]!r}")
    return [{"run": one} for one in script]


def _of_assistant(text: str) -> dict[str, str]:
    return {"id" if text.startswith("asst_") else "name": text}


def _words(text: str, **options: Any) -> Any:
    """Return the value of an item that is a text, with options where there are any."""
    chosen = given(**options)
    return {"text": text, **chosen} if chosen else text
