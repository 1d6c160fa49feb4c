"""What `check` warns of: stubs that are valid, and yet hardly what was meant."""

from collections.abc import Iterator, Sequence

from mockserver.api import OPERATIONS
from mockserver.api.shared.routing import Router
from mockserver.loading.misspelled_operators import misspelled_operators
from mockserver.loading.unreachable_stubs import unreachable_stubs
from mockserver.stubs.actions.patch import Patch
from mockserver.stubs.stub import Stub


def lint(stubs: Sequence[Stub]) -> Iterator[tuple[Stub, str]]:
    """Yield each stub that deserves a warning, and the warning."""
    for stub, hidden_by in unreachable_stubs(stubs):
        yield (
            stub,
            f"can never match, {hidden_by} always answers first: "
            "put it in front, or give it a priority",
        )
    for stub in stubs:
        for condition, operator in misspelled_operators(stub):
            yield (
                stub,
                f"{condition} asks for a field of that name: if the operator `{operator}` is "
                "meant, write it so, and nothing beside operators",
            )
        if _patches_nothing(stub):
            yield (
                stub,
                "nothing is served there, so there is no default answer to change: "
                "give a whole one, with json or text",
            )


_ROUTER = Router(OPERATIONS)


def _patches_nothing(stub: Stub) -> bool:
    when = stub.definition.get("when") or {}
    path, method = when.get("path"), when.get("method")
    if (
        not isinstance(path, str)
        or "*" in path
        or not any(isinstance(action, Patch) for action in stub.actions)
    ):
        return False
    methods = [method] if isinstance(method, str) else ["GET", "POST", "DELETE"]
    routes = [_ROUTER.find(method, path) for method in methods]
    return all(route.operation is None for route in routes)
