"""`tool_choice`, which a script cannot obey: it is told where the two do not go together."""

from collections.abc import Sequence
from typing import Any

from mockserver.api.shared.results import Object

_CALLS = {"call": "function", "search": "file_search", "code": "code_interpreter"}
"""The items that use tools, each with the type of its tool."""


def unmet_choice(choice: Any, items: Sequence[Object]) -> str | None:
    """Return why a script does not do what `tool_choice` asks for, or None where it does."""
    used = [
        (_CALLS[name], value) for item in items for name, value in item.items() if name in _CALLS
    ]
    if choice == "none" and used:
        return "tool_choice is 'none', and the script of this run uses tools."
    if choice == "required" and not used:
        return f"tool_choice is 'required', and no script calls a tool. {_REMEDY}"
    if isinstance(choice, dict):
        kind, function = choice.get("type"), choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        for used_kind, value in used:
            if used_kind == kind and (name is None or name in _names(value)):
                return None
        wanted = f"the function {name}" if name is not None else kind
        return f"tool_choice asks for {wanted}, and no script calls it. {_REMEDY}"
    return None


_REMEDY = "Add a stub with then: {run: [{call: {NAME: {...}}}, ...]}."


def _names(value: Object) -> list[str]:
    return [call["name"] for call in value.get("calls", ())]
