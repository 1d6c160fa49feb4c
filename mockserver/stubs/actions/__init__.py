"""The actions of stubs: one module for each, with its shape, its compilation and its effect.

A new action is a module in this folder and an entry in `ACTIONS`.
"""

from typing import Any

from pydantic import create_model

from mockserver.problems import Place, closest
from mockserver.stubs.actions import fault, patch, rate_limit, run, whole_response
from mockserver.stubs.actions.action import Action, Writing

ACTIONS: tuple[Any, ...] = (
    fault,
    rate_limit,
    run,
    whole_response,
    patch,
)
"""Each has `Fields`, `claims` and `build`. The first that claims an action builds it. The last one
builds an action that none claims: the default action is a patch that changes nothing."""

ActionModel = create_model(
    "Action",
    __base__=tuple(action.Fields for action in ACTIONS),
    __doc__="""What happens instead of the default response.

One of `body` (merged into the default response), `json` or `text` (the whole response), `fault`,
`rate_limit` or `run` (the script of a run); with none of them, the default response.
""",
)
"""The shape of an action: the fields of all of them. Other keys are options of a fault."""

ACTION_KEYS = tuple(field.alias or name for name, field in ActionModel.model_fields.items())


def build_action(fields: Any, writing: Writing) -> Action:
    """Return the compiled action; `fields` is an `ActionModel`. Problems are reported."""
    keys = fields.model_fields_set & set(ActionModel.model_fields)
    claims = [(action, action.claims(keys)) for action in ACTIONS]
    words = [word for _, claimed in claims for word in claimed]
    if len(words) > 1:
        writing.report(
            writing.place, f"{' and '.join(words)} exclude each other", "keep one of them"
        )
    if "fault" not in keys:
        _refuse_options(fields, writing)
    chosen = next((action for action, claimed in claims if claimed), ACTIONS[-1])
    built: Action = chosen.build(fields, writing)
    return built


def _refuse_options(fields: Any, writing: Writing) -> None:
    """Report the keys that only a fault has."""
    place: Place = writing.place
    for name in fields.model_extra or {}:
        writing.report((*place, name), f"unknown key '{name}'", closest(name, ACTION_KEYS))
    if fields.inject is not None:
        writing.report((*place, "inject"), "there is no fault to inject", "add a fault")
