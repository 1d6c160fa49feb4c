"""Create Assistant with a thousand loaded stubs that never match, compared with no stubs."""

import argparse
import json
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import load
from benchmarks.servers import MOCKSERVER, running

KINDS: dict[str, Callable[[int], dict[str, Any]]] = {
    "1000 stubs by a name": lambda n: {"name": f"Nobody {n}"},
    "1000 stubs by a beginning": lambda n: {"instructions": {"starts_with": f"Never {n}"}},
    "1000 stubs by metadata": lambda n: {"metadata": {"case": f"{n}"}, "model": "gpt-4o"},
}


def run(arguments: argparse.Namespace) -> None:
    """Measure the servers in turn, window by window: a change of load then affects all of them."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        ports = {"no stubs": stack.enter_context(running(MOCKSERVER))[0]}
        for number, (name, body) in enumerate(KINDS.items()):
            file = Path(folder) / f"{number}.json"
            stubs = [
                {"when": {"operation": "createAssistant", "body": body(n)}, "then": "default"}
                for n in range(1000)
            ]
            file.write_text(json.dumps({"stubs": stubs}))
            command = (*MOCKSERVER, "--fixtures", str(file))
            ports[name] = stack.enter_context(running(command))[0]
        windows: dict[str, list[load.Window]] = {name: [] for name in ports}
        for port in ports.values():
            load.post(port, seconds=1, connections=arguments.connections)  # to warm up
        for _ in range(arguments.windows):
            for name, port in ports.items():
                windows[name].append(
                    load.post(port, seconds=arguments.seconds, connections=arguments.connections)
                )
    print(f"{'':28}{'requests/s':>12}{'rate ratio':>12}")
    for name, measured in windows.items():
        rate = median(window.rate for window in measured)
        pairs = zip(measured, windows["no stubs"], strict=True)
        ratio = median(ours.rate / none.rate for ours, none in pairs)
        print(f"{name:28}{rate:12.0f}{ratio:12.2f}")
