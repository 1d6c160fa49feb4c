"""The kinds of objects that fixtures may have: one module for each.

A new kind is a module in this folder and an entry in `KINDS`.
"""

from typing import Any

from pydantic import Field, create_model

from mockserver.loading.objects import assistants, files, runs, threads, vector_stores
from mockserver.loading.objects.kind import ObjectKind
from mockserver.stubs.shape import Closed

KINDS: tuple[ObjectKind, ...] = (
    files.KIND,
    vector_stores.KIND,
    assistants.KIND,
    threads.KIND,
    runs.KIND,
)
"""In the order in which objects are created: what others refer to comes before them."""

_FIELDS: Any = {kind.name: (list[dict[str, Any]], Field(default_factory=list)) for kind in KINDS}

ObjectsModel = create_model(
    "Objects",
    __base__=Closed,
    __doc__="The objects that exist when the server starts.",
    **_FIELDS,
)
"""The shape of `objects`: a list of entries for each kind. The kind says what an entry may have."""
