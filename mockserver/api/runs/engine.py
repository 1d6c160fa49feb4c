"""The engine: plays the script of a run, one transition at a time.

Reads turn it, and so do the clock and streams.
"""

from collections.abc import Iterator
from typing import Any

from mockserver.api.runs import records, usage
from mockserver.api.runs.events import Deltas, Listener, begun_step
from mockserver.api.runs.records import MESSAGES, STEPS, calls_of
from mockserver.api.runs.script import OutputError, kind_of, value_of
from mockserver.api.runs.workspace import Workspace
from mockserver.api.shared.delay import Delay
from mockserver.api.shared.results import Object
from mockserver.state import ids
from mockserver.state.namespace import Namespace

EXPIRES_AFTER_SECONDS = 600
"""How long a run may be open [recorded]."""

_REASONS = {"failed": "run_failed", "expired": "run_expired", "cancelled": "run_cancelled"}
"""Why a message is incomplete, by the status of its run [spec]."""

_MESSAGE_REASONS = dict.fromkeys(("max_completion_tokens", "max_prompt_tokens"), "max_tokens")
"""Why a message is incomplete, by the reason of a run that is, where the words differ [spec]."""

_STEP_AFTER = {"incomplete": "completed"}
"""The status of an open step where it is not that of its run [recorded]."""

_TIME_OF = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}
"""The field with the time of an end, by the status; an expired run has none [recorded]."""


