"""One endpoint of the API, as a row of the table of operations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from mockserver.api.shared.call import Call
from mockserver.api.shared.layout import PLAIN, Layout
from mockserver.api.shared.mounts import MOUNTS, Mount, Service
from mockserver.api.shared.results import Result
from mockserver.http.response import JSON

BODY_LIMIT = 26_214_400
"""The default limit of a body, in bytes (25 MiB)."""

Reader = Literal["whole", "multipart"]
"""How a body is read from the socket: as it is, or as a form with files. The server has a function
for each value."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint, named by OpenAI's operationId.

    `path` has ids in braces, each with the prefix that it must have:
    `/assistants/{assistant_id:asst}`. `handler` takes a `Call` and returns a `Result`. `body` and
    `query` are the models that a request is validated against. `meaning` returns what a part of a
    valid body means: the ids of what requests of one meaning create are equal. `beta` says whether
    the header `OpenAI-Beta: assistants=v2` is required. `headers` are sent with each of its own
    responses. `layout` is that of its responses. `reader` says how a body is read. `body_limit` is
    the maximum size of a body, or of the files in it, in bytes. `only_at` is the one service that
    has the operation; with None, each has it. `json_headers` are those of a response with JSON.
    """

    operation_id: str
    summary: str
    method: str
    path: str
    handler: Callable[[Call[Any, Any]], Result]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    meaning: Callable[[Any], Any] = vars
    beta: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    layout: Layout = PLAIN
    reader: Reader = "whole"
    body_limit: int = BODY_LIMIT
    only_at: Service | None = None
    segments: tuple[str, ...] = field(init=False)
    prefixes: dict[str, str] = field(init=False)
    json_headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        prefixes = dict(re.findall(r"{(\w+):(\w+)}", self.path))
        plain = re.sub(r"{(\w+):\w+}", r"{\1}", self.path)
        json_headers = {"Content-Type": JSON, **self.layout.headers, **self.headers}
        object.__setattr__(self, "prefixes", prefixes)
        object.__setattr__(self, "json_headers", json_headers)
        object.__setattr__(self, "segments", tuple(plain.strip("/").split("/")))

    def is_at(self, service: Service) -> bool:
        """Return whether a service has this operation."""
        return self.only_at is None or self.only_at is service

    @property
    def mount(self) -> Mount:
        """The first mount under which it is served."""
        return next(mount for mount in MOUNTS if self.is_at(mount.service))
