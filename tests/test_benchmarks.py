"""The measurements run: here in windows that are too short to tell anything."""

import re
import subprocess
import sys


def test_a_conversation_is_measured_with_and_without_scripts() -> None:
    command = [sys.executable, "-m", "benchmarks", "conversation", "--seconds", "1"]
    done = subprocess.run(
        [*command, "--windows", "1"], capture_output=True, text=True, check=False, timeout=80
    )

    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(.{28}) +\d+ ", done.stdout, re.MULTILINE)
    assert [row.strip() for row in rows] == [
        "bare aiohttp handler",
        "no journal, no access log",
        "journal and log (default)",
        "the first, 1000 scripts",
    ]
    assert re.search(r"\nmemory of a conversation of 10 turns: \d+ bytes\n", done.stdout)
