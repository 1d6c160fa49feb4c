"""The rules of the state machine: each sends a request under one of the keys."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.api.runs import bodies
from tests.api.runs.machine import Key, Machine, ids, run_path, steps_of
from tests.api.runs.model_of_runs import Object


class Conversations(Machine):
    """Each rule compares the response with the model's, to the byte."""

    # ── Threads ──────────────────────────────────────────────────────────────────

    @rule(data=st.data())
    def create_thread(self, data: st.DataObject) -> None:
        self.new_thread(data, self.a_key(data))

    @rule(data=st.data())
    def get_thread(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        self.check(key, "GET", f"/{one}", None, lambda: key.model.get_thread(one))

    @rule(data=st.data(), body=bodies.MODIFY_THREAD)
    def modify_thread(self, data: st.DataObject, body: Object) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        self.check(key, "POST", f"/{one}", body, lambda: key.model.modify_thread(one, body))

    @rule(data=st.data())
    def delete_thread(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        if data.draw(st.integers(0, 3)) < 3:  # most threads are to live on
            one = "thread_nobody"
        self.check(key, "DELETE", f"/{one}", None, lambda: key.model.delete_thread(one))

    # ── Messages ─────────────────────────────────────────────────────────────────

    @rule(data=st.data())
    def create_message(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        body, wrong = self.a_body(data, bodies.MESSAGES, bodies.WRONG_MESSAGES)
        self.check(
            key,
            "POST",
            f"/{one}/messages",
            body,
            lambda: key.model.create_message(one, body, wrong),
        )

    @rule(data=st.data())
    def list_messages(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        thread = next((two for two in key.model.threads if two.id == one), None)
        text, query, wrong = self.a_query(data, thread.messages if thread else [], "msg_nobody")
        if thread and thread.runs and wrong is None and data.draw(st.booleans()):
            query["run_id"] = data.draw(
                st.sampled_from([*ids(thread.runs), "run_nobody", "nobody"])
            )
            text += f"&run_id={query['run_id']}"
        self.check(
            key,
            "GET",
            f"/{one}/messages{text}",
            None,
            lambda: key.model.list_messages(one, query, wrong),
        )

    @rule(data=st.data())
    def get_message(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        two = self.a_message(data, key, one)
        path = f"/{one}/messages/{two}"
        self.check(key, "GET", path, None, lambda: key.model.get_message(one, two))

    @rule(data=st.data(), body=bodies.MODIFY)
    def modify_message(self, data: st.DataObject, body: Object) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        two = self.a_message(data, key, one)
        path = f"/{one}/messages/{two}"
        self.check(key, "POST", path, body, lambda: key.model.modify_message(one, two, body))

    @rule(data=st.data())
    def delete_message(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        two = self.a_message(data, key, one)
        path = f"/{one}/messages/{two}"
        self.check(key, "DELETE", path, None, lambda: key.model.delete_message(one, two))

    # ── Runs ─────────────────────────────────────────────────────────────────────

    @rule(data=st.data())
    def create_run(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        self.new_run(data, key, self.a_thread(data, key))

    @rule(data=st.data())
    def create_thread_and_run(self, data: st.DataObject) -> None:
        self.new_thread_and_run(data, self.a_key(data))

    def new_thread_and_run(self, data: st.DataObject, key: Key) -> None:
        items = data.draw(bodies.SCRIPTS)
        options = bodies.runs_of_new_threads(key.model.assistants)
        body, wrong = self.a_body(data, options, bodies.WRONG_RUNS)
        self.check_created(
            key,
            "/runs",
            body,
            items,
            lambda: key.model.create_thread_and_run(body, items, wrong),
        )

    @rule(data=st.data(), times=st.integers(1, 4))
    def get_run(self, data: st.DataObject, times: int) -> None:
        key = self.a_key(data)
        one, two = self.a_run(data, key)
        for _ in range(times):
            self.read(key, one, two)

    def read(self, key: Key, one: str, two: str) -> Object:
        path = f"/{one}/runs/{two}"
        reply = self.check(key, "GET", path, None, lambda: key.model.get_run(one, two))
        shown: Object = reply.json
        return shown

    @rule(data=st.data())
    def list_runs(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one = self.a_thread(data, key)
        runs = [run for thread in key.model.threads if thread.id == one for run in thread.runs]
        text, query, wrong = self.a_query(data, [*runs], "run_nobody")
        path = f"/{one}/runs{text}"
        self.check(key, "GET", path, None, lambda: key.model.list_runs(one, query, wrong))

    @rule(data=st.data(), body=bodies.MODIFY)
    def modify_run(self, data: st.DataObject, body: Object) -> None:
        key = self.a_key(data)
        one, two = self.a_run(data, key)
        path = f"/{one}/runs/{two}"
        self.check(key, "POST", path, body, lambda: key.model.modify_run(one, two, body))

    @rule(data=st.data())
    def cancel_run(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one, two = self.a_run(data, key)
        path = f"/{one}/runs/{two}/cancel"
        self.check(key, "POST", path, None, lambda: key.model.cancel_run(one, two))

    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        """Submit outputs: those of a run that waits, if there is one."""
        key = self.a_key(data)
        waiting = [
            run_path(run)
            for thread in key.model.threads
            for run in thread.runs
            if run.status == "requires_action" and not thread.is_deleted
        ]
        one, two = data.draw(st.sampled_from(waiting)) if waiting else self.a_run(data, key)
        if waiting:
            self.read(key, one, two)  # to know its calls
        self.submit_to(data, key, one, two)

    def submit_to(self, data: st.DataObject, key: Key, one: str, two: str) -> None:
        known = [run for thread in key.model.threads for run in thread.runs if run.id == two]
        calls = [call["id"].value for run in known for call in run.calls()]
        body, wrong = data.draw(bodies.outputs_of(calls))
        path = f"/{one}/runs/{two}/submit_tool_outputs"
        self.check(key, "POST", path, body, lambda: key.model.submit(one, two, body, wrong))

    @rule(data=st.data())
    def hold_a_conversation(self, data: st.DataObject) -> None:
        """Poll a run as clients do, submit what it asks for, and look at what it has left."""
        key = self.a_key(data)
        if data.draw(st.booleans()):
            self.new_run(data, key, self.a_thread(data, key))
        else:
            self.new_thread_and_run(data, key)
        threads = [thread for thread in key.model.threads if not thread.is_deleted]
        runs = [run for thread in threads for run in thread.runs if run.is_active]
        one, two = run_path(runs[-1]) if runs else self.a_run(data, key)
        for _ in range(data.draw(st.integers(3, 10))):
            if self.read(key, one, two).get("status") == "requires_action":
                self.submit_to(data, key, one, two)
        self.all_messages(key, one)
        self.all_steps(key, one, two)

    # ── Steps ────────────────────────────────────────────────────────────────────

    @rule(data=st.data())
    def list_steps(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one, two = self.a_run(data, key)
        text, query, wrong = self.a_query(data, steps_of(key, two), "step_nobody")
        self.check(
            key,
            "GET",
            f"/{one}/runs/{two}/steps{text}",
            None,
            lambda: key.model.list_steps(one, two, query, wrong),
        )

    @rule(data=st.data())
    def get_step(self, data: st.DataObject) -> None:
        key = self.a_key(data)
        one, two = self.a_run(data, key)
        if not ids(steps_of(key, two)):
            self.all_steps(key, one, two)
        of_all = [step_id for other in self.keys for step_id in ids(steps_of(other, ""))]
        three = self.an_id(data, ids(steps_of(key, two)), of_all, "step_nobody")
        path = f"/{one}/runs/{two}/steps/{three}"
        self.check(key, "GET", path, None, lambda: key.model.get_step(one, two, three))

    # ── The clock ────────────────────────────────────────────────────────────────

    @rule(data=st.data(), seconds=st.sampled_from([1, 10, 30, 300, 600, -5, -700]))
    def move_clock(self, data: st.DataObject, seconds: int) -> None:
        key = self.a_key(data)
        key.model.clock.now += seconds
        reply = self.send(key, "POST", "/_mock/clock", {"set": key.model.clock.now})
        assert reply.json == {"now": key.model.clock.now}
