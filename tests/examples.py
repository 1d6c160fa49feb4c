"""The examples of `fixtures/examples`, served and asked as their comments say."""

import subprocess
from pathlib import Path

from tests.conftest import Start
from tests.support import Api

FOLDER = Path(__file__).parent.parent / "fixtures" / "examples"
FILES = sorted(file.name for file in FOLDER.iterdir())
LOCAL = "http://127.0.0.1:4010"
KEY = "sk-any"
"""The key that the comments use."""


def serve(start: Start, example: str) -> Api:
    api = start(fixtures=(str(FOLDER / example),))
    return Api(api.url, KEY)


def curl(api: Api, example: str, fails_with: int = 0) -> str:
    """Run the curl line in an example's comment, and return its output.

    `fails_with` is the expected exit status of curl.
    """
    lines = (FOLDER / example).read_text().splitlines()
    [line] = [line.removeprefix("# ") for line in lines if line.startswith("# curl ")]
    assert LOCAL in line
    printed = subprocess.run(  # noqa: S602  pasted into a shell by readers
        line.replace(LOCAL, api.url), shell=True, capture_output=True, timeout=30
    )
    assert printed.returncode == fails_with, printed.stderr
    return printed.stdout.decode()
