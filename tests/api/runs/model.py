"""A plain model of all that one key has: what each request should be answered.

It shares no code with the server. Ids are the server's: each is learned where it is first shown.
Everything else is predicted.
"""

from typing import Any

from tests.api.runs.model_of_answers import (
    REASONING,
    Query,
    RefusedError,
    check_cursors,
    check_model,
    default_answer,
    find,
    in_order,
    not_found,
    only_functions,
    page,
    shown_part,
    shown_tool,
    text_of,
    wrong_id,
)
from tests.api.runs.model_of_runs import (
    OPEN,
    Clock,
    Id,
    Item,
    Kept,
    Object,
    Run,
    message,
    tokens,
)

NOT_SET: Object = {"code_interpreter": {"file_ids": []}}


class Thread(Kept):
    """A thread, and what belongs to it in the order in which it came."""

    def __init__(self, shown: Object) -> None:
        super().__init__(shown)
        self.messages: list[Kept] = []
        self.runs: list[Run] = []

    def active(self) -> Run | None:
        return next((run for run in self.runs if run.is_active), None)


class Model:
    """Everything that one key has. Each method returns the body of a response, or raises it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.assistants: list[Object] = []
        self.threads: list[Thread] = []

    # ── Threads ──────────────────────────────────────────────────────────────────

    def create_thread(self, body: Object) -> Object:
        thread = self._new_thread(body)
        self._add_messages(thread, body.get("messages") or [])
        self.clock.now += 1
        return thread.object

    def get_thread(self, thread_id: str) -> Object:
        shown = self._thread(thread_id).object
        return {**shown, "tool_resources": shown["tool_resources"] or NOT_SET}

    def modify_thread(self, thread_id: str, body: Object) -> Object:
        shown = self._thread(thread_id).object
        for name in ("metadata", "tool_resources"):
            if name in body:
                shown[name] = body[name] or {}
        return shown

    def delete_thread(self, thread_id: str) -> Object:
        self._thread(thread_id).is_deleted = True
        return {"id": thread_id, "object": "thread.deleted", "deleted": True}

    # ── Messages ─────────────────────────────────────────────────────────────────

    def create_message(
        self, thread_id: str, body: Object, wrong: RefusedError | None = None
    ) -> Object:
        thread = self._thread(thread_id, wrong=wrong)
        if (run := self._busy(thread)) is not None:
            text = f"Can't add messages to {thread_id} while a run {run.id} is active."
            raise RefusedError(text)
        return self._add_messages(thread, [body])[0].object

    def list_messages(
        self, thread_id: str, query: Query, wrong: RefusedError | None = None
    ) -> Object:
        thread, run_id = self._thread(thread_id, wrong=wrong), query.get("run_id")
        if run_id is not None and not run_id.startswith("run"):
            raise wrong_id("run_id", run_id, "run")

        def keep(one: Kept) -> bool:
            made_by = one.object["run_id"]
            return run_id is None or (made_by is not None and made_by.value == run_id)

        check_cursors(thread.messages, query, "message", "msg")
        self._read(thread)
        return page(thread.messages, query, keep)

    def get_message(self, thread_id: str, message_id: str) -> Object:
        thread = self._thread(thread_id, message_id=message_id)
        found = find(thread.messages, message_id, "message")
        self._read(thread)
        return found.object

    def modify_message(self, thread_id: str, message_id: str, body: Object) -> Object:
        thread = self._thread(thread_id, message_id=message_id)
        shown = find(thread.messages, message_id, "message").object
        if "metadata" in body:
            shown["metadata"] = body["metadata"] or {}
        return {
            "file_ids" if name == "attachments" else name: [] if name == "attachments" else value
            for name, value in shown.items()
        }

    def delete_message(self, thread_id: str, message_id: str) -> Object:
        thread = self._thread(thread_id, message_id=message_id)
        find(thread.messages, message_id, "message").is_deleted = True
        return {"id": message_id, "object": "thread.message.deleted", "deleted": True}

    # ── Runs ─────────────────────────────────────────────────────────────────────

    def create_run(
        self, thread_id: str, body: Object, items: list[Item], wrong: RefusedError | None = None
    ) -> Object:
        thread = self._thread(thread_id, wrong=wrong)
        if (busy := self._busy(thread)) is not None:
            raise RefusedError(f"Thread {thread_id} already has an active run {busy.id}.")
        return self._new_run(thread, body, items, body.get("additional_messages") or [])

    def create_thread_and_run(
        self, body: Object, items: list[Item], wrong: RefusedError | None = None
    ) -> Object:
        if wrong is not None:
            raise wrong
        new = body.get("thread") or {}
        return self._new_run(None, body, items, new.get("messages") or [], new)

    def list_runs(self, thread_id: str, query: Query, wrong: RefusedError | None = None) -> Object:
        thread = self._thread(thread_id, wrong=wrong)
        check_cursors(thread.runs, query, "run", "run")
        self._read(thread)
        return page(thread.runs, query)

    def get_run(self, thread_id: str, run_id: str) -> Object:
        run = self._run(thread_id, run_id)
        run.read()
        return run.object

    def modify_run(self, thread_id: str, run_id: str, body: Object) -> Object:
        run = self._run(thread_id, run_id)
        run.touch()
        if run.status == "in_progress":
            raise RefusedError("Cannot update run with status 'in_progress'.")
        if "metadata" in body:
            run.object["metadata"] = body["metadata"] or {}
        return run.object

    def cancel_run(self, thread_id: str, run_id: str) -> Object:
        run = self._run(thread_id, run_id)
        run.touch()
        if run.status not in OPEN:
            raise RefusedError(f"Cannot cancel run with status '{run.status}'.")
        run.cancel()
        return run.object

    def submit(
        self, thread_id: str, run_id: str, body: Object, wrong: RefusedError | None = None
    ) -> Object:
        run = self._run(thread_id, run_id, wrong=wrong)
        run.touch()
        if run.status != "requires_action":
            raise RefusedError(f'Runs in status "{run.status}" do not accept tool outputs.')
        expected = [call["id"].value for call in run.calls()]
        got = [one.get("tool_call_id") or "" for one in body["tool_outputs"]]
        if sorted(expected) != sorted(got):
            raise RefusedError(f"Expected tool outputs for call_ids {expected}, got {got}")
        run.submit({one["tool_call_id"]: one.get("output") for one in body["tool_outputs"]})
        return run.object

    def list_steps(
        self, thread_id: str, run_id: str, query: Query, wrong: RefusedError | None = None
    ) -> Object:
        run = self._run(thread_id, run_id, wrong=wrong)
        check_cursors(run.steps, query, "run step", "step")
        self._read(self._thread(thread_id))
        return page(run.steps, query)

    def get_step(self, thread_id: str, run_id: str, step_id: str) -> Object:
        run = self._run(thread_id, run_id, step_id=step_id)
        step = find(run.steps, step_id, "run step")
        self._read(self._thread(thread_id))
        return step.object

    # ── Help ─────────────────────────────────────────────────────────────────────

    def _thread(self, thread_id: str, *, wrong: RefusedError | None = None, **ids: str) -> Thread:
        """Return a thread, once the forms of all ids and the body are known to be right."""
        for name, given in {"thread_id": thread_id, **ids}.items():
            prefix = {"message_id": "msg"}.get(name, name.removesuffix("_id"))
            if not given.startswith(prefix):
                raise wrong_id(name, given, prefix)
        if wrong is not None:
            raise wrong
        return find(self.threads, thread_id, "thread")

    def _run(
        self, thread_id: str, run_id: str, *, wrong: RefusedError | None = None, **ids: str
    ) -> Run:
        thread = self._thread(thread_id, wrong=wrong, run_id=run_id, **ids)
        return find(thread.runs, run_id, "run")

    def _read(self, thread: Thread) -> None:
        if (run := thread.active()) is not None:
            run.read()

    def _busy(self, thread: Thread) -> Run | None:
        """Return the run that locks a thread, once a run whose time is over has ended."""
        run = thread.active()
        return None if run is None or run.touch() else run

    def _new_thread(self, body: Object) -> Thread:
        thread = Thread(
            {
                "id": Id("thread"),
                "object": "thread",
                "created_at": self.clock.now,
                "metadata": body.get("metadata") or {},
                "tool_resources": body.get("tool_resources") or {},
            }
        )
        self.threads.append(thread)
        return thread

    def _add_messages(self, thread: Thread, bodies: list[Object]) -> list[Kept]:
        added = [self._new_message(thread.object["id"], one) for one in bodies]
        thread.messages += added
        self.clock.now += len(added)
        return added

    def _new_message(self, thread_id: Any, body: Object) -> Kept:
        content = body["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        return message(
            self.clock.now,
            thread_id,
            body["role"],
            [shown_part(part) for part in parts],
            attachments=body.get("attachments") or [],
            metadata=body.get("metadata") or {},
        )

    def _new_run(
        self,
        thread: Thread | None,
        body: Object,
        items: list[Item],
        added: list[Object],
        new_thread: Object | None = None,
    ) -> Object:
        assistant_id = body["assistant_id"]
        assistant = next((one for one in self.assistants if one["id"] == assistant_id), None)
        if assistant is None:
            raise not_found("assistant", assistant_id)
        before = [] if thread is None else in_order(thread.messages)
        messages = [one for one in before if not one.is_deleted]
        messages += [self._new_message(None, one) for one in added]
        shown = self._run_object(body, assistant, messages)
        created = 1
        if thread is None:
            thread = self._new_thread(new_thread or {})
            created = 2
        shown["thread_id"] = thread.object["id"]
        if not items:
            items = [("say", default_answer(assistant["name"], messages))]
        prompt = tokens(shown["instructions"], *(text_of(one) for one in messages))
        thread.runs.append(Run(self.clock, shown, thread.messages, items, prompt))
        self._add_messages(thread, added)
        self.clock.now += created
        return shown

    def _run_object(self, body: Object, assistant: Object, messages: list[Kept]) -> Object:
        def chosen(name: str) -> Any:
            return assistant[name] if body.get(name) is None else body[name]

        tools, how = chosen("tools"), chosen("response_format")
        if isinstance(how, dict) and how["type"] == "json_object" and not only_functions(tools):
            raise RefusedError(
                "Invalid tools: all tools must be of type `function` when `response_format` is of "
                "type `json_object`"
            )
        instructions = chosen("instructions")
        if body.get("additional_instructions"):
            parts = [part for part in (instructions, body["additional_instructions"]) if part]
            instructions = "\n".join(parts)
        if not instructions and not any(one.object["role"] == "user" for one in messages):
            raise RefusedError(
                "Run creation requires a Thread with a user message or an assistant with "
                "instructions.",
                code="invalid_thread",
            )
        effort = check_model(body, chosen("model")) or assistant["reasoning_effort"] or "medium"
        reasons = chosen("model") in REASONING
        return {
            "id": Id("run"),
            "object": "thread.run",
            "created_at": self.clock.now,
            "assistant_id": assistant["id"],
            "thread_id": None,
            "status": "queued",
            "started_at": None,
            "expires_at": self.clock.now + 600,
            "cancelled_at": None,
            "failed_at": None,
            "completed_at": None,
            "required_action": None,
            "last_error": None,
            "model": chosen("model"),
            "instructions": instructions,
            "tools": [shown_tool(tool) for tool in tools],
            "tool_resources": {},
            "metadata": body.get("metadata") or {},
            "temperature": 1.0 if reasons else float(chosen("temperature")),
            "top_p": 1.0 if reasons else float(chosen("top_p")),
            "reasoning_effort": effort if reasons else None,
            "max_completion_tokens": body.get("max_completion_tokens"),
            "max_prompt_tokens": body.get("max_prompt_tokens"),
            "truncation_strategy": {
                "type": "auto",
                "last_messages": None,
                **(body.get("truncation_strategy") or {}),
            },
            "incomplete_details": None,
            "usage": None,
            "response_format": how,
            "tool_choice": body.get("tool_choice") or "auto",
            "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        }
