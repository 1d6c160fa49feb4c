"""What CONTRIBUTING and the documentation say is where they say it is."""

import re
from pathlib import Path

import pytest

import mockserver

CHECKOUT = Path(__file__).parent.parent
PAGES = [CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").glob("*.md"))]


def named_paths(page: Path) -> list[str]:
    """Return the paths that a page names between backticks or in its pictures."""
    text = page.read_text()
    inline = re.findall(r"`([\w./]+)`", text)
    pictured = re.findall(r"\s([a-z_]+/[\w/]+\.py)\n", text)
    return [*inline, *pictured]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    package = Path(mockserver.__file__).parent
    paths = [
        path
        for path in named_paths(page)
        if not path.startswith("/") and re.search(r"/|\.(py|toml)$", path)
    ]
    assert paths

    missing = [
        path for path in paths if not any((base / path).exists() for base in (CHECKOUT, package))
    ]

    assert missing == []


def test_the_architecture_names_every_folder_of_the_package() -> None:
    package = Path(mockserver.__file__).parent
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    table = (CHECKOUT / "docs" / "architecture.md").read_text()

    assert {folder for folder in folders if f"`{folder}/`" not in table} == set()


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("mockserver/api/__init__.py", "_MODULES"),
        ("mockserver/state/ids.py", "FORMATS"),
        ("mockserver/faults/catalogue.py", "TRANSPORT"),
        ("mockserver/faults/catalogue.py", "STREAM"),
        ("mockserver/expressions/operators.py", "_OPERATORS"),
        ("mockserver/stubs/actions/__init__.py", "ACTIONS"),
        ("mockserver/api/runs/items/__init__.py", "ITEMS"),
        ("mockserver/control/control_api.py", "ROUTES"),
        ("mockserver/loading/objects/__init__.py", "KINDS"),
    ],
)
def test_a_registration_is_where_contributing_says(file: str, name: str) -> None:
    assert f"`{name}`" in (CHECKOUT / "CONTRIBUTING.md").read_text()
    assert re.search(rf"^{name}\b.* = ", (CHECKOUT / file).read_text(), re.MULTILINE)
