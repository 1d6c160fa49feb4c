"""What the tests of all kinds of objects use."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "objects.yaml"
