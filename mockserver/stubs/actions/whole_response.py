"""`json` and `text`: a whole response, in place of the handler's."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from mockserver.expressions.templates import Context, Rendered, as_text
from mockserver.http import json_codec
from mockserver.http.response import JSON, Response
from mockserver.stubs.actions.action import Action, CommonFields, Writing, compile_common


class Fields(CommonFields):
    """The keys of this action in a fixture."""

    json_: Any = Field(default=None, alias="json")
    text: str | None = None
    json_file: str | None = Field(
        default=None, description="a file with the content of `json`, beside the fixture file"
    )
    text_file: str | None = Field(
        default=None, description="a file with the content of `text`, beside the fixture file"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeResponse(Action):
    """Sends `content` as JSON or plain text; the request is not validated, nothing is stored."""

    content: Rendered
    as_json: bool

    def respond(self, context: Context) -> Response:
        """Return the whole response, with status 200 unless the action has another."""
        value = self.content(context)
        if self.as_json:
            body, content_type = json_codec.dumps(value), JSON
        else:
            body, content_type = as_text(value).encode("utf-8", "replace"), _PLAIN
        return Response(self.status or 200, body, {"Content-Type": content_type})


_PLAIN = "text/plain; charset=utf-8"


def claims(keys: AbstractSet[str]) -> list[str]:
    """Return which of the keys of a whole response are among those of an action."""
    return [name for key, name in _WAYS.items() if key in keys]


_WAYS = {"json_": "json", "text": "text", "json_file": "json_file", "text_file": "text_file"}


def build(fields: Fields, writing: Writing) -> Action:
    """Return the compiled whole response.

    A file whose content was not put in the place of its name belongs to a document that has no
    folder: it is reported.
    """
    common = compile_common(fields, writing)
    for key in ("json_file", "text_file"):
        if fields.model_fields_set & _WAYS.keys() == {key}:
            what = "a file is read beside a fixture file alone"
            remedy = f"put its content in, under {key.removesuffix('_file')}"
            writing.report((*writing.place, key), what, remedy)
    as_json = "json_" in fields.model_fields_set
    name, value = ("json", fields.json_) if as_json else ("text", fields.text)
    content = writing.compile(name, value)
    return WholeResponse(**common, content=content, as_json=as_json)
