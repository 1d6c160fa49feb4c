"""The engine: plays the script of a run, one transition at a time.

Reads turn it, and so does the clock. It changes nothing by itself: `Playback.changes` returns what
is to be stored, so that a run moves only where the response to the read was made.
"""

from collections.abc import Callable
from typing import Any

from mockserver.api.runs import records, usage
from mockserver.api.runs.records import (
    ACTIVE,
    MESSAGES,
    RUNS,
    SCRIPT,
    STEPS,
    calls_of,
    function_names,
)
from mockserver.api.runs.script import is_script, new_script
from mockserver.api.shared.message_content import shown_text
from mockserver.api.shared.results import Object
from mockserver.state import ids
from mockserver.state.changes import Put
from mockserver.state.namespace import Namespace

EXPIRES_AFTER_SECONDS = 600
"""How long a run may be open [recorded]."""

ENDINGS = ("fail", "incomplete", "expire", "cancel")
"""The items that end a run; a message that is open when they come ends with it."""

_REASONS = {"failed": "run_failed", "expired": "run_expired", "cancelled": "run_cancelled"}
"""Why a message is incomplete, by the status of its run [spec]."""

_MESSAGE_REASONS = dict.fromkeys(("max_completion_tokens", "max_prompt_tokens"), "max_tokens")
"""Why a message is incomplete, by the reason of a run that is, where the words differ [spec]."""

_STEP_AFTER = {"incomplete": "completed"}
"""The status of an open step where it is not that of its run [recorded]."""

_TIME_OF = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}
"""The field with the time of an end, by the status; an expired run has none [recorded]."""


