"""The engine: plays the script of a run, one transition at a time.

Reads turn it, and so does the clock. It changes nothing by itself: `Playback.changes` returns what
is to be stored, so that a run moves only where the response to the read was made.
"""

from collections.abc import Iterator
from typing import Any

from mockserver.api.runs import records, usage
from mockserver.api.runs.events import Deltas, Listener, begun_step
from mockserver.api.runs.records import ACTIVE, MESSAGES, RUNS, SCRIPT, STEPS, calls_of
from mockserver.api.runs.script import OutputError, Rounds, is_script, kind_of, new_script, value_of
from mockserver.api.shared.delay import Delay
from mockserver.api.shared.results import Object
from mockserver.state import ids
from mockserver.state.changes import Put
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


class Playback:
    """One run in play. `run` is its record, which the methods change.

    `thread_id` and `run_id` say where it is stored. A field of the record may have any value, since
    a stub may have patched it; a run without a script has nothing left to play. A run that streams
    has a `listener` for its events; `now` is the time of the transition that it is in the middle
    of.
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
        self.run = run
        self.run_id = run_id
        self._thread_id = thread_id
        self.namespace = namespace
        self.now = namespace.clock.now() if now is None else now
        self._events = listener or Listener()
        self._streams = listener is not None
        script = run.get(SCRIPT)
        self._script: Object = script if is_script(script) else new_script([])
        run[SCRIPT] = self._script
        self._touched: dict[str, tuple[str, str, Object, bool]] = {}
        self._holds = False

    @property
    def is_active(self) -> bool:
        """Whether the run has not ended."""
        return self.run.get("status") in ACTIVE

    @property
    def is_going_on(self) -> bool:
        """Whether it has neither ended nor waits for outputs of tools."""
        return self.is_active and self.run.get("status") != "requires_action"

    def changes(self) -> tuple[Put, ...]:
        """Return what to store: the run, and the steps and messages that were changed."""
        own = records.put(self.namespace, RUNS, self._thread_id, self.run_id, self.run)
        return (own, *self.changes_beside())

    def changes_beside(self) -> tuple[Put, ...]:
        """Return what to store beside the run."""
        return tuple(
            records.put(self.namespace, kind, parent, object_id, record, is_new=is_new)
            for object_id, (kind, parent, record, is_new) in self._touched.items()
        )

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
            self._script["since"] = self.now
            self._events.run(self.run)
            if not self._streams and (self._script["eager"] or not self._script["items"]):
                self._play()
        else:
            self._play()
        return before != self._position()

    def _position(self) -> tuple[Any, ...]:
        """Return what a transition changes at least in part."""
        script = self._script
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
        return self.is_active and self._script["message"] is not None and not ends

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
                value = value_of(item, self._rounds() if "later" in item else ())
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
        items, at = self._script["items"], self._script["at"]
        return items[at] if at < len(items) else None

    def _go_on(self) -> None:
        self._script["at"] += 1
        self._script["reads"] = 0
        self._script["since"] = self.now

    # ── What items do ────────────────────────────────────────────────────────────

    def hold(self, seconds: int | None = None, polls: int = 0) -> None:
        """Stay at this item: so many seconds of the clock, or so many reads."""
        if seconds is not None:
            since = self._script["since"] or 0
            self._holds = self.now < since + seconds
            return
        if self._streams:  # which nobody reads
            return
        self._script["reads"] += 1
        self._holds = self._script["reads"] <= polls

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
            self._thread_id,
            role="assistant",
            content=content,
            assistant_id=self.run.get("assistant_id"),
            run_id=self.run_id,
            status="in_progress",
        )
        self._touch(MESSAGES, self._thread_id, message, is_new=True)
        self._script["message"] = message_id
        for name in ("created", "in_progress"):
            self._events.message(message | {"content": []}, name)
        self._events.deltas("message", message_id, deltas, self._pauses(delay))

    def _pauses(self, delay: Any) -> Iterator[float]:
        """Yield the seconds before each of some deltas: the same in every stream of this run."""
        if delay is None:
            return
        length = Delay.of(delay)
        made = b"%d" % self._script["made"]
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

    def strike(self, fault: str, options: Object) -> None:
        """Have a fault strike the stream here."""
        self._events.fault(fault, options)

    def fail(self, what: str) -> None:
        """End the run since its script cannot be played; `what` goes on from "The script"."""
        self.end("failed", code="server_error", message=f"The script of this run {what}.")

    def tool(self, kind: str) -> Object | None:
        """Return the tool of the run that is of a type, or None."""
        tools = self.run.get("tools")
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict) and tool.get("type") == kind:
                return tool
        return None

    def steps(self) -> list[Object]:
        """Return the steps of the run, oldest first."""
        stored = self.namespace.collection(STEPS, self.run_id)
        new = (object_id for object_id, (kind, *_) in self._touched.items() if kind == STEPS)
        found = (self._record(STEPS, self.run_id, one) for one in dict.fromkeys((*stored, *new)))
        return [step for step in found if step is not None]

    def stored_files(self) -> dict[str, str]:
        """Return the names of the files that are stored, by id."""
        return records.file_names(self.namespace)

    @property
    def seed(self) -> bytes:
        """The seed of the namespace."""
        return self.namespace.seed

    def _rounds(self) -> Rounds:
        """Return the outputs that the run got, oldest first."""
        details = (step.get("step_details") for step in self.steps())
        rounds = (calls_of(one) for one in details)
        return [
            [(str(call["function"].get("name")), call["function"].get("output")) for call in calls]
            for calls in rounds
            if calls
        ]

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
        step = self._record(STEPS, self.run_id, self._script["step"] or "")
        if step is not None:
            for call in calls_of(step.get("step_details")):
                call["function"]["output"] = outputs.get(call["id"])
            self._touch(STEPS, self.run_id, step)
        self._script["written"] += usage.tokens(*outputs.values())
        self._close_step("completed")
        self.run["required_action"], self.run["status"] = None, "queued"
        self._events.run(self.run)
        self._go_on()
        if items is not None:
            self._script["items"], self._script["at"] = items, 0

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
            self._touch(STEPS, self.run_id, step)
        self._events.run(run)

    def _close_message(self, status: str = "completed", reason: str | None = None) -> None:
        """End the message that is open, if one is, and its step where the run goes on."""
        message_id, self._script["message"] = self._script["message"], None
        if message_id is None:
            return
        message = self._record(MESSAGES, self._thread_id, message_id)
        if message is not None:  # it may have been deleted
            if status == "completed":
                message["status"], message["completed_at"] = "completed", self.now
            else:
                why = _REASONS.get(status) or _MESSAGE_REASONS.get(reason or "", reason)
                message["status"], message["incomplete_at"] = "incomplete", self.now
                message["incomplete_details"] = {"reason": why}
            self._touch(MESSAGES, self._thread_id, message)
            self._events.message(message, message["status"])
        if status == "completed":
            self._close_step("completed")

    def open_step(self, details: Object, completion: int, deltas: Deltas | None = None) -> None:
        """Create a step in progress; `completion` is its tokens."""
        step = records.step_record(
            self.new_id("run_step"), self.now, self.run, (self._thread_id, self.run_id), details
        )
        # Shown when the step ends; until then it is the script's.
        self._script["usage"] = [self._script["prompt"] + self._script["written"], completion]
        self._script["written"] += completion
        self._script["step"] = step["id"]
        self._touch(STEPS, self.run_id, step, is_new=True)
        for name in ("created", "in_progress"):
            self._events.step(begun_step(step), name)
        if deltas is not None:
            self._events.deltas("run.step", step["id"], deltas, iter(()))

    def _close_step(self, status: str, error: Object | None = None) -> None:
        """End the step that is open, if one is."""
        step_id, self._script["step"] = self._script["step"], None
        step = None if step_id is None else self._record(STEPS, self.run_id, step_id)
        if step is None:
            return
        step["status"], step["last_error"] = status, error
        if status in _TIME_OF:
            step[_TIME_OF[status]] = self.now
        step["usage"] = usage.usage(*self._script["usage"])
        self._touch(STEPS, self.run_id, step)
        self._events.step(step, status)

    # ── Records ──────────────────────────────────────────────────────────────────

    def new_id(self, kind: str) -> str:
        """Return an id that derives from the run and from how much it has made before."""
        self._script["made"] += 1
        which = b"%d" % self._script["made"]
        source = ids.digest(self.namespace.seed, which, self.run_id.encode())
        return ids.FORMATS[kind](source, self.namespace.clock.start)

    def _touch(self, kind: str, parent: str, record: Object, *, is_new: bool = False) -> None:
        known = self._touched.get(record["id"])
        self._touched[record["id"]] = (kind, parent, record, is_new or bool(known and known[3]))

    def _record(self, kind: str, parent: str, object_id: str) -> Object | None:
        """Return a record as this playback left it or as it is stored; None where it is gone."""
        if object_id in self._touched:
            return self._touched[object_id][2]
        return records.load(self.namespace.collection(kind, parent).get(object_id))
