"""The models, and what each may be used for."""

import re
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
    """The models that a client can use: single ones by id, and families by a pattern of names.

    With `any_name`, every other name is accepted too.
    """

    def __init__(
        self,
        models: dict[str, Model],
        families: tuple[tuple[re.Pattern[str], Model], ...] = (),
        *,
        any_name: bool = False,
    ) -> None:
        self._models = models
        self._families = families
        self._any_name = any_name

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def find(self, name: str) -> Model | None:
        """Return the model of this name, or None where there is none."""
        found = self._models.get(name) or self._find_family(name)
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

    def changed(self, **changes: Any) -> "Models":
        """Return models with fields of each changed, which accept every other name."""
        return Models(
            {name: replace(model, **changes) for name, model in self._models.items()},
            tuple((names, replace(model, **changes)) for names, model in self._families),
            any_name=True,
        )

    def _find_family(self, name: str) -> Model | None:
        if name.startswith("ft:"):
            base_name = name.split(":")[1]
            base = self._models.get(base_name) or self._find_family(base_name)
            return replace(base, id=name, owned_by="user") if base else None
        for names, model in self._families:
            if names.fullmatch(name):
                return replace(model, id=name)
        return None


@cache
def shipped() -> Models:
    """Return the models of `fixtures/models.yaml`."""
    rows = shipped_data.load("models.yaml")
    return Models(
        {row["id"]: Model(**row) for row in rows if "id" in row},
        tuple(_family(**row) for row in rows if "names" in row),
    )


@cache
def any_model() -> Models:
    """Return the shipped models, each accepted for assistants, and accept every other name."""
    return shipped().changed(assistants=True)


def chosen(any_name: bool | None, otherwise: Models) -> Models:
    """Return the models for the choice of a namespace; None leaves it to its server."""
    if any_name is None:
        return otherwise
    return any_model() if any_name else shipped()


@cache
def deployments() -> Models:
    """Return Azure's models: a deployment's name says nothing about its model."""
    return shipped().changed(assistants=True, reasoning=None)


def _family(names: str, **fields: Any) -> tuple[re.Pattern[str], Model]:
    return re.compile(names), Model("", **fields)
