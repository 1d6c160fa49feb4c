"""Models: `listModels` and `retrieveModel`."""

from typing import Any

from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Call, Object, Operation


def list_models(call: Call[None, None]) -> Object:
    """Answer all models on one page [recorded: neither cursors nor has_more]."""
    return {"object": "list", "data": [model.as_object() for model in call.models]}


def retrieve_model(call: Call[None, None]) -> dict[str, Any]:
    """Answer one model."""
    name = call.path_ids["model"]
    model = call.models.find(name)
    if model is None:
        raise ApiError("model_not_found", model=name)
    return model.as_object()


OPERATIONS = (
    Operation("listModels", "GET", "/models", list_models),
    Operation("retrieveModel", "GET", "/models/{model}", retrieve_model),
)
