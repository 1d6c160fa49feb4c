"""The table in `docs/streams-under-faults.md`, measured: every fault of a stream, in each client.

`pytest tests/sdk/test_stream_fault_table.py` prints it.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest

from mockserver import BackgroundServer
from mockserver.faults.catalogue import faults
from tests.sdk.situations import follow
from tests.sdk.stream_listeners import Seen, azure_ai_agents, event_handler, stream_true
from tests.sdk.test_node_sdk import run as run_node
from tests.support import Api

NODE = Path(__file__).parent / "node" / "node_modules"
PAGE = Path(__file__).parent.parent.parent / "docs" / "streams-under-faults.md"
TEXT = "Ça va très bien, merci à toi."
AGAIN = "Ça va va très bien, merci à toi."

MIDDLE = "at=thread.message.delta; after_events=8"
FAULTS = {
    "stream_cut": MIDDLE,
    "stream_cut; how=rst": MIDDLE,
    "stream_cut; inside=event": MIDDLE,
    "stream_cut; inside=character": MIDDLE,
    "stream_stall": MIDDLE,
    "stream_error": MIDDLE,
    "stream_error; flat=true": MIDDLE,
    "stream_without_done": "",
    "stream_duplicate": MIDDLE,
    "stream_duplicate; at=thread.message.created": "",
    "stream_unknown_event": MIDDLE,
    "stream_crlf": "",
    "slow_body; bytes_per_second=30000": "",
    "latency; ms=0; between_ms=20": "",
}
"""Each fault as the table has it, and what else its rule says."""

CLIENTS = (event_handler, stream_true, azure_ai_agents)
SINCE = re.compile(r"(.+), since (\d+).x (.+)")


def cell(seen: Seen) -> str:
    """Return what the table says of what a client saw."""
    if seen.raised:
        return "waits on" if seen.raised == "hangs" else f"`{seen.raised}`"
    if not seen.status:
        return "no error, no event"
    if seen.status != "completed":
        return f"no error, `{seen.status}`"
    return {TEXT: "all well", AGAIN: "a word twice"}[seen.text]


def of_this_version(stated: str, version: str) -> str:
    """Return a cell of the page, for the version of a client that is installed."""
    parts = SINCE.fullmatch(stated)
    if parts is None:
        return stated
    return parts[3] if int(version.partition(".")[0]) >= int(parts[2]) else parts[1]


def key_of(client: str, fault: str) -> str:
    return f"sk-{client}-{'-'.join(re.findall('[a-z0-9]+', fault))}".replace("_", "-")


def rule(fault: str) -> str:
    return "; ".join(filter(None, (fault, FAULTS[fault])))


def state_of(server: BackgroundServer, key: str) -> str:
    """Return the state of the run of a key; read on, it has to come to its end."""
    api = Api(server.url, key)
    [run] = api.get("/_mock/state").json["runs"]
    path = f"/v1/threads/{run['thread_id']}/runs/{run['id']}"
    until_completed(api, path)
    return str(run["status"])


def until_completed(api: Api, path: str) -> None:
    for _ in range(100):
        if api.get(path).json["status"] == "completed":
            return
    raise AssertionError("the run did not come to its end")


def listened_by_node(server: BackgroundServer) -> list[Seen]:
    conversations = [{"key": key_of("node", fault), "fault": rule(fault)} for fault in FAULTS]
    results: Any = run_node("stream.mjs", "openai", server.base_url, json.dumps(conversations))
    return [
        Seen((one["error"] or "").partition(":")[0], one["text"], one["run"]["status"])
        for one in results
    ]


def stated_rows() -> dict[str, list[str]]:
    """Return the table of the page: for each fault its cells."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_the_table_has_every_fault_of_a_stream() -> None:
    of_streams = {name for name, fault in faults().items() if fault.kind == "stream"}

    assert {fault.partition(";")[0] for fault in FAULTS} >= of_streams


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_each_client_sees_of_every_fault_of_a_stream(
    server: BackgroundServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for fault in FAULTS:
        for client in ("node", *(one.__name__ for one in CLIENTS)):
            follow(Api(server.url, key_of(client, fault)), [{"say": TEXT}])
    with ThreadPoolExecutor(9) as pool:
        nodes = pool.submit(listened_by_node, server)
        listened = {
            (one, fault): pool.submit(one, server, key_of(one.__name__, fault), rule(fault))
            for fault in FAULTS
            for one in CLIENTS
        }
        rows = {}
        for fault, node in zip(FAULTS, nodes.result(), strict=True):
            python, raw, azure = (listened[one, fault].result() for one in CLIENTS)
            states = {state_of(server, key_of(one.__name__, fault)) for one in CLIENTS}
            cells = [cell(one) for one in (python, raw, node, azure)]
            rows[fault] = [*cells, " or ".join(f"`{state}`" for state in sorted(states))]
    with capsys.disabled():
        print(f"\n\nopenai {openai.__version__}")
        for fault, seen in rows.items():
            print(f"| `{fault}` | {' | '.join(seen)} |")

    node_version = json.loads((NODE / "openai" / "package.json").read_text())["version"]
    versions = (openai.__version__, openai.__version__, node_version, "", "")
    assert rows == {
        fault: [of_this_version(*one) for one in zip(cells, versions, strict=True)]
        for fault, cells in stated_rows().items()
    }
