"""The warnings of `mockserver check`: stubs that are valid but probably a mistake."""

from collections.abc import Iterator, Sequence

from mockserver.api import OPERATIONS
from mockserver.api.shared.routing import Router
from mockserver.loading.misspelled_operators import misspelled_operators
from mockserver.loading.unreachable_stubs import unreachable_stubs
from mockserver.stubs.actions.action import Action
from mockserver.stubs.actions.patch import Patch
from mockserver.stubs.actions.run import RunScript
from mockserver.stubs.stub import Stub


def lint(stubs: Sequence[Stub]) -> Iterator[tuple[Stub, str]]:
    """Yield each stub that has a warning, and the warning. A stub may have several."""
    for stub, hidden_by in unreachable_stubs(stubs):
        yield (
            stub,
            f"can never match, {hidden_by} always answers first: "
            "move it in front of that stub, or raise its priority",
        )
    for stub in stubs:
        for condition, operator in misspelled_operators(stub):
            yield (
                stub,
                f"{condition} compares a field of that name: if you mean the operator "
                f"`{operator}`, spell it so, with only operators next to it",
            )
        if _patches_nothing(stub):
            yield (
                stub,
                "this path is not served, so there is no default response to change: "
                "write a whole response with json or text",
            )
        if _plays_nothing(stub):
            yield stub, "no run is made at this path, so its script is never played: mend the path"


_ROUTER = Router(OPERATIONS)


def _patches_nothing(stub: Stub) -> bool:
    return _has(stub, Patch) and _operations_at_path(stub) == set()


def _plays_nothing(stub: Stub) -> bool:
    found = _operations_at_path(stub)
    return _has(stub, RunScript) and found is not None and not found & (stub.operations or set())


def _has(stub: Stub, kind: type[Action]) -> bool:
    return any(isinstance(action, kind) for action in stub.actions)


def _operations_at_path(stub: Stub) -> set[str] | None:
    """Return the operations at the method and path of a stub; None where it names no one path."""
    when = stub.definition.get("when") or {}
    path, method = when.get("path"), when.get("method")
    if not isinstance(path, str) or "*" in path or "{" in path:
        return None
    methods = [method] if isinstance(method, str) else ["GET", "POST", "DELETE"]
    routes = [_ROUTER.find(method, path) for method in methods]
    return {route.operation.operation_id for route in routes if route.operation is not None}
