"""OpenAI's operations, one module for each resource.

To add a resource, add a module here and a line to `_MODULES`.
"""

from mockserver.api import assistants, files, messages, models, threads, uploads
from mockserver.api.runs import operations as runs
from mockserver.api.runs import steps
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.resource import Resource
from mockserver.api.vector_stores import batches, store_files, stores

_MODULES = (
    assistants,
    threads,
    messages,
    runs,
    steps,
    files,
    uploads,
    stores,
    store_files,
    batches,
    models,
)

OPERATIONS: tuple[Operation, ...] = tuple(
    operation for module in _MODULES for operation in module.OPERATIONS
)

RESOURCES: tuple[Resource, ...] = tuple(
    resource for module in _MODULES for resource in module.RESOURCES
)
