"""The content and the attachments of a message: as clients send them, and as they are shown."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field

from mockserver.api.shared.tools import CodeInterpreterTool, FileId, Metadata
from mockserver.api.shared.validation import (
    WORD,
    Strict,
    by_type,
    tag,
    word_or_list,
)

Text = Annotated[str, Field(max_length=256_000)]
Detail = Literal["auto", "low", "high"]


class TextPart(Strict):
    """`{"type": "text", "text": "…"}`."""

    type: Literal["text"]
    text: Text

    def shown(self) -> dict[str, Any]:
        """Return the part as the service shows it [recorded]."""
        return shown_text(self.text)


class ImageUrl(Strict):
    """The address of an image."""

    url: str
    detail: Detail | None = None


class ImageUrlPart(Strict):
    """`{"type": "image_url", "image_url": {…}}`."""

    type: Literal["image_url"]
    image_url: ImageUrl

    def shown(self) -> dict[str, Any]:
        """Return the part as the service shows it, its detail filled in [recorded]."""
        image = self.image_url
        return {
            "type": self.type,
            "image_url": {"url": image.url, "detail": image.detail or "auto"},
        }


class ImageFile(Strict):
    """An image that was uploaded."""

    file_id: FileId
    detail: Detail | None = None


class ImageFilePart(Strict):
    """`{"type": "image_file", "image_file": {…}}`."""

    type: Literal["image_file"]
    image_file: ImageFile

    def shown(self) -> dict[str, Any]:
        """Return the part as the service shows it, its detail filled in [recorded]."""
        return shown_image(self.image_file.file_id, self.image_file.detail)


Part = Annotated[
    Annotated[ImageFilePart, tag("image_file")]
    | Annotated[ImageUrlPart, tag("image_url")]
    | Annotated[TextPart, tag("text")],
    Discriminator(by_type),
]

Content = Annotated[
    Annotated[Text, tag(WORD)]
    | Annotated[Annotated[list[Part], Field(min_length=1)], tag("parts")],
    Discriminator(word_or_list("parts")),
]


class AttachmentFileSearch(Strict):
    """`{"type": "file_search"}`, without options."""

    type: Literal["file_search"]


AttachmentTool = Annotated[
    Annotated[CodeInterpreterTool, tag("code_interpreter")]
    | Annotated[AttachmentFileSearch, tag("file_search")],
    Discriminator(by_type),
]


class Attachment(Strict):
    """A file that tools can read."""

    file_id: FileId
    tools: list[AttachmentTool] | None = None

    def shown(self) -> dict[str, Any]:
        """Return the attachment as the service shows it: as it was sent [recorded]."""
        return {"file_id": self.file_id, "tools": [{"type": one.type} for one in self.tools or ()]}


class NewMessage(Strict):
    """The body of `createMessage`; also one of the messages of a new thread or run."""

    role: Literal["user", "assistant"]
    content: Content
    attachments: list[Attachment] | None = None
    metadata: Metadata | None = None

    def shown_content(self) -> list[dict[str, Any]]:
        """Return the content as the service shows it: a list of parts."""
        if isinstance(self.content, str):
            return [shown_text(self.content)]
        return [part.shown() for part in self.content]

    def text(self) -> str:
        """Return all of its text."""
        return text_of(self.shown_content())


def shown_image(file_id: str, detail: str | None = None) -> dict[str, Any]:
    """Return a part with the image of a file, its detail filled in [recorded]."""
    image = {"file_id": file_id, "detail": detail or "auto"}
    return {"type": "image_file", "image_file": image}


def shown_text(text: str) -> dict[str, Any]:
    """Return a part of text as the service shows it [recorded]."""
    return {"type": "text", "text": {"value": text, "annotations": []}}


def text_of(content: Any) -> str:
    """Return the text of a shown content, its parts on lines of their own."""
    parts = content if isinstance(content, list) else []
    texts = [part["text"]["value"] for part in parts if _has_text(part)]
    return "\n".join(texts)


def _has_text(part: Any) -> bool:
    text = part.get("text") if isinstance(part, dict) else None
    return isinstance(text, dict) and isinstance(text.get("value"), str)
