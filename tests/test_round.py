"""Every operation, by a shell script that uses curl."""

import os
import subprocess
from pathlib import Path

from mockserver import BackgroundServer

SCRIPT = Path(__file__).parent / "round.sh"


def test_every_operation_works_with_curl(server: BackgroundServer) -> None:
    done = subprocess.run(
        ["sh", str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "MOCKSERVER_URL": server.url},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok    ") == 15
    assert done.stdout.endswith("the round is done\n")
