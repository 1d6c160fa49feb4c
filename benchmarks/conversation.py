"""A conversation compared with a bare aiohttp handler that answers the same bytes.

A conversation creates a thread, adds a message, creates a run, polls it twice, and lists the
messages. Ids derive from the requests, so that after one rehearsal all requests are known.
"""

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.comparison import compare
from benchmarks.servers import (
    BARE,
    MOCKSERVER,
    MOCKSERVER_LOGGING,
    resident_bytes,
    running,
)

ASSISTANT = {"id": "asst_tutor", "model": "gpt-4o", "name": "Math Tutor"}

CONVERSATIONS, TOGETHER = 1000, 250
"""How many conversations are rehearsed, and how many of them take each step together: so many that
a step has been answered when the next one is sent, and so few that no run expires meanwhile."""

LONG_CONVERSATIONS, TURNS = 200, 10
"""How many conversations take up memory, and how many turns each of them has."""

SCRIPTS = 1000
"""How many stubs with a script ask for another message."""

Send = Callable[[str, str, dict[str, Any] | None], dict[str, Any]]
"""Takes a method, a path and a body; returns the body of the response."""


def run(arguments: argparse.Namespace) -> None:
    """Measure the rate without stubs and with many, and the memory of long conversations."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        fixtures, bodies = Path(folder) / "tutor.json", Path(folder) / "bodies.json"
        fixtures.write_text(json.dumps({"objects": {"assistants": [ASSISTANT]}}))
        quiet = (*MOCKSERVER, "--fixtures", str(fixtures))
        requests, routes = _rehearse(quiet)
        bodies.write_text(json.dumps(routes))
        with_scripts = f"the first, {SCRIPTS} scripts"
        commands = {
            "bare aiohttp handler": (*BARE, str(bodies)),
            "no journal, no access log": quiet,
            "journal and log (default)": (*MOCKSERVER_LOGGING, "--fixtures", str(fixtures)),
            with_scripts: quiet,
        }
        servers = {
            name: stack.enter_context(running(command)) for name, command in commands.items()
        }
        _post_scripts(servers[with_scripts][0])
        keys = (f"sk-window-{number}" for number in count())
        compare(
            servers,
            lambda port, seconds: load.replay(
                port, requests, next(keys), seconds=seconds, connections=arguments.connections
            ),
            arguments,
        )
        memory = _memory(quiet)
    print(f"memory of a conversation of {TURNS} turns: {memory:.0f} bytes")


def _converse(send: Send, turns: int) -> None:
    path = f"/v1/threads/{send('POST', '/v1/threads', {})['id']}"
    for turn in range(turns):
        send("POST", f"{path}/messages", {"role": "user", "content": f"What is {turn} + 2?"})
        run = send("POST", f"{path}/runs", {"assistant_id": ASSISTANT["id"]})
        for status in ("in_progress", "completed"):
            polled = send("GET", f"{path}/runs/{run['id']}", None)
            if polled["status"] != status:
                raise SystemExit(f"expected {status}, got {polled['status']}")
        send("GET", f"{path}/messages", None)


def _rehearse(command: tuple[str, ...]) -> tuple[list[bytes], dict[str, list[str]]]:
    """Return the requests of many conversations, and the bodies of the responses by route."""
    routes: dict[str, list[str]] = defaultdict(list)
    conversations: list[list[bytes]] = []
    with running(command) as (port, _), closing(HTTPConnection("127.0.0.1", port)) as connection:

        def send(method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
            sent = "" if body is None else json.dumps(body)
            text = _response(connection, method, path, sent)
            conversations[-1].append(load.http_request(method, path, sent))
            if len(conversations) == 1:
                route = re.sub(r"/(thread|run)_\w+", r"/{\1}", path)
                routes[f"{method} {route}"].append(text)
            received: dict[str, Any] = json.loads(text)
            return received

        for _ in range(CONVERSATIONS):
            conversations.append([])
            _converse(send, turns=1)
    requests: list[bytes] = []
    for first in range(0, CONVERSATIONS, TOGETHER):
        for step in zip(*conversations[first : first + TOGETHER], strict=True):
            requests += step
    return requests, routes


def _post_scripts(port: int) -> None:
    """Add stubs with a script for a message that never comes."""
    stubs = [
        {
            "when": {"operation": "createRun", "message": {"contains": f"Never {number}"}},
            "then": {"run": [{"say": "Never."}]},
        }
        for number in range(SCRIPTS)
    ]
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/_mock/stubs", json.dumps({"stubs": stubs}), headers)
        response = connection.getresponse()
        text = response.read().decode()
        if response.status >= 300:
            raise SystemExit(text)


def _memory(command: tuple[str, ...]) -> float:
    """Return how many bytes a long conversation takes."""
    with (
        running(command) as (port, pid),
        closing(HTTPConnection("127.0.0.1", port)) as connection,
    ):

        def send(method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
            sent = "" if body is None else json.dumps(body)
            received: dict[str, Any] = json.loads(_response(connection, method, path, sent))
            return received

        for _ in range(20):  # to warm up
            _converse(send, TURNS)
        before = resident_bytes(pid)
        for _ in range(LONG_CONVERSATIONS):
            _converse(send, TURNS)
        return (resident_bytes(pid) - before) / LONG_CONVERSATIONS


def _response(connection: HTTPConnection, method: str, path: str, body: str) -> str:
    connection.request(method, path, body or None, load.HEADERS)
    response = connection.getresponse()
    text = response.read().decode()
    if response.status != 200:
        raise SystemExit(f"{method} {path}: {response.status} {text}")
    return text
