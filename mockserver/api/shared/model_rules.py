"""What a model asks of the parameters that go with it."""

from typing import Any, Literal, Protocol

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.known_models import Model

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
"""How much a reasoning model reasons [spec]."""

DEFAULT_EFFORT = "medium"
"""The effort of a reasoning model that is given none [recorded]."""


class Parameters(Protocol):
    """The fields of a body that depend on the model."""

    @property
    def temperature(self) -> float | None:
        """The temperature; None where none is sent."""

    @property
    def top_p(self) -> float | None:
        """The nucleus; None where none is sent."""

    @property
    def reasoning_effort(self) -> str | None:
        """The effort; None where none is sent."""


def check_sampling(body: Parameters, model: Model) -> None:
    """Refuse a temperature and a top_p beside a reasoning model.

    The error names the parameter `model`, and 1.0 is refused too, although the service shows it
    for these models [recorded].

    Raises:
        ApiError: the body has one of them.
    """
    if model.reasoning:
        for name in ("temperature", "top_p"):
            if getattr(body, name) is not None:
                raise ApiError("unsupported_sampling", parameter=name)


def check_effort(body: Parameters, model: Model) -> None:
    """Refuse a reasoning_effort beside a model that does not reason [inferred].

    Raises:
        ApiError: the body has one.
    """
    if model.reasoning is False and body.reasoning_effort is not None:
        raise ApiError("unsupported_effort")


def check_change_of_model(merged_effort: Any, model: Model) -> None:
    """Refuse a change to a model that the effort does not fit, merged from old and new [recorded].

    Raises:
        ApiError: a reasoning model has no effort, or another model has one.
    """
    if model.reasoning is not None and model.reasoning != (merged_effort is not None):
        shown = "null" if merged_effort is None else merged_effort
        raise ApiError("unsupported_merged_effort", effort=shown)


def fit(shown: dict[str, Any], model: Model) -> None:
    """Set the fields that depend on the model to the values that the service shows.

    A reasoning model has an effort, and 1.0 for what it does not use [recorded].
    """
    if model.reasoning:
        shown["temperature"] = shown["top_p"] = 1.0
        if shown["reasoning_effort"] is None:
            shown["reasoning_effort"] = DEFAULT_EFFORT
    elif model.reasoning is False:
        shown["reasoning_effort"] = None
