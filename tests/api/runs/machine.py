"""What the state machine is made of: keys, draws, and a request that is compared with the model."""

import difflib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.api.runs import bodies
from tests.api.runs.model import Model, Thread
from tests.api.runs.model_of_answers import RefusedError, learn, written
from tests.api.runs.model_of_runs import Item, Kept, Object, Run
from tests.support import Api, Reply


@dataclass(frozen=True)
class Sent:
    """A request, and the response to it; `key` says which of the three keys sent it."""

    key: int
    method: str
    path: str
    body: Any
    reply: Reply

    def send(self, keys: list[Api]) -> Reply:
        """Send it again, under other keys."""
        return keys[self.key].request(self.method, self.path, self.body)


@dataclass
class Key:
    """One of the keys, with the model of what it has."""

    number: int
    api: Api
    model: Model = field(default_factory=Model)
    ids: set[str] = field(default_factory=set)


class Machine(RuleBasedStateMachine):
    """Three keys of one server, each with its model, and all that was sent under them."""

    server: ClassVar[Api]
    steps: ClassVar[int] = 0
    all_differ: ClassVar[bool] = False
    """Whether no two creates are equal, and no cursor names what was deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = [Key(number, api) for number, api in enumerate(new_keys(self.server))]
        self.sent: list[Sent] = []

    @initialize()
    def create_assistants(self) -> None:
        for key in self.keys:
            for body in bodies.ASSISTANTS:
                key.model.assistants.append(self.send(key, "POST", "/v1/assistants", body).json)
            key.model.clock.now += len(bodies.ASSISTANTS)

    def send(self, key: Key, method: str, path: str, body: Any = None) -> Reply:
        reply = key.api.request(method, path, body)
        self.sent.append(Sent(key.number, method, path, body, reply))
        return reply

    def check(
        self, key: Key, method: str, path: str, body: Any, answer: Callable[[], Object]
    ) -> Reply:
        """Send a request and compare the response with the model's answer."""
        type(self).steps += 1
        try:
            status, expected = 200, answer()
        except RefusedError as refused:
            status, expected = refused.status, refused.body
        reply = self.send(key, method, f"/v1/threads{path}", body)
        if status == 200:
            learn(expected, reply.json, key.ids)
        shown, foreseen = reply.body.decode(), written(expected)
        assert (reply.status, shown) == (status, foreseen), self.story(key, shown, foreseen)
        return reply

    def story(self, key: Key, shown: str, foreseen: str) -> str:
        """Return what a key sent so far, and how the last response differs from the model's."""
        lines = [
            f"{one.method} {one.path} {json.dumps(one.body)[:300]} -> {one.reply.status}"
            for one in self.sent
            if one.key == key.number
        ]
        differs = difflib.unified_diff(foreseen.split("\n"), shown.split("\n"), "model", "server")
        return "\n".join([*lines, *differs])

    # ── What is drawn ────────────────────────────────────────────────────────────

    def a_key(self, data: st.DataObject) -> Key:
        return self.keys[data.draw(st.integers(0, 2))]

    def an_id(self, data: st.DataObject, own: list[str], of_all: list[str], nobody: str) -> str:
        """Draw an id of the key's own; now and then that of another key, or of nothing."""
        which = data.draw(st.sampled_from([own[-3:]] * 25 + [of_all, [nobody], ["undefined"]]))
        return data.draw(st.sampled_from(which or [nobody]))

    def a_thread(self, data: st.DataObject, key: Key) -> str:
        """Draw a thread; the key has one from now on."""
        if not ids(key.model.threads):
            self.new_thread(data, key)
        of_all = [one for other in self.keys for one in ids(other.model.threads)]
        return self.an_id(data, ids(key.model.threads), of_all, "thread_nobody")

    def a_message(self, data: st.DataObject, key: Key, thread_id: str) -> str:
        own, of_all = self.in_threads(key, thread_id, lambda thread: thread.messages)
        if not own:
            self.all_messages(key, thread_id)  # to know their ids
            own, of_all = self.in_threads(key, thread_id, lambda thread: thread.messages)
        return self.an_id(data, own, of_all, "msg_nobody")

    def a_run(self, data: st.DataObject, key: Key) -> tuple[str, str]:
        """Draw a thread and a run, which is one of its newest as a rule."""
        thread_id = self.a_thread(data, key)
        own, of_all = self.in_threads(key, thread_id, lambda thread: thread.runs)
        if not own and thread_id in ids(key.model.threads):
            self.new_run(data, key, thread_id)
            own, of_all = self.in_threads(key, thread_id, lambda thread: thread.runs)
        return thread_id, self.an_id(data, own, of_all, "run_nobody")

    def in_threads(
        self, key: Key, thread_id: str, of: Callable[[Thread], Sequence[Kept]]
    ) -> tuple[list[str], list[str]]:
        """Return the ids of what belongs to one thread of a key, and to any thread."""
        here = [one for one in key.model.threads if one.id == thread_id]
        everywhere = [one for other in self.keys for one in other.model.threads]
        own, of_all = (
            [object_id for one in threads for object_id in ids(of(one))]
            for threads in (here, everywhere)
        )
        return own, of_all

    def a_query(self, data: st.DataObject, listed: list[Kept], nobody: str) -> Any:
        """Draw the query of a list: how it is sent, what it means, and why it is refused."""
        if data.draw(st.integers(0, 15)) == 15:
            text, wrong = data.draw(st.sampled_from(bodies.WRONG_QUERIES))
            return text, {}, wrong
        known = ids(listed) if self.all_differ else [one.id for one in listed if one.id]
        cursors = st.sampled_from([*known * 5, nobody, "undefined"])
        query = data.draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "limit": st.integers(1, 5),
                    "order": st.sampled_from(["asc", "desc"]),
                    **dict.fromkeys(["after", "before"] if known else [], cursors),
                },
            )
        )
        return "?" + "&".join(f"{name}={value}" for name, value in query.items()), query, None

    def a_body(self, data: st.DataObject, valid: Any, wrong: Any = ()) -> Any:
        """Draw a body, and where it is one of the wrong ones, why it is refused."""
        body = data.draw(valid)
        if wrong and data.draw(st.integers(0, 15)) == 15:
            change, refused = data.draw(st.sampled_from(wrong))
            kept = {name: value for name, value in body.items() if change.get(name) != bodies.LEFT}
            return {**kept, **{n: v for n, v in change.items() if v != bodies.LEFT}}, refused
        return self.unlike_any(body), None

    def unlike_any(self, body: Object) -> Object:
        return {**body, "metadata": {"n": f"{len(self.sent)}"}} if self.all_differ else body

    # ── Requests that others need ────────────────────────────────────────────────

    def new_thread(self, data: st.DataObject, key: Key) -> None:
        body, _ = self.a_body(data, bodies.THREADS)
        self.check(key, "POST", "", body, lambda: key.model.create_thread(body))

    def new_run(self, data: st.DataObject, key: Key, one: str) -> None:
        items = data.draw(bodies.SCRIPTS)
        body, wrong = self.a_body(data, bodies.runs(key.model.assistants), bodies.WRONG_RUNS)
        self.check_created(
            key,
            f"/{one}/runs",
            body,
            items,
            lambda: key.model.create_run(one, body, items, wrong),
        )

    def check_created(
        self, key: Key, path: str, body: Object, items: list[Item], answer: Callable[[], Object]
    ) -> None:
        if items:
            give_script(lambda *request: self.send(key, *request), items)
        self.check(key, "POST", path, body, answer)
        if items:
            self.send(key, "DELETE", "/_mock/stubs")

    def all_messages(self, key: Key, one: str) -> None:
        path = f"/{one}/messages"
        self.check(key, "GET", path, None, lambda: key.model.list_messages(one, {}))

    def all_steps(self, key: Key, one: str, two: str) -> None:
        path = f"/{one}/runs/{two}/steps"
        self.check(key, "GET", path, None, lambda: key.model.list_steps(one, two, {}))


