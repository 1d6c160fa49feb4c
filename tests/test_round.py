"""Everything that a person does by hand, with curl alone."""

import os
import subprocess
from pathlib import Path

from mockserver import BackgroundServer

SCRIPT = Path(__file__).parent / "round.sh"


def test_the_round_goes_through(server: BackgroundServer) -> None:
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
