"""What the pytest plugin costs: installed and not used, for the first test, and for every next."""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median

TESTS = 100

USING = """\
import time
import pytest

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


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn, so that a drifting machine drifts for all."""
    times = 5 * arguments.windows
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "pytest.ini").write_text("[pytest]\n")
        _collect(project)
        on, off = [], []
        for _ in range(times):
            on.append(_collect(project))
            off.append(_collect(project, "-p", "no:mockserver"))
        more = median(one - other for one, other in zip(on, off, strict=True))
        print(f"collect an empty project       {median(off) * 1000:8.1f} ms without the plugin")
        print(f"    with it, and not used      {more * 1000:+8.1f} ms")
        first, each = [], []
        for _ in range(arguments.windows):
            ready, used = _per_test(project, "mockserver, ")
            _, empty = _per_test(project, "")
            first.append(ready)
            each.append(used - empty)
        print(f"the first test is ready after  {median(first) * 1000:8.1f} ms")
        print(f"each next one takes            {median(each) * 1000:+8.2f} ms beside an empty test")


def _pytest(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _collect(project: Path, *arguments: str) -> float:
    """Collect nothing, without the other plugins that are installed: the noise is theirs."""
    names = {point.name for point in entry_points(group="pytest11")} - {"mockserver"}
    others = [word for name in sorted(names) for word in ("-p", f"no:{name}")]
    begin = time.perf_counter()
    _pytest(project, "--collect-only", "-q", *others, *arguments)
    return time.perf_counter() - begin


def _per_test(project: Path, fixture: str) -> tuple[float, float]:
    """Give when the first test was ready, and how long each of the others took, in seconds."""
    file = project / "test_it.py"
    file.write_text(USING.format(fixture=fixture, tests=TESTS))
    (project / "conftest.py").write_text(NOTING)
    printed = _pytest(project, "-s")
    file.unlink()
    (ready,) = re.findall(r"FIRST ([\d.]+)", printed)
    spent = re.findall(r"^TOOK (\S+)", printed, re.MULTILINE)
    return float(ready), sum(map(float, spent)) / TESTS
