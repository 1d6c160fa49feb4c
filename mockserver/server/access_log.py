"""The access log: a line for each request on standard error, as text or JSON."""

import asyncio
import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable

import orjson

from mockserver import messages, real_time
from mockserver.http import credentials
from mockserver.http.masking import mask_path, mask_query
from mockserver.pipeline.exchange import BUG, Exchange
from mockserver.settings import LogFormat

MAX_WAITING_LINES = 10_000
"""How many lines are kept for a slow reader; further lines are dropped."""

BATCH_SECONDS = 0.1
"""How long lines are collected before they are written together: each switch between threads costs
a busy server about a millisecond."""


class AccessLog:
    """Writes lines from a thread of its own, so that a slow reader cannot delay responses."""

    def __init__(self, form: LogFormat) -> None:
        self._format = _FORMATS.get(form)
        self._lines: list[str] = []
        self._clock = ""
        self._batches: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._idle.set()
        self._writer: threading.Thread | None = None

    def add(self, exchange: Exchange) -> None:
        """Add a line for a request and what decided its response, once the response is out."""
        if exchange.response.takes_time:
            exchange.response.on_complete += (lambda completed: self._add(exchange),)
        else:
            self._add(exchange)

    def _add(self, exchange: Exchange) -> None:
        if self._format is None:
            return
        if not self._lines:
            self._begin_batch()
        if len(self._lines) < MAX_WAITING_LINES:
            self._lines.append(self._format(exchange, self._clock))

    def _begin_batch(self) -> None:
        """Have the lines handed over in a while; until then they share one time of day."""
        asyncio.get_running_loop().call_later(BATCH_SECONDS, self._hand_over)
        self._clock = time.strftime("%H:%M:%S", time.localtime(int(real_time.wall())))

    def flush(self, patience: float = 0.2) -> None:
        """Write the collected lines; wait at most twice `patience` seconds for the reader."""
        if self._idle.wait(patience):
            self._hand_over()
            self._idle.wait(patience)

    def _hand_over(self) -> None:
        if not self._lines:
            return
        if not self._idle.is_set():  # the reader is slow: keep collecting
            self._begin_batch()
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="access log", daemon=True)
            self._writer.start()
        self._idle.clear()
        self._batches.put("".join(self._lines))
        self._lines.clear()

    def _write(self) -> None:
        while True:
            _write_to_stderr(self._batches.get())
            self._idle.set()


def _write_to_stderr(text: str) -> None:
    """Write without Python's buffer: a blocked write would hold its lock and block the exit."""
    with contextlib.suppress(OSError, ValueError):  # the reader has closed it
        try:
            number = messages.standard_error().fileno()
        except (OSError, ValueError, AttributeError):
            messages.standard_error().write(text)
            return
        rest = text.encode()
        while rest:
            rest = rest[os.write(number, rest) :]


def _path(exchange: Exchange) -> str:
    return _ascii(mask_path(exchange.request.path))


def _ascii(text: str) -> str:
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode()


def _text(exchange: Exchange, clock: str) -> str:
    """Return a line of text; `clock` is the time of day that it tells."""
    decision = exchange.decision
    fault = f": {decision.fault}" if decision.fault else ""
    operation, status = _operation(exchange) or "-", exchange.response.seen_status or "-"
    method, path = exchange.request.method, _path(exchange)
    return f"{clock} {method} {path} {status} {operation} {decision.by}{fault}\n"


def _json(exchange: Exchange, clock: str) -> str:
    """Return a line of JSON, which has a time of its own, to the millisecond.

    `duration` is in seconds, from the whole request to the response.
    """
    request, response = exchange.request, exchange.response
    line = {
        "time": messages.iso_time(),
        "level": "error" if exchange.decision.by == BUG else "info",
        "method": request.method,
        "path": _path(exchange),
        "query": _ascii(mask_query(request.query)),
        "status": response.seen_status,
        "operation": _operation(exchange),
        "decided_by": exchange.decision.by,
        "fault": exchange.decision.fault,
        "key": None if exchange.key is None else credentials.hide(exchange.key),
        "request_id": _ascii(response.request_id),
        "duration": round(real_time.monotonic() - exchange.began, 6),
    }
    return orjson.dumps(line).decode() + "\n"


def _operation(exchange: Exchange) -> str | None:
    operation = exchange.route.operation
    return operation.operation_id if operation else None


_FORMATS: dict[LogFormat, Callable[[Exchange, str], str]] = {"text": _text, "json": _json}
"""How a line is written; there is none for a log that is switched off."""
