"""The endpoints that verify and forget a namespace."""

from mockserver.control.control_request import ControlRequest, json_response
from mockserver.control.journal_entry import Found, entries_as_json
from mockserver.control.server_state import ServerState
from mockserver.http.response import Response
from mockserver.state.namespace import Level


def verify(state: ServerState, call: ControlRequest) -> Response:
    """Return how a namespace's strictness was violated; without a credential, every namespace's.

    `unused_stubs` has the names of stubs that strictness wants to be used. `never_matched` has the
    names of all that nothing matched, by id, however strict the namespace is. The status is 409
    where a violation is an error, otherwise 200.
    """
    unused: list[str] = []
    never_matched: dict[str, str] = {}
    unexpected: list[Found] = []
    levels: set[Level] = set()
    for namespace in state.selected(call.key):
        level = namespace.strictness.unused_stubs
        unmatched = state.registry.unused(namespace)
        never_matched |= {stub.id: str(stub) for stub in unmatched}
        if unmatched and level != "ignore":
            unused += [str(stub) for stub in unmatched]
            levels.add(level)
        entries = reversed(namespace.journal.unexpected)
        unexpected += [(entry, namespace) for entry in entries]
    if unexpected:
        levels.add("error")
    worst = next((level for level in ("error", "warn") if level in levels), "ignore")
    violations = {
        "level": worst,
        "unexpected_requests": entries_as_json(state, unexpected),
        "unused_stubs": unused,
        "never_matched": never_matched,
    }
    return json_response(409 if worst == "error" else 200, violations)


def forget(state: ServerState, call: ControlRequest) -> Response:
    """Forget a namespace, as if its key had never been used; without a credential, every one.

    Return what `verify` returns.
    """
    verdict = verify(state, call)
    for namespace in state.selected(call.key):
        state.registry.forget(namespace)
    state.namespaces.forget(call.key)
    if call.key is None:
        state.registry.remove(None)
        state.posted_objects.clear()
        state.posted_settings.clear()
    return verdict
