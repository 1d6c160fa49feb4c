"""The text of a file, as far as it can be read, and which files can be searched at all."""

import io
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import PurePosixPath

SUPPORTED = frozenset(
    {
        *(".c", ".cpp", ".cs", ".css", ".doc", ".docx", ".go", ".html", ".java", ".js", ".json"),
        *(".md", ".pdf", ".php", ".pptx", ".py", ".rb", ".sh", ".tex", ".ts", ".txt"),
    }
)
"""The extensions of the files that the service searches [OpenAI's documentation]."""


def extension(filename: str) -> str:
    """Return the extension of a name in lower case, with its dot, or an empty text."""
    return PurePosixPath(filename.replace("\\", "/")).suffix.lower()


def is_supported(filename: str) -> bool:
    """Return whether a file can be searched; a name without an extension is taken for text."""
    return extension(filename) in (*SUPPORTED, "")


def text_of_file(filename: str, content: bytes) -> str:
    """Return the text of a file; where it cannot be read, its name alone."""
    read = _READERS.get(extension(filename), _plain)
    try:
        text = read(content)
    except Exception:  # noqa: BLE001  whatever a reader of documents raises: the file is not one
        text = ""
    return text if text.strip() else filename


def _plain(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


class _Text(HTMLParser):
    """Collects the text of a page, without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")
        self.pieces.append("\n" if tag in ("p", "div", "li", "tr", "h1", "h2", "h3") else "")

    def handle_data(self, data: str) -> None:
        if self._hidden <= 0:
            self.pieces.append(data)


def _html(content: bytes) -> str:
    parser = _Text()
    parser.feed(_plain(content))
    parser.close()
    return "".join(parser.pieces)


def _pdf(content: bytes) -> str:
    from pypdf import PdfReader  # of the extra `documents`

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def _docx(content: bytes) -> str:
    from docx import Document  # of the extra `documents`

    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


def _unreadable(content: bytes) -> str:
    return ""


_READERS: dict[str, Callable[[bytes], str]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".doc": _unreadable,
    ".pptx": _unreadable,
}
