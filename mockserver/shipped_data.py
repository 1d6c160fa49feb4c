"""Access to the data files that are part of the package."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def fixtures_folder() -> Path:
    """Return the folder of the data files.

    In a wheel it is inside the package. In a source tree and an editable install it is next to the
    package.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).parent
    for folder in (package / "fixtures", package.parent / "fixtures"):
        if (folder / "errors.yaml").is_file():
            return folder
    raise FileNotFoundError(
        f"no fixtures folder with errors.yaml in {package} or next to it: reinstall mockserver"
    )


def load(name: str) -> Any:
    """Return the content of the YAML file `name`, such as `models.yaml`."""
    with (fixtures_folder() / name).open("rb") as file:
        return yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
