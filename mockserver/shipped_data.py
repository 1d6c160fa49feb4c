"""Finds and reads the data files that ship with the server."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def fixtures_folder() -> Path:
    """Give the folder of the shipped data files.

    A wheel carries it inside the package; in a source tree and an editable
    install it lies beside the package.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).parent
    for folder in (package / "fixtures", package.parent / "fixtures"):
        if (folder / "errors.yaml").is_file():
            return folder
    raise FileNotFoundError(
        f"no fixtures folder with errors.yaml in {package} or beside it; reinstall mockserver"
    )


def load(name: str) -> Any:
    """Read the shipped YAML file `name`, such as `models.yaml`."""
    with (fixtures_folder() / name).open("rb") as file:
        return yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
