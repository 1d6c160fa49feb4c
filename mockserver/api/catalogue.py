"""Which models there are, and what each may be used for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from mockserver import data
from mockserver.errors import ApiError


@dataclass(frozen=True, slots=True)
class Model:
    """One model of `fixtures/models.yaml`.

    `reasoning` is None where nothing is known of the model: it takes everything.
    """

    id: str
    created: int = 0
    owned_by: str = "system"
    assistants: bool = False
    reasoning: bool | None = False

    def as_object(self) -> dict[str, Any]:
        """Give the model as the API shows it [recorded key order]."""
        return {
            "id": self.id,
            "object": "model",
            "created": self.created,
            "owned_by": self.owned_by,
        }


class Models:
    """The models that a client can see. With `any_name`, every other name works too."""

    def __init__(self, models: dict[str, Model], *, any_name: bool = False) -> None:
        self._models = models
        self._any_name = any_name

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, name: str) -> Model | None:
        """Give the model of this name, or None where there is none."""
        if self._any_name:
            return Model(name, assistants=True, reasoning=None)
        return self._models.get(name)

    def for_assistants(self, name: str) -> Model:
        """Give the model of this name, for use with an assistant.

        Raises:
            ApiError: there is no such model, or Assistants does not take it.
        """
        model = self.find(name)
        if model is None:
            raise ApiError("model_does_not_exist", model=name)
        if not model.assistants:
            raise ApiError("unsupported_model", model=name)
        return model


@cache
def shipped() -> Models:
    """Give the models of `fixtures/models.yaml`."""
    return Models({row["id"]: Model(**row) for row in data.load("models.yaml")})


def any_model() -> Models:
    """Give a catalogue in which every name is a model; it lists those that ship."""
    return Models({model.id: model for model in shipped()}, any_name=True)