class Playback:
    """One run in play. `run` is its record, which the methods change.

    `thread_id` and `run_id` say where it is stored. A field of the record may have any value, since
    a stub may have patched it; a run without a script has nothing left to play.
    """

    def __init__(self, namespace: Namespace, thread_id: str, run_id: str, run: Object) -> None:
        self.run = run
        self.run_id = run_id
        self._thread_id = thread_id
        self._namespace = namespace
        self._now = namespace.clock.now()
        script = run.get(SCRIPT)
        self._script: Object = script if is_script(script) else new_script([])
        run[SCRIPT] = self._script
        self._touched: dict[str, tuple[str, str, Object, bool]] = {}

    @property
    def is_active(self) -> bool:
        """Whether the run has not ended."""
        return self.run.get("status") in ACTIVE

    def changes(self) -> tuple[Put, ...]:
        """Return what to store: the run, and the steps and messages that were changed."""
        own = records.put(self._namespace, RUNS, self._thread_id, self.run_id, self.run)
        return (own, *self.changes_beside())

    def changes_beside(self) -> tuple[Put, ...]:
        """Return what to store beside the run."""
        return tuple(
            records.put(self._namespace, kind, parent, object_id, record, is_new=is_new)
            for object_id, (kind, parent, record, is_new) in self._touched.items()
        )

    # ── Transitions ──────────────────────────────────────────────────────────────

    def advance(self) -> bool:
        """Perform one transition, and return whether anything changed."""
        if not self.is_active:
            return False
        before = (self.run["status"], self._script["at"], self._script["reads"])
        if self.run["status"] == "cancelling":
            self.end("cancelled")
        elif self.expire_if_due() or self.run["status"] == "requires_action":
            pass
        elif self.run["status"] == "queued":
            self.run["status"], self.run["started_at"] = "in_progress", self._now
            self._script["since"] = self._now
            if self._script["eager"] or not self._script["items"]:
                self._play()
        else:
            self._play()
        return before != (self.run["status"], self._script["at"], self._script["reads"])

    def play_to_the_end(self) -> None:
        """Perform every transition until the run waits for something, or has ended."""
        while self.advance():
            pass

    def expire_if_due(self) -> bool:
        """End the run where its time is over by the namespace's clock; return whether it was.

        One that is cancelling never expires: it is cancelled [recorded].
        """
        expires_at = self.run.get("expires_at")
        due = self.is_active and type(expires_at) is int and self._now >= expires_at
        if due:
            self.end("cancelled" if self.run["status"] == "cancelling" else "expired")
        return due

    def _play(self) -> None:
        """Play the item that is next, and end the run where there is none behind it."""
        item = self._next_item()
        if item is not None:
            name, value = item
            if name == "wait":
                if not self._still_waits(value):
                    self._go_on()
                    self._play()
                return
            if name not in ENDINGS:
                self._close_message()
            _ITEMS[name](self, value)
            if self.run["status"] != "in_progress":  # it waits for outputs, or has ended
                return
            self._go_on()
        following = self._next_item()
        if following is None:
            self.end("completed")
        elif following[0] not in ENDINGS:
            self._close_message()

    def _next_item(self) -> tuple[str, Any] | None:
        items, at = self._script["items"], self._script["at"]
        return next(iter(items[at].items())) if at < len(items) else None

    def _go_on(self) -> None:
        self._script["at"] += 1
        self._script["reads"] = 0
        self._script["since"] = self._now

    def _still_waits(self, value: Object) -> bool:
        if "seconds" in value:
            return bool(self._now < self._script["since"] + value["seconds"])
        self._script["reads"] += 1
        return bool(self._script["reads"] <= value["polls"])

    # ── What items do ────────────────────────────────────────────────────────────

    def _say(self, value: Object) -> None:
        self._open_message([shown_text(value["text"])], value["text"])

    def _refuse(self, value: Object) -> None:
        self._open_message([{"type": "refusal", "refusal": value["text"]}], value["text"])

    def _open_message(self, content: list[Any], text: str) -> None:
        """Create a message and its step, both in progress."""
        message_id = self._new_id("message")
        details = {
            "type": "message_creation",
            "message_creation": {"message_id": message_id},
        }
        self._open_step(details, usage.tokens(text))
        message = records.message_record(
            message_id,
            self._now,
            self._thread_id,
            role="assistant",
            content=content,
            assistant_id=self.run.get("assistant_id"),
            run_id=self.run_id,
            status="in_progress",
        )
        self._touch(MESSAGES, self._thread_id, message, is_new=True)
        self._script["message"] = message_id

    def _call(self, value: Object) -> None:
        """Ask the client to call functions, and wait for their outputs."""
        names = function_names(self.run.get("tools"))
        missing = [call["name"] for call in value["calls"] if call["name"] not in names]
        if missing:
            self.end(
                "failed",
                code="server_error",
                message=f"The script of this run calls {missing[0]}, a function that the run does "
                "not have: add it to the tools of the assistant or of the run.",
            )
            return
        functions: list[Object] = [
            {"name": call["name"], "arguments": call["arguments"]} for call in value["calls"]
        ]
        call_ids = [self._new_id("tool_call") for _ in functions]
        calls, shown = [], []
        for call_id, function in zip(call_ids, functions, strict=True):
            call = {"id": call_id, "type": "function", "function": function}
            calls.append(call)
            shown.append(call | {"function": function | {"output": None}})
        texts = [function["name"] + function["arguments"] for function in functions]
        self._open_step({"type": "tool_calls", "tool_calls": shown}, usage.tokens(*texts))
        self.run["required_action"] = {
            "type": "submit_tool_outputs",
            "submit_tool_outputs": {"tool_calls": calls},
        }
        self.run["status"] = "requires_action"

    def accept_outputs(self, outputs: dict[str, str | None]) -> None:
        """Take the outputs of the calls that the run waits for, by call id; it is queued again."""
        step = self._record(STEPS, self.run_id, self._script["step"] or "")
        if step is not None:
            for call in calls_of(step.get("step_details")):
                call["function"]["output"] = outputs.get(call["id"])
            self._touch(STEPS, self.run_id, step)
        self._script["written"] += usage.tokens(*outputs.values())
        self._close_step("completed")
        self.run["required_action"], self.run["status"] = None, "queued"
        self._go_on()

    def _fail(self, value: Object) -> None:
        self.end("failed", code=value["code"], message=value["message"])

    def _incomplete(self, value: Object) -> None:
        self.end("incomplete", reason=value["reason"])

    def _expire(self, value: Object) -> None:
        self.end("expired")

    def _cancel(self, value: Object) -> None:
        self.end("cancelled")

    # ── Ends ─────────────────────────────────────────────────────────────────────

    def end(
        self, status: str, *, reason: str | None = None, code: str = "", message: str = ""
    ) -> None:
        """End the run; what is open ends with it."""
        run, error = self.run, {"code": code, "message": message} if code else None
        self._close_message(status, reason)
        self._close_step(_STEP_AFTER.get(status, status), error)
        run["status"], run["expires_at"], run["required_action"] = status, None, None
        run["last_error"] = error
        if status in _TIME_OF:
            run[_TIME_OF[status]] = self._now
        if reason is not None:
            run["incomplete_details"] = {"reason": reason}
        steps = self._all_steps()
        run["usage"] = usage.total(step.get("usage") for step in steps)
        for step in steps:
            step["expires_at"] = None
            self._touch(STEPS, self.run_id, step)

    def _close_message(self, status: str = "completed", reason: str | None = None) -> None:
        """End the message that is open, if one is, and its step where the run goes on."""
        message_id, self._script["message"] = self._script["message"], None
        if message_id is None:
            return
        message = self._record(MESSAGES, self._thread_id, message_id)
        if message is not None:  # it may have been deleted
            if status == "completed":
                message["status"], message["completed_at"] = "completed", self._now
            else:
                why = _REASONS.get(status) or _MESSAGE_REASONS.get(reason or "", reason)
                message["status"], message["incomplete_at"] = "incomplete", self._now
                message["incomplete_details"] = {"reason": why}
            self._touch(MESSAGES, self._thread_id, message)
        if status == "completed":
            self._close_step("completed")

    def _open_step(self, details: Object, completion: int) -> None:
        step = records.step_record(
            self._new_id("run_step"), self._now, self.run, (self._thread_id, self.run_id), details
        )
        # Shown when the step ends; until then it is the script's.
        self._script["usage"] = [self._script["prompt"] + self._script["written"], completion]
        self._script["written"] += completion
        self._script["step"] = step["id"]
        self._touch(STEPS, self.run_id, step, is_new=True)

    def _close_step(self, status: str, error: Object | None = None) -> None:
        """End the step that is open, if one is."""
        step_id, self._script["step"] = self._script["step"], None
        step = None if step_id is None else self._record(STEPS, self.run_id, step_id)
        if step is None:
            return
        step["status"], step["last_error"] = status, error
        if status in _TIME_OF:
            step[_TIME_OF[status]] = self._now
        step["usage"] = usage.usage(*self._script["usage"])
        self._touch(STEPS, self.run_id, step)

    # ── Records ──────────────────────────────────────────────────────────────────

    def _new_id(self, kind: str) -> str:
        """Return an id that derives from the run and from how much it has made before."""
        self._script["made"] += 1
        which = b"%d" % self._script["made"]
        source = ids.digest(self._namespace.seed, which, self.run_id.encode())
        return ids.FORMATS[kind](source, self._namespace.clock.start)

    def _touch(self, kind: str, parent: str, record: Object, *, is_new: bool = False) -> None:
        known = self._touched.get(record["id"])
        self._touched[record["id"]] = (kind, parent, record, is_new or bool(known and known[3]))

    def _record(self, kind: str, parent: str, object_id: str) -> Object | None:
        """Return a record as this playback left it or as it is stored; None where it is gone."""
        if object_id in self._touched:
            return self._touched[object_id][2]
        return records.load(self._namespace.collection(kind, parent).get(object_id))

    def _all_steps(self) -> list[Object]:
        stored = self._namespace.collection(STEPS, self.run_id)
        new = (object_id for object_id, (kind, *_) in self._touched.items() if kind == STEPS)
        found = (self._record(STEPS, self.run_id, one) for one in dict.fromkeys((*stored, *new)))
        return [step for step in found if step is not None]


_ITEMS: dict[str, Callable[[Playback, Any], None]] = {
    "say": Playback._say,
    "refuse": Playback._refuse,
    "call": Playback._call,
    "fail": Playback._fail,
    "incomplete": Playback._incomplete,
    "expire": Playback._expire,
    "cancel": Playback._cancel,
}
"""What each item of a script does. `wait` is played by the engine itself."""
