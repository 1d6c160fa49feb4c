"""`python -m benchmarks NAME`: run one of the measurements."""

import argparse
from collections.abc import Callable

from benchmarks import conversation, create, growth, held, plugin, routing, stream, stubs, upload

MEASUREMENTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "create": create.run,
    "conversation": conversation.run,
    "growth": growth.run,
    "stubs": stubs.run,
    "held": held.run,
    "plugin": plugin.run,
    "routing": routing.run,
    "upload": upload.run,
    "stream": stream.run,
}


def main() -> None:
    """Run the measurement that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measurement", choices=MEASUREMENTS)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a window (5)")
    parser.add_argument("--windows", type=int, default=3, help="windows for each server (3)")
    parser.add_argument("--connections", type=int, default=16, help="open at a time (16)")
    parser.add_argument("--objects", type=int, default=100_000, help="growth: how many (100000)")
    parser.add_argument("--held", type=int, default=200, help="held: how many (200)")
    arguments = parser.parse_args()
    MEASUREMENTS[arguments.measurement](arguments)


if __name__ == "__main__":
    main()
