"""What the pytest plugin costs: installed and not used, for the first test, and for every next."""

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

TESTS = 100

UNUSUAL = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS")

USING = """\
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


NOTING = """\
def pytest_runtest_logreport(report):
    if "test_next" in report.nodeid:
        print("\\nTOOK", report.duration)
"""


CLIENT = "import openai"
"""What code that talks to the API has imported by the time that its first test is set up."""

MADE_OF = "import time, pytest; t = time.perf_counter(); import aiohttp.web, pydantic.types, yaml"
"""What a server of this kind has to import, where nothing but pytest is loaded."""


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn, so that a drifting machine drifts for all."""
    times = 10 * arguments.windows
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "pytest.ini").write_text("[pytest]\n")
        _collect(project)
        off, more = [], []
        for _ in range(times):
            off.append(_collect(project, "-p", "no:mockserver"))
            more.append(_collect(project) - off[-1])
        _say("collect an empty project", median(off), "without the plugin")
        _say("    with it, and not used", median(more), "more")
        first, alone, floor, each = [], [], [], []
        for _ in range(arguments.windows):
            ready, used = _per_test(project, "mockserver, ", CLIENT)
            _, empty = _per_test(project, "", CLIENT)
            first.append(ready)
            each.append(used - empty)
            alone.append(_per_test(project, "mockserver, ", "")[0])
            floor.append(float(_python("-c", f"{MADE_OF}; print(time.perf_counter() - t)")))
        _say("the first test is ready after", median(first))
        _say("    if nothing imports openai", median(alone))
        _say("    aiohttp and pydantic alone", median(floor), "to import")
        _say("each next one takes", median(each), "more than an empty test")


def _say(what: str, seconds: float, than: str = "") -> None:
    print(f"{what:32}{seconds * 1000:8.2f} ms {than}".rstrip())


def _python(*arguments: str, folder: Path | None = None) -> str:
    """Run Python as it is run by default: what was compiled once stays compiled."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name not in UNUSUAL},
    )
    return done.stdout


def _pytest(project: Path, *arguments: str) -> str:
    """Run pytest without the other plugins that are installed: what they import is not ours."""
    names = {point.name for point in entry_points(group="pytest11")} - {"mockserver"}
    others = [word for name in sorted(names) for word in ("-p", f"no:{name}")]
    return _python("-m", "pytest", "-p", "no:cacheprovider", *others, *arguments, folder=project)


def _collect(project: Path, *arguments: str) -> float:
    """Collect nothing; gives how long it took, in seconds."""
    begin = time.perf_counter()
    _pytest(project, "--collect-only", "-q", *arguments)
    return time.perf_counter() - begin


def _per_test(project: Path, fixture: str, imports: str) -> tuple[float, float]:
    """Give when the first test was ready, and how long each of the others took, in seconds."""
    file = project / "test_it.py"
    file.write_text(USING.format(fixture=fixture, imports=imports, tests=TESTS))
    (project / "conftest.py").write_text(NOTING)
    printed = _pytest(project, "-s")
    file.unlink()
    (ready,) = re.findall(r"FIRST ([\d.]+)", printed)
    spent = re.findall(r"^TOOK (\S+)", printed, re.MULTILINE)
    return float(ready), sum(map(float, spent)) / TESTS
