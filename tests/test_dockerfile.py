"""The health check of the image: often until the server is well, seldom from then on."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockserver import BackgroundServer

DOCKERFILE = (Path(__file__).parent.parent / "Dockerfile").read_text()
MARK = "/dev/shm/was-well"  # noqa: S108  a path in the container


def health_check() -> tuple[dict[str, str], str]:
    """Return the flags of the health check, and its command for a shell."""
    lines = DOCKERFILE.replace("\\\n", "")
    [(flags, command)] = re.findall(r"^HEALTHCHECK((?: +--\S+)+) +CMD +(.+)$", lines, re.MULTILINE)
    return dict(re.findall(r"--([a-z-]+)=(\S+)", flags)), command


def look(server: BackgroundServer, mark: Path, *, port: str = "") -> tuple[int, float]:
    """Run the command of the health check; return its exit status, and how many seconds it took."""
    _, command = health_check()
    assert MARK in command
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    port = port or server.url.rpartition(":")[2]
    begin = time.monotonic()
    done = subprocess.run(  # noqa: S602  Docker gives it to a shell as well
        command.replace(MARK, str(mark)),
        shell=True,
        capture_output=True,
        check=False,
        env={**os.environ, "PATH": path, "MOCKSERVER_PORT": port},
    )
    return done.returncode, time.monotonic() - begin


def test_the_first_looks_come_after_half_a_second_with_any_engine() -> None:
    flags, _ = health_check()

    assert flags["interval"] == "500ms"
    assert flags.keys() == {"interval", "timeout", "start-period", "retries"}, "all builders know"


@pytest.mark.slow
def test_what_was_well_is_looked_at_more_seldom(server: BackgroundServer, tmp_path: Path) -> None:
    mark = tmp_path / "was-well"
    first_status, first_took = look(server, mark)
    assert mark.exists()
    second_status, second_took = look(server, mark)

    assert (first_status, second_status) == (0, 0)
    assert first_took < 4.5 <= second_took


def test_what_is_not_well_yet_is_looked_at_again_soon(
    server: BackgroundServer, tmp_path: Path
) -> None:
    mark = tmp_path / "was-well"
    status, took = look(server, mark, port="1")

    assert status == 1
    assert took < 4.5
    assert not mark.exists()


def test_a_container_that_cannot_keep_the_mark_is_well_all_the_same(
    server: BackgroundServer, tmp_path: Path
) -> None:
    status, _ = look(server, tmp_path / "no-such-folder" / "was-well")

    assert status == 0
