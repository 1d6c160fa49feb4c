"""One line a request on standard error, for people or for programs."""

import asyncio
import sys
import time

import orjson

from mockserver import credentials
from mockserver.pipeline import Answer, Exchange
from mockserver.settings import LogFormat


class AccessLog:
    """Collects lines and writes them when the event loop has a moment."""

    def __init__(self, form: LogFormat) -> None:
        self._form = form
        self._lines: list[str] = []

    def add(self, exchange: Exchange, answer: Answer) -> None:
        """Note one request and what decided its answer."""
        if self._form == "none":
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines.append(
            _text(exchange, answer) if self._form == "text" else _json(exchange, answer)
        )

    def flush(self) -> None:
        """Write what is waiting."""
        if self._lines:
            sys.stderr.write("".join(self._lines))
            sys.stderr.flush()
            self._lines.clear()


def _text(exchange: Exchange, answer: Answer) -> str:
    path = exchange.path.encode("ascii", "backslashreplace").decode()
    return (
        f"{time.strftime('%H:%M:%S')} {exchange.method} {path} "
        f"{answer.status} {_operation(exchange) or '-'} {exchange.decided_by}\n"
    )


def _json(exchange: Exchange, answer: Answer) -> str:
    line = {
        "time": round(time.time(), 3),
        "method": exchange.method,
        "path": exchange.path.encode("ascii", "backslashreplace").decode(),
        "status": answer.status,
        "operation": _operation(exchange),
        "decided_by": exchange.decided_by,
        "key": None if exchange.key is None else credentials.mask(exchange.key),
    }
    return orjson.dumps(line).decode() + "\n"


def _operation(exchange: Exchange) -> str | None:
    found = exchange.route.operation
    return found.operation_id if found else None
