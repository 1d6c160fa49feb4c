"""Initial objects: the objects of fixtures, which exist when a namespace is created."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Models
from mockserver.api.shared.validation import validate
from mockserver.expressions.templates import Context, Rendered
from mockserver.http import json_codec
from mockserver.loading.objects.kind import ObjectKind, Own
from mockserver.state import ids
from mockserver.state.changes import commit
from mockserver.state.namespace import Namespace


class Body(NamedTuple):
    """The body of a request, as an entry has it.

    `fields` renders it without its parts. Those are under `parts_field`, each with what it says of
    its own and what renders its other fields.
    """

    fields: Rendered
    parts_field: str = ""
    parts: tuple[tuple[Own, Rendered], ...] = ()

    def render(self, context: Context, *, repeat: bool) -> tuple[Any, list[Own]]:
        """Return the body, and what each of its parts says of its own.

        Without `repeat` each part is there once, however often it is repeated.
        """
        body = self.fields(context)
        if not self.parts_field:
            return body, []
        parts = [
            (own, render) for own, render in self.parts for _ in range(own.repeat if repeat else 1)
        ]
        rendered = [render(context) for _, render in parts]
        return body | {self.parts_field: rendered}, [own for own, _ in parts]


@dataclass(frozen=True, slots=True)
class InitialObject:
    """An entry of `objects`, which creates one object or several.

    `source` is what ids and generated values derive from.
    """

    kind: ObjectKind
    own: Own
    body: Body
    source: bytes

    def add_to(self, namespace: Namespace, models: Models) -> None:
        """Store its objects in a namespace, without advancing its clock.

        Raises:
            ApiError: the API would refuse such a request.
        """
        view = self._view(namespace)
        for nth in range(self.own.repeat):
            self._create(view, models, self._context(namespace, nth), repeat=True)

    def try_in(self, namespace: Namespace, models: Models) -> None:
        """Store its first object, with each of its parts once.

        Raises:
            ApiError: the API would refuse such a request.
        """
        view = self._view(namespace)
        self._create(view, models, self._context(namespace, 0), repeat=False)

    def first_body(self, namespace: Namespace) -> Any:
        """Return the body that creates its first object, with each of its parts once."""
        return self.body.render(self._context(namespace, 0), repeat=False)[0]

    def _view(self, namespace: Namespace) -> Namespace:
        """Return the namespace at the time at which its objects were created."""
        return namespace.as_of(self.own.time(namespace.clock))

    def _context(self, namespace: Namespace, nth: int) -> Context:
        entropy = ids.digest(namespace.seed, b"%d" % nth, self.source)
        return Context(None, namespace.clock.start, int(namespace.seed), entropy)

    def _create(
        self, namespace: Namespace, models: Models, context: Context, *, repeat: bool
    ) -> None:
        """Store one object in the place of what had its id, and what goes with it."""
        fields, parts = self.body.render(context, repeat=repeat)
        body = validate(self.kind.model, fields)
        call = Call(namespace, models, {}, body, None, context.entropy)
        result = self.kind.create(call, self.own, parts)
        record: Any = result.value
        object_id = record["id"] = self.own.id or record["id"]
        assert result.saved_in is not None  # noqa: S101  a create has a record to save
        namespace.drop_children(object_id)
        result.saved_in.put(object_id, record["created_at"], json_codec.dumps(record))
        commit(namespace, result.changes)
        if result.children is not None:
            commit(namespace, result.children(object_id))


def add_initial_objects(
    objects: Iterable[InitialObject], namespace: Namespace, models: Models
) -> None:
    """Store the objects of fixtures in a namespace, without advancing its clock.

    An object that the API would refuse in this namespace is skipped, with a message on standard
    error: a generated value is not valid under its seed, or what a run refers to is not there.
    """
    for one in objects:
        try:
            one.add_to(namespace, models)
        except ApiError as error:
            print(f"mockserver: skipped an initial object of a fixture: {error}", file=sys.stderr)
