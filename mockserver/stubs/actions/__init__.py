"""The actions of stubs: a module each, with its shape, its compilation and what it does.

An action is one more module here and one more line in `ACTIONS`.
"""

from typing import Any

from pydantic import create_model

from mockserver.problems import Place, closest
from mockserver.stubs.actions import fault, patch, rate_limit, whole
from mockserver.stubs.actions.action import Action, CommonFields, Writing

ACTIONS: tuple[Any, ...] = (
    fault,
    rate_limit,
    whole,
    patch,
)
"""Each has `Fields`, `claims` and `build`; the first that claims an action builds it. What none
claims, the last one builds: the default action is a patch that changes nothing."""

ActionModel = create_model(
    "Action",
    __base__=(CommonFields, *(action.Fields for action in ACTIONS)),
    __doc__="""What happens instead of the default answer.

One of `body` (merged into the default answer), `json` or `text` (the whole answer), `fault` or
`rate_limit`; with none of them, the default answer.
""",
)
"""The shape of an action: the fields of all of them. Further keys are options of a fault."""

ACTION_KEYS = tuple(field.alias or name for name, field in ActionModel.model_fields.items())


def build_action(fields: Any, writing: Writing) -> Action:
    """Return the action that a fixture says; `fields` is an `ActionModel`."""
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
    """Report what only a fault has."""
    place: Place = writing.place
    for name in fields.model_extra or {}:
        writing.report((*place, name), f"unknown key '{name}'", closest(name, ACTION_KEYS))
    if fields.inject is not None:
        writing.report((*place, "inject"), "there is no fault to inject", "add a fault")
