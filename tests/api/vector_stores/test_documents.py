"""Documents: the text that is found in files of each kind."""

import io

import pytest
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from mockserver.api.vector_stores.documents import is_supported, text_of_file
from tests.api.vector_stores.shelf import file, search, store
from tests.support import Api


def pdf(text: str) -> bytes:
    """Return a document of one page."""
    writer, saved = PdfWriter(), io.BytesIO()
    page = writer.add_blank_page(width=300, height=100)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    named = DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})
    fonts = DictionaryObject({NameObject("/F1"): named})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawn = DecodedStreamObject()
    drawn.set_data(f"BT /F1 12 Tf 10 50 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = drawn
    writer.write(saved)
    return saved.getvalue()


def docx(*paragraphs: str, cells: tuple[str, ...] = ()) -> bytes:
    """Return a document of paragraphs, and a table of one row."""
    document, saved = Document(), io.BytesIO()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        table = document.add_table(rows=1, cols=len(cells))
        for cell, text in zip(table.rows[0].cells, cells, strict=True):
            cell.text = text
    document.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tips.txt", b"Breathe slowly."),
        ("tips.md", b"# Tips\n\n* Breathe slowly.\n"),
        ("TIPS.JSON", b'{"tip": "Breathe slowly."}'),
        ("tips.py", b"TIP = 'Breathe slowly.'"),
        ("tips", b"Breathe slowly."),
        ("tips.html", b"<p>Breathe <b>slow</b>ly.</p>"),
        ("tips.pdf", pdf("Breathe slowly.")),
        ("tips.docx", docx("Breathe slowly.")),
    ],
)
def test_a_file_is_found_by_its_text(api: Api, name: str, content: bytes) -> None:
    store_id = store(api, file(api, content, name), file(api, "Drink water.", "other.txt"))

    [first, *_] = search(api, store_id, "slowly")

    assert (first["filename"], first["score"] > 0.5) == (name, True)
    assert "Breathe slowly." in first["content"][0]["text"]


def test_a_page_is_read_as_it_is_seen() -> None:
    page = (
        "<html><head><title>Tips</title><style>p {color: red}</style>"
        "<script>if (a < b) hidden()</script></head><body></script>"
        "<script>hidden()</script>"
        "One<br>two<td>three</td><td>four</td>f<i>iv</i>e &amp; s&eacute;x</body>"
    )

    words = text_of_file("a.html", page.encode()).split()

    assert words == ["Tips", "One", "two", "three", "four", "five", "&", "séx"]


def test_a_table_of_a_document_is_read_as_well() -> None:
    content = docx("Prices", cells=("Tea", "Coffee"))

    assert text_of_file("a.docx", content).split() == ["Prices", "Tea", "Coffee"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("utf-8-sig"), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        ("Grüße!".encode("latin-1"), "Grüße!"),
        (b"caf\xe9", "café"),
        (b"\xff\xfe\x00", "ÿþ\x00"),  # an odd number of bytes is no UTF-16
    ],
)
def test_any_bytes_are_some_text(content: bytes, text: str) -> None:
    assert text_of_file("a.txt", content) == text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("slides.pptx", b"PK\x03\x04"),
        ("old.doc", b"\xd0\xcf\x11\xe0"),
        ("broken.pdf", b"%PDF-1.4 and no more"),
        ("broken.docx", b"PK\x03\x04"),
        ("empty.html", b"<script>hidden()</script>"),
        ("blank.txt", b" \n"),
    ],
)
def test_what_has_no_text_is_found_by_its_name(api: Api, name: str, content: bytes) -> None:
    store_id = store(api, file(api, content, name), file(api, "Drink water."))

    [first, *_] = search(api, store_id, name)

    assert (first["filename"], first["content"][0]["text"]) == (name, name)


@pytest.mark.parametrize("name", ["a.csv", "a.PNG", "a.xlsx", "a.zip", "a.txt.gz"])
def test_other_kinds_are_not_searched(name: str) -> None:
    assert not is_supported(name)
