"""The text of a file, as far as it can be read, and which files can be searched at all."""

import codecs
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
    text = text.encode("utf-8", "replace").decode()  # no lone surrogates: JSON has none
    return text if text.strip() else filename


def _plain(content: bytes) -> str:
    # Nearly any bytes of an even number are valid UTF-16: it has to say that it is.
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1")


_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q"),
        *("s", "small", "span", "strong", "sub", "sup", "u", "var", "wbr"),
    }
)
"""The tags that do not end a word."""


class _Text(HTMLParser):
    """Collects the text of a page, without its scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("script", "style")
        self._end_word(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in ("script", "style")), 0)
        self._end_word(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)

    def _end_word(self, tag: str) -> None:
        if tag not in _INLINE:
            self.pieces.append("\n")


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
    from docx.oxml.ns import qn

    body = Document(io.BytesIO(content)).element.body
    # Those in the cells of tables are among them.
    paragraphs = body.iter(qn("w:p"))
    return "\n".join("".join(part.text or "" for part in one.iter(qn("w:t"))) for one in paragraphs)


def _unreadable(content: bytes) -> str:
    return ""


_READERS: dict[str, Callable[[bytes], str]] = {
    ".html": _html,
    ".pdf": _pdf,
    ".docx": _docx,
    ".doc": _unreadable,
    ".pptx": _unreadable,
}
