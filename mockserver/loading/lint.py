"""Stubs that are sound, and yet hardly what was meant: each with the reason and the remedy."""

from collections.abc import Iterator, Sequence

from mockserver.api import OPERATIONS
from mockserver.api.shared.routing import Router
from mockserver.loading.misspelled_operators import misspelt
from mockserver.loading.unreachable_stubs import shadowed
from mockserver.stubs.stub import Stub


def doubts(stubs: Sequence[Stub]) -> Iterator[tuple[Stub, str]]:
    """Give each stub that is to be warned of, and why."""
    for stub, hidden_by in shadowed(stubs):
        yield (
            stub,
            f"can never match, {hidden_by.name} ({hidden_by.source}) always answers first: "
            "put it in front, or give it a priority",
        )
    for stub in stubs:
        for condition, operator in misspelt(stub):
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
        or all(action.kind != "patch" for action in stub.actions)
    ):
        return False
    methods = [method] if isinstance(method, str) else ["GET", "POST", "DELETE"]
    routes = [_ROUTER.find(method, path) for method in methods]
    return all(route.operation is None for route in routes)
