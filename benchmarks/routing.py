"""A look-up of a path with a new id: what it costs with few operations, and with many."""

import argparse
import time
from itertools import count
from statistics import median

from mockserver.api import OPERATIONS
from mockserver.api.shared.operation import Operation
from mockserver.api.shared.routing import Router

FEW, MANY = len(OPERATIONS), 60
LOOK_UPS = 20_000
"""How many look-ups one window has."""


def run(arguments: argparse.Namespace) -> None:
    """Measure both tables in turn, window by window."""
    routers = {FEW: Router(OPERATIONS), MANY: Router(_many_operations())}
    numbers = count()
    windows: dict[int, list[float]] = {size: [] for size in routers}
    for _ in range(max(arguments.windows, 3) * 3):
        for size, router in routers.items():
            windows[size].append(_window(router, numbers))
    print(f"{'operations':>12}{'us a look-up':>14}{'ratio':>8}")
    for size, seconds in windows.items():
        ratio = median(one / few for one, few in zip(seconds, windows[FEW], strict=True))
        print(f"{size:12}{median(seconds) * 1e6:14.2f}{ratio:8.2f}")


def _window(router: Router, numbers: "count[int]") -> float:
    """Return the processor's seconds for one look-up."""
    paths = [f"/v1/assistants/asst_{next(numbers)}" for _ in range(LOOK_UPS)]
    begin = time.process_time()
    for path in paths:
        router.find("GET", path)
    return (time.process_time() - begin) / LOOK_UPS


def _many_operations() -> list[Operation]:
    """Return the API's operations and made-up ones of the same forms, in front of them."""
    handler = OPERATIONS[0].handler
    made_up = []
    for number in range(MANY - FEW):
        path = (f"/things{number % 9}", "/{thing_id}", f"/parts{number}", "/{part_id}")
        depth = 1 + number % len(path)
        made_up.append(
            Operation(f"made{number}", "Made up.", "GET", "".join(path[:depth]), handler)
        )
    return [*made_up, *OPERATIONS]
