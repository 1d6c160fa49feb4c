"""The cost of the pytest plugin: when it is not used, for the first test, and for later tests."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median

TEST_COUNT = 100

EXCLUDED_VARIABLES = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS")

TEST_FILE = """\
import time
import pytest
{imports}

@pytest.fixture(autouse=True, scope="session")
def begin():
    return time.perf_counter()

def test_first(begin, mockserver):
    print("\\nFIRST", time.perf_counter() - begin)

@pytest.mark.parametrize("number", range({tests}))
def test_next({fixture}number):
    pass
"""


CONFTEST = """\
def pytest_runtest_logreport(report):
    if "test_next" in report.nodeid:
        print("\\nTOOK", report.duration)
"""


CLIENT_IMPORT = "import openai"
"""What code that uses the API has imported before its first test is set up."""

SERVER_IMPORTS = (
    "import time, pytest; t = time.perf_counter(); import aiohttp.web, pydantic.types, yaml; "
    "print(time.perf_counter() - t)"
)
"""The imports that any such server needs, in a process that has loaded only pytest."""


def run(arguments: argparse.Namespace) -> None:
    """Measure the variants in turn: a change of load then affects all of them."""
    times = 10 * arguments.windows
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "pytest.ini").write_text("[pytest]\n")
        _collect(project)
        off, more = [], []
        for _ in range(times):
            off.append(_collect(project, "-p", "no:_mockserver_pytest"))
            more.append(_collect(project) - off[-1])
        _print_row("collect an empty project", median(off), "without the plugin")
        _print_row("    with it, and not used", median(more), "more")
        first, alone, floor, each = [], [], [], []
        for _ in range(arguments.windows):
            ready, used = _per_test(project, "mockserver, ", CLIENT_IMPORT)
            _, empty = _per_test(project, "", CLIENT_IMPORT)
            first.append(ready)
            each.append(used - empty)
            alone.append(_per_test(project, "mockserver, ", "")[0])
            floor.append(float(_python("-c", SERVER_IMPORTS)))
        _print_row("the first test is ready after", median(first))
        _print_row("    if nothing imports openai", median(alone))
        _print_row("    aiohttp and pydantic alone", median(floor), "to import")
        _print_row("each next one takes", median(each), "more than an empty test")


def _print_row(what: str, seconds: float, than: str = "") -> None:
    print(f"{what:32}{seconds * 1000:8.2f} ms {than}".rstrip())


def _python(*arguments: str, folder: Path | None = None) -> str:
    """Run Python as it runs by default, with compiled files, and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in EXCLUDED_VARIABLES},
    )
    return done.stdout


def _pytest(project: Path, *arguments: str) -> str:
    """Run pytest without other installed plugins and return its output."""
    names = {point.name for point in entry_points(group="pytest11")} - {"mockserver"}
    others = [word for name in sorted(names) for word in ("-p", f"no:{name}")]
    return _python("-m", "pytest", "-p", "no:cacheprovider", *others, *arguments, folder=project)


def _collect(project: Path, *arguments: str) -> float:
    """Collect an empty project and return how long it took, in seconds."""
    begin = time.perf_counter()
    _pytest(project, "--collect-only", "-q", *arguments)
    return time.perf_counter() - begin


def _per_test(project: Path, fixture: str, imports: str) -> tuple[float, float]:
    """Return how long the first test took to be ready, and each later test to run, in seconds."""
    file = project / "test_it.py"
    file.write_text(TEST_FILE.format(fixture=fixture, imports=imports, tests=TEST_COUNT))
    (project / "conftest.py").write_text(CONFTEST)
    printed = _pytest(project, "-s")
    file.unlink()
    (ready,) = re.findall(r"FIRST ([\d.]+)", printed)
    spent = re.findall(r"^TOOK (\S+)", printed, re.MULTILINE)
    return float(ready), sum(map(float, spent)) / TEST_COUNT
