"""A plain model of one run: what each read of it should show. It shares no code with the server."""

import json
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
Item = tuple[str, Any]

ENDS = {"fail": "failed", "incomplete": "incomplete", "expire": "expired", "cancel": "cancelled"}
OPEN = ("queued", "in_progress", "requires_action")
TIMES = {"completed": "completed_at", "failed": "failed_at", "cancelled": "cancelled_at"}


class Clock:
    """The clock of one key: it starts in 2025, and ticks once for each object created."""

    def __init__(self) -> None:
        self.now = 1735689600


class Id:
    """An id that the server makes; it is known once a response has shown it."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.value = ""


class Kept:
    """An object, in the order of the wire, and whether it was deleted."""

    def __init__(self, shown: Object) -> None:
        self.object = shown
        self.is_deleted = False

    @property
    def id(self) -> str:
        """The id, empty while no response has shown it."""
        made = self.object["id"]
        return made.value if isinstance(made, Id) else str(made)


def tokens(*texts: str | None) -> int:
    """Count a token for each four bytes of a text, and one for the rest."""
    return sum((len((text or "").encode()) + 3) // 4 for text in texts)


def usage(prompt: int, completion: int) -> Object:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_token_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }


def text_part(text: str) -> Object:
    return {"type": "text", "text": {"value": text, "annotations": []}}


def message(now: int, thread_id: Any, role: str, content: list[Object], **more: Any) -> Kept:
    return Kept(
        {
            "id": Id("msg"),
            "object": "thread.message",
            "created_at": now,
            "assistant_id": None,
            "thread_id": thread_id,
            "run_id": None,
            "role": role,
            "content": content,
            "attachments": [],
            "metadata": {},
            **more,
        }
    )


class Run(Kept):
    """A run that plays items such as `("say", "Hello")`, one a read."""

    def __init__(
        self, clock: Clock, shown: Object, messages: list[Kept], items: list[Item], prompt: int
    ) -> None:
        """`messages` are those of its thread, `prompt` the tokens that it begins with."""
        super().__init__(shown)
        self.steps: list[Kept] = []
        self._clock = clock
        self._messages = messages
        self._tokens = prompt
        self._usage: Object = {}
        self._made = 0
        self._turn = 0
        self._play = self._script(items)

    @property
    def status(self) -> str:
        return str(self.object["status"])

    @property
    def is_active(self) -> bool:
        return self.status in (*OPEN, "cancelling")

    def read(self) -> None:
        """Have a read move the run on by one state."""
        if self.touch() or self.status == "requires_action":
            return
        if self.status == "cancelling":
            self._end("cancelled")
        elif self.is_active:
            next(self._play, None)
        self._clock.now += self._made
        self._made = 0

    def touch(self) -> bool:
        """End the run where its time is over; return whether it was."""
        if not self.is_active or self._clock.now < self.object["expires_at"]:
            return False
        self._end("cancelled" if self.status == "cancelling" else "expired")
        return True

    def cancel(self) -> None:
        self.object |= {"status": "cancelling", "required_action": None}

    def calls(self) -> list[Object]:
        """Return the calls that wait for outputs."""
        action = self.object["required_action"]
        return list(action["submit_tool_outputs"]["tool_calls"]) if action else []

    def submit(self, outputs: dict[str, str | None]) -> None:
        """Take the outputs by the ids of their calls."""
        [step] = self._open_steps()
        for call in step.object["step_details"]["tool_calls"]:
            call["function"]["output"] = outputs[call["id"].value]
        self._tokens += tokens(*outputs.values())
        self._close_step("completed")
        self.object |= {"status": "queued", "required_action": None}

    # ── The script: what stands between two yields is done by one read ───────────

    def _script(self, items: list[Item]) -> Iterator[None]:
        self._start()
        if items:
            yield
        for at, (name, value) in enumerate(items):
            following = items[at + 1][0] if at + 1 < len(items) else ""
            if name == "wait":
                yield from self._wait(value)
            elif name in ENDS:
                self._end(ENDS[name], value)
                return
            elif name == "call":
                if not self._ask(value):
                    return
                yield
                self._start()
                yield
            else:
                self._speak(name, value)
                if following not in ENDS:
                    self._close_step("completed")
                if following:
                    yield
        self._end("completed")

    def _start(self) -> None:
        self._turn = self._clock.now
        self.object |= {"status": "in_progress", "started_at": self._clock.now}

    def _wait(self, how_long: Any) -> Iterator[None]:
        if isinstance(how_long, dict):
            for _ in range(how_long["polls"]):
                yield
        else:
            while self._clock.now < self._turn + int(how_long.removesuffix("s")):
                yield
        self._turn = self._clock.now

    def _speak(self, name: str, text: str) -> None:
        content = text_part(text) if name == "say" else {"type": "refusal", "refusal": text}
        run = self.object
        said = message(
            self._clock.now,
            run["thread_id"],
            "assistant",
            [content],
            assistant_id=run["assistant_id"],
            run_id=run["id"],
        )
        self._messages.append(said)
        self._made += 1
        details = {"message_id": said.object["id"]}
        self._open_step({"type": "message_creation", "message_creation": details}, tokens(text))

    def _ask(self, named: dict[str, Object]) -> bool:
        """Ask for the outputs of functions; return whether the run has them all."""
        known = [tool["function"]["name"] for tool in self.object["tools"] if "function" in tool]
        for name in named:
            if name not in known:
                text = (
                    f"The script of this run calls {name}, a function that the run does not have: "
                    "add it to the tools of the assistant or of the run."
                )
                self._end("failed", {"code": "server_error", "message": text})
                return False
        calls: list[Object] = []
        for name, arguments in named.items():
            text = json.dumps(arguments, separators=(",", ":"), ensure_ascii=False)
            function = {"name": name, "arguments": text}
            calls.append({"id": Id("call"), "type": "function", "function": function})
        shown = [one | {"function": one["function"] | {"output": None}} for one in calls]
        written = [text for one in calls for text in one["function"].values()]
        self._open_step({"type": "tool_calls", "tool_calls": shown}, tokens(*written))
        self.object |= {
            "status": "requires_action",
            "required_action": {
                "type": "submit_tool_outputs",
                "submit_tool_outputs": {"tool_calls": calls},
            },
        }
        return True

    # ── Steps ────────────────────────────────────────────────────────────────────

    def _open_step(self, details: Object, written: int) -> None:
        run = self.object
        self._made += 1
        self._turn = self._clock.now
        self._usage = usage(self._tokens, written)
        self._tokens += written
        shown = {
            "id": Id("step"),
            "object": "thread.run.step",
            "created_at": self._clock.now,
            "run_id": run["id"],
            "assistant_id": run["assistant_id"],
            "thread_id": run["thread_id"],
            "type": details["type"],
            "status": "in_progress",
            "cancelled_at": None,
            "completed_at": None,
            "expires_at": run["expires_at"],
            "failed_at": None,
            "last_error": None,
            "step_details": details,
            "usage": None,
        }
        self.steps.append(Kept(shown))

    def _open_steps(self) -> list[Kept]:
        return [step for step in self.steps if step.object["status"] == "in_progress"]

    def _close_step(self, status: str, error: Object | None = None) -> None:
        for step in self._open_steps():
            step.object |= {"status": status, "last_error": error, "usage": self._usage}
            if status in TIMES:
                step.object[TIMES[status]] = self._clock.now

    def _end(self, status: str, how: Any = None) -> None:
        error = how if status == "failed" else None
        self._close_step("completed" if status == "incomplete" else status, error)
        used = [step.object["usage"] for step in self.steps]
        prompt = sum(one["prompt_tokens"] for one in used)
        self.object |= {
            "status": status,
            "expires_at": None,
            "required_action": None,
            "last_error": error,
            "usage": usage(prompt, sum(one["completion_tokens"] for one in used)),
        }
        if status in TIMES:
            self.object[TIMES[status]] = self._clock.now
        if status == "incomplete":
            self.object["incomplete_details"] = {"reason": how}
        for step in self.steps:
            step.object["expires_at"] = None