class Playback(Workspace):
    """One run in play.

    A run that streams has a `listener` for its events; `now` is the time of the transition that it
    is in the middle of.
    """

    def __init__(
        self,
        namespace: Namespace,
        thread_id: str,
        run_id: str,
        run: Object,
        *,
        listener: Listener | None = None,
        now: int | None = None,
    ) -> None:
        super().__init__(namespace, thread_id, run_id, run)
        self.now = namespace.clock.now() if now is None else now
        self._events = listener or Listener()
        self._streams = listener is not None
        self._holds = False

    @property
    def is_going_on(self) -> bool:
        """Whether it has neither ended nor waits for outputs of tools."""
        return self.is_active and self.run.get("status") != "requires_action"

    # ── Transitions ──────────────────────────────────────────────────────────────

    def advance(self) -> bool:
        """Perform one transition, and return whether anything changed."""
        if not self.is_active:
            return False
        before = self._position()
        if self.run["status"] == "cancelling":
            self._events.run(self.run)
            self.end("cancelled")
        elif self.expire_if_due() or self.run["status"] == "requires_action":
            pass
        elif self.run["status"] == "queued":
            self.run["status"], self.run["started_at"] = "in_progress", self.now
            self.script["since"] = self.now
            self._events.run(self.run)
            if not self._streams and (self.script["eager"] or not self.script["items"]):
                self._play()
        else:
            self._play()
        return before != self._position()

    def _position(self) -> tuple[Any, ...]:
        """Return what a transition changes at least in part."""
        script = self.script
        return self.run["status"], script["at"], script["reads"], script["message"]

    def play_to_the_end(self) -> None:
        """Perform every transition until the run waits for something, or has ended."""
        while self.advance():
            pass

    def expire_if_due(self) -> bool:
        """End the run where its time is over by the namespace's clock; return whether it was.

        One that is cancelling never expires: it is cancelled [recorded].
        """
        expires_at = self.run.get("expires_at")
        due = self.is_active and type(expires_at) is int and self.now >= expires_at
        if due:
            self.end("cancelled" if self.run["status"] == "cancelling" else "expired")
        return due

    @property
    def is_speaking(self) -> bool:
        """Whether a message is open that ends before the next item begins."""
        following = self._next_item()
        ends = following is not None and kind_of(following).ends
        return self.is_active and self.script["message"] is not None and not ends

    def _play(self) -> None:
        """Play the item that is next, and end the run where there is none behind it.

        A stream takes two transitions for a message: its deltas are out before it is completed.
        """
        if self._streams and self.is_speaking:
            self._settle()
            return
        item = self._next_item()
        if item is not None:
            kind = kind_of(item)
            if not kind.ends and kind.name != "wait":  # what is open ends with the run
                self._close_message()
            self._holds = False
            try:
                value = value_of(item, self.rounds() if "later" in item else ())
            except OutputError as error:
                self.fail(str(error))
                return
            kind.play(self, value)
            if self._holds or self.run["status"] != "in_progress":
                return
            self._go_on()
            if kind.name == "wait":
                self._play()
                return
            if self._streams and self.is_speaking:
                return
        self._settle()

    def _settle(self) -> None:
        """Close the message that the last item opened, unless the next one ends the run with it."""
        following = self._next_item()
        if following is None:
            self.end("completed")
        elif not kind_of(following).ends:
            self._close_message()

    def _next_item(self) -> Object | None:
        items, at = self.script["items"], self.script["at"]
        return items[at] if at < len(items) else None

    def _go_on(self) -> None:
        self.script["at"] += 1
        self.script["reads"] = 0
        self.script["since"] = self.now

    # ── What items do ────────────────────────────────────────────────────────────

    def hold(self, seconds: int | None = None, polls: int = 0) -> None:
        """Stay at this item: so many seconds of the clock, or so many reads."""
        if seconds is not None:
            since = self.script["since"] or 0
            self._holds = self.now < since + seconds
            return
        if self._streams:  # which nobody reads
            return
        self.script["reads"] += 1
        self._holds = self.script["reads"] <= polls

    def open_message(
        self, content: list[Any], text: str, deltas: Deltas, delay: Any = None
    ) -> None:
        """Create a message and its step, both in progress; a stream sends it in `deltas`."""
        message_id = self.new_id("message")
        details = {
            "type": "message_creation",
            "message_creation": {"message_id": message_id},
        }
        self.open_step(details, usage.tokens(text))
        message = records.message_record(
            message_id,
            self.now,
            self.thread_id,
            role="assistant",
            content=content,
            assistant_id=self.run.get("assistant_id"),
            run_id=self.run_id,
            status="in_progress",
        )
        self.touch(MESSAGES, self.thread_id, message, is_new=True)
        self.script["message"] = message_id
        for name in ("created", "in_progress"):
            self._events.message(message | {"content": []}, name)
        self._events.deltas("message", message_id, deltas, self._pauses(delay))

    def _pauses(self, delay: Any) -> Iterator[float]:
        """Yield the seconds before each of some deltas: the same in every stream of this run."""
        if delay is None:
            return
        length = Delay.of(delay)
        made = b"%d" % self.script["made"]
        for share in ids.shares(self.namespace.seed, made, self.run_id.encode()):
            yield length.sample(share)

    def add_step(self, details: Object, completion: int, deltas: Deltas) -> None:
        """Create a step that is completed at once; `completion` is its tokens."""
        self.open_step(details, completion, deltas)
        self._close_step("completed")

    def require_outputs(self, calls: list[Object]) -> None:
        """Wait for the outputs of the calls of the step that is open."""
        self.run["required_action"] = {
            "type": "submit_tool_outputs",
            "submit_tool_outputs": {"tool_calls": calls},
        }
        self.run["status"] = "requires_action"
        self._events.run(self.run)

    def inject(self, fault: str, options: Object) -> None:
        """Have a fault injected into the stream here."""
        self._events.fault(fault, options)

    def fail(self, what: str) -> None:
        """End the run since its script cannot be played; `what` goes on from "The script"."""
        self.end("failed", code="server_error", message=f"The script of this run {what}.")

    # ── Outputs of tools ─────────────────────────────────────────────────────────

    def accept_outputs(
        self,
        outputs: dict[str, str | None],
        items: list[Object] | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Take the outputs of the calls that the run waits for, by call id; it is queued again.

        `items` replace what is left of its script. The listener hears of it.
        """
        self._events = listener or self._events
        step = self.record(STEPS, self.run_id, self.script["step"] or "")
        if step is not None:
            for call in calls_of(step.get("step_details")):
                call["function"]["output"] = outputs.get(call["id"])
            self.touch(STEPS, self.run_id, step)
        self.script["written"] += usage.tokens(*outputs.values())
        self._close_step("completed")
        self.run["required_action"], self.run["status"] = None, "queued"
        self._events.run(self.run)
        self._go_on()
        if items is not None:
            self.script["items"], self.script["at"] = items, 0

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
            run[_TIME_OF[status]] = self.now
        if reason is not None:
            run["incomplete_details"] = {"reason": reason}
        steps = self.steps()
        run["usage"] = usage.total(step.get("usage") for step in steps)
        for step in steps:
            step["expires_at"] = None
            self.touch(STEPS, self.run_id, step)
        self._events.run(run)

    def _close_message(self, status: str = "completed", reason: str | None = None) -> None:
        """End the message that is open, if one is, and its step where the run goes on."""
        message_id, self.script["message"] = self.script["message"], None
        if message_id is None:
            return
        message = self.record(MESSAGES, self.thread_id, message_id)
        if message is not None:  # it may have been deleted
            if status == "completed":
                message["status"], message["completed_at"] = "completed", self.now
            else:
                why = _REASONS.get(status) or _MESSAGE_REASONS.get(reason or "", reason)
                message["status"], message["incomplete_at"] = "incomplete", self.now
                message["incomplete_details"] = {"reason": why}
            self.touch(MESSAGES, self.thread_id, message)
            self._events.message(message, message["status"])
        if status == "completed":
            self._close_step("completed")

    def open_step(self, details: Object, completion: int, deltas: Deltas | None = None) -> None:
        """Create a step in progress; `completion` is its tokens."""
        step = records.step_record(
            self.new_id("run_step"), self.now, self.run, (self.thread_id, self.run_id), details
        )
        # Shown when the step ends; until then it is the script's.
        self.script["usage"] = [self.script["prompt"] + self.script["written"], completion]
        self.script["written"] += completion
        self.script["step"] = step["id"]
        self.touch(STEPS, self.run_id, step, is_new=True)
        for name in ("created", "in_progress"):
            self._events.step(begun_step(step), name)
        if deltas is not None:
            self._events.deltas("run.step", step["id"], deltas, iter(()))

    def _close_step(self, status: str, error: Object | None = None) -> None:
        """End the step that is open, if one is."""
        step_id, self.script["step"] = self.script["step"], None
        step = None if step_id is None else self.record(STEPS, self.run_id, step_id)
        if step is None:
            return
        step["status"], step["last_error"] = status, error
        if status in _TIME_OF:
            step[_TIME_OF[status]] = self.now
        step["usage"] = usage.usage(*self.script["usage"])
        self.touch(STEPS, self.run_id, step)
        self._events.step(step, status)
