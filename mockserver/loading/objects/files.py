"""Files in fixtures: as `createFile` would keep them, also those that only the service makes."""

from base64 import b64decode
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from mockserver.api.files import ExpiresAfter, kept_file
from mockserver.api.shared.call import Call
from mockserver.api.shared.results import Result
from mockserver.api.shared.validation import Strict
from mockserver.loading.objects.kind import Naming, ObjectKind, Own

Purpose = Literal[
    "fine-tune",
    "assistants",
    "batch",
    "user_data",
    "vision",
    "evals",
    "assistants_output",
    "batch_output",
    "fine-tune-results",
]


class InitialFile(Strict):
    """The fields of a file. `path` is replaced by the content of the file that it names."""

    filename: str = ""
    purpose: Purpose
    content: str | None = None
    content_base64: str | None = None
    path: str | None = None
    expires_after: ExpiresAfter | None = None

    @model_validator(mode="after")
    def _check_content(self) -> "InitialFile":
        problem = ""
        if self.path is not None:
            problem = "a file is read beside a fixture file alone: write `content`"
        elif not self.filename:
            problem = "a file has a `filename`"
        elif (self.content is None) == (self.content_base64 is None):
            problem = "a file has one of `content`, `content_base64` and `path`"
        else:
            try:
                if not self.bytes:
                    problem = "the content is empty"
            except ValueError:
                problem = "`content_base64` is not base64"
        if problem:
            raise PydanticCustomError("unusable_file", "unusable", {"problem": problem})
        return self

    @property
    def bytes(self) -> bytes:
        """The content.

        Raises:
            ValueError: it is not the base64 that it should be.
        """
        if self.content is not None:
            return self.content.encode("utf-8", "replace")
        return _decoded(self.content_base64 or "")


@lru_cache(maxsize=128)
def _decoded(content: str) -> bytes:
    """Return what base64 stands for, one and the same for all keys: it is kept once."""
    return b64decode(content, validate=True)


def _create(call: Call[InitialFile, None], own: Own, parts: Sequence[Own]) -> Result:
    body = call.body
    return kept_file(call, body.filename, body.purpose, body.bytes, body.expires_after)


KIND = ObjectKind(
    name="files",
    naming=Naming("a file", "file", joint="-"),
    model=InitialFile,
    create=_create,
)
