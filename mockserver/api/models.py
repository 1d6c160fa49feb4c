"""Models: `listModels` and `retrieveModel`."""

from mockserver.api.shared.call import Call
from mockserver.api.shared.errors import ApiError
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.results import Result


def list_models(call: Call[None, None]) -> Result:
    """Return all models on one page [recorded: neither cursors nor has_more]."""
    return Result({"object": "list", "data": [model.as_object() for model in call.models]})


def retrieve_model(call: Call[None, None]) -> Result:
    """Return one model."""
    name = call.path_ids["model"]
    model = call.models.find(name)
    if model is None:
        raise ApiError("model_not_found", model=name)
    return Result(model.as_object())


RESOURCES = ()

OPERATIONS = (
    Operation("listModels", "List the models.", "GET", "/models", list_models),
    Operation("retrieveModel", "Retrieve a model.", "GET", "/models/{model}", retrieve_model),
)
