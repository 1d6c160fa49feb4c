"""The models, and what each may be used for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from mockserver import shipped_data
from mockserver.api.shared.errors import ApiError


@dataclass(frozen=True, slots=True)
class Model:
    """One model of `fixtures/models.yaml`.

    `created` is in seconds since 1970. `assistants` says whether the Assistants API accepts the
    model. `reasoning` is None for an unknown model, which accepts every parameter.
    """

    id: str
    created: int = 0
    owned_by: str = "system"
    assistants: bool = False
    reasoning: bool | None = False

    def as_object(self) -> dict[str, Any]:
        """Return the model as the API shows it [recorded key order]."""
        return {
            "id": self.id,
            "object": "model",
            "created": self.created,
            "owned_by": self.owned_by,
        }


class Models:
    """The models that a client can use. With `any_name`, every other name is accepted too."""

    def __init__(self, models: dict[str, Model], *, any_name: bool = False) -> None:
        self._models = models
        self._any_name = any_name

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, name: str) -> Model | None:
        """Return the model of this name, or None where there is none."""
        found = self._models.get(name)
        if found is None and self._any_name:
            return Model(name, assistants=True, reasoning=None)
        return found

    def for_assistants(self, name: str) -> Model:
        """Return the model of this name, for use with an assistant.

        Raises:
            ApiError: there is no such model, or the Assistants API does not accept it.
        """
        model = self.find(name)
        if model is None:
            raise ApiError("model_does_not_exist", model=name)
        if not model.assistants:
            raise ApiError("unsupported_model", model=name)
        return model


@cache
def shipped() -> Models:
    """Return the models of `fixtures/models.yaml`."""
    return Models(_rows())


@cache
def any_model() -> Models:
    """Return the shipped models, each accepted for assistants, and accept every other name."""
    return Models(
        {name: replace(model, assistants=True) for name, model in _rows().items()}, any_name=True
    )


def chosen(any_name: bool | None, otherwise: Models) -> Models:
    """Return the models for the choice of a namespace; None leaves it to its server."""
    if any_name is None:
        return otherwise
    return any_model() if any_name else shipped()


@cache
def deployments() -> Models:
    """Return Azure's models: a deployment's name says nothing about its model."""
    return Models(
        {name: replace(model, assistants=True, reasoning=None) for name, model in _rows().items()},
        any_name=True,
    )


@cache
def _rows() -> dict[str, Model]:
    return {row["id"]: Model(**row) for row in shipped_data.load("models.yaml")}