def new_keys(api: Api) -> list[Api]:
    """Return a server under three keys that are new to it."""
    return [replace(api, key=f"sk-{os.urandom(12).hex()}") for _ in range(3)]


def headers(reply: Reply) -> list[tuple[str, str]]:
    return [(name, value) for name, value in reply.headers.items() if name != "Date"]


def ids(objects: Any) -> list[str]:
    """Return the ids of the objects that are there, as far as they were shown."""
    return [one.id for one in objects if one.id and not one.is_deleted]


def run_path(run: Run) -> tuple[str, str]:
    """Return the ids of a run's thread and of the run."""
    return run.object["thread_id"].value, run.id


def steps_of(key: Key, run_id: str) -> list[Kept]:
    """Return the steps of a run, or of all runs."""
    runs = [run for thread in key.model.threads for run in thread.runs]
    return [step for run in runs if run_id in ("", run.id) for step in run.steps]


def give_script(send: Callable[..., Reply], items: list[Item]) -> None:
    """Have the run that is created next follow these items."""
    script = [name if value is None else {name: value} for name, value in items]
    stub = {"when": {"operation": ["createRun", "createThreadAndRun"]}, "then": {"run": script}}
    reply = send("POST", "/_mock/stubs", stub)
    assert reply.status == 200, reply.body
