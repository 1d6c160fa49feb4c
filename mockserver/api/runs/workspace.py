"""A run with its steps and messages: what is stored, and what has been changed and is not yet.

It changes nothing by itself: `changes` returns what is to be stored, so that a run moves only where
the response to the read was made.
"""

from collections.abc import Mapping

from mockserver.api.runs import records
from mockserver.api.runs.records import ACTIVE, MESSAGES, RUNS, SCRIPT, STEPS, calls_of
from mockserver.api.runs.script import Rounds, new_script
from mockserver.api.shared.message_content import text_of
from mockserver.api.shared.results import Changes, Object
from mockserver.api.shared.stored_files import file_record, puts_file
from mockserver.http import json_codec
from mockserver.state import ids
from mockserver.state.namespace import Namespace


class Workspace:
    """The records around one run. `run` is its own, which may be changed.

    `thread_id` and `run_id` say where it is stored. A field of the record may have any value, since
    a stub may have patched it. A run without a script has nothing left to play.
    """

    def __init__(self, namespace: Namespace, thread_id: str, run_id: str, run: Object) -> None:
        self.namespace = namespace
        self.thread_id = thread_id
        self.run_id = run_id
        self.run = run
        script = run.get(SCRIPT)
        self.script: Object = script if isinstance(script, dict) else new_script([])
        run[SCRIPT] = self.script
        self._touched: dict[str, tuple[str, str, Object, bool]] = {}
        self._files: Changes = ()

    @property
    def is_active(self) -> bool:
        """Whether the run has not ended."""
        return self.run.get("status") in ACTIVE

    def changes(self) -> Changes:
        """Return what to store: the run, and what was changed beside it."""
        own = records.put(self.namespace, RUNS, self.thread_id, self.run_id, self.run)
        return (own, *self.changes_beside())

    def changes_beside(self) -> Changes:
        """Return what to store beside the run: steps and messages that were changed, new files."""
        touched = (
            records.put(self.namespace, kind, parent, object_id, record, is_new=is_new)
            for object_id, (kind, parent, record, is_new) in self._touched.items()
        )
        return (*self._files, *touched)

    # ── What items ask ───────────────────────────────────────────────────────────────

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
        found = (self.record(STEPS, self.run_id, one) for one in dict.fromkeys((*stored, *new)))
        return [step for step in found if step is not None]

    def stored_files(self) -> dict[str, str]:
        """Return the names of the files that are stored, by id."""
        return records.file_names(self.namespace)

    def find_file(
        self, wanted: str, among: Mapping[str, str] | None = None
    ) -> tuple[str, str] | None:
        """Return the id and the name of a file, by either: of those given, or of those stored."""
        known = {**(among or {}), **self.stored_files()}
        return next((file for file in known.items() if wanted in file), None)

    def searched(self) -> tuple[str, list[str], list[str]]:
        """Return what a search of this run asks, the vector stores, and the files beside them.

        They are those of the run, of its thread, and the attachments of the messages.
        """
        thread = records.load(self.namespace.collection("threads").get(self.thread_id)) or {}
        stores = [one for holder in (self.run, thread) for one in records.store_ids(holder)]
        stored = self.namespace.collection(MESSAGES, self.thread_id).records()
        messages = [json_codec.loads(one) for one in stored]
        asked = [text_of(one.get("content")) for one in messages if one.get("role") == "user"]
        files = [one for message in messages for one in records.attached(message, "file_search")]
        return asked[-1] if asked else "", [*dict.fromkeys(stores)], [*dict.fromkeys(files)]

    @property
    def seed(self) -> bytes:
        """The seed of the namespace."""
        return self.namespace.seed

    def rounds(self) -> Rounds:
        """Return the outputs that the run got, oldest first."""
        details = (step.get("step_details") for step in self.steps())
        rounds = (calls_of(one) for one in details)
        return [
            [(str(call["function"].get("name")), call["function"].get("output")) for call in calls]
            for calls in rounds
            if calls
        ]

    # ── Records ──────────────────────────────────────────────────────────────────

    def new_id(self, kind: str) -> str:
        """Return an id that derives from the run and from how much it has made before."""
        self.script["made"] += 1
        which = b"%d" % self.script["made"]
        source = ids.digest(self.namespace.seed, which, self.run_id.encode())
        return ids.FORMATS[kind](source, self.namespace.clock.start)

    def add_file(self, filename: str, purpose: str, content: bytes, now: int) -> str:
        """Make a file, and return its id; one that was not stored yet is in `changes`."""
        file_id = self.new_id("file")
        record = file_record(file_id, now, filename, purpose, len(content))
        self._files += puts_file(self.namespace, file_id, now, record, content)
        return file_id

    def touch(self, kind: str, parent: str, record: Object, *, is_new: bool = False) -> None:
        """Note that a record was changed, or is new."""
        known = self._touched.get(record["id"])
        self._touched[record["id"]] = (kind, parent, record, is_new or bool(known and known[3]))

    def record(self, kind: str, parent: str, object_id: str) -> Object | None:
        """Return a record as this playback left it or as it is stored; None where it is gone."""
        if object_id in self._touched:
            return self._touched[object_id][2]
        return records.load(self.namespace.collection(kind, parent).get(object_id))
