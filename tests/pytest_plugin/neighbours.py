"""The tests of a project that uses the plugins and packages that many have beside us.

`test_neighbours.py` copies this file to a project of its own: here it is not collected.
"""

import socket
import time
from pathlib import Path

import anyio
import freezegun
import openai
import pytest
import pytest_socket
import time_machine
from blockbuster import blockbuster_ctx

from mockserver import MockServer

TODAY = 1767225600
"""A day that is over: 2026-01-01, in seconds since 1970."""

INVENTED = {"body": {"name": "{{ fake.name }}"}}

attempts: list[str] = []


@pytest.fixture
def anyio_backend() -> str:
    return "trio"


def create(client: openai.OpenAI) -> int:
    return client.beta.assistants.create(model="gpt-4o").created_at


def address(mock: MockServer) -> tuple[str, int]:
    return "127.0.0.1", int(mock.url.rpartition(":")[2])


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_pytest_socket_allows_the_server(
    mockserver: MockServer, openai_client: openai.OpenAI
) -> None:
    create(openai_client)
    mockserver.assert_called("createAssistant", times=1)


@pytest.mark.allow_hosts(["10.1.2.3"])
def test_pytest_socket_allows_another_host(mockserver: MockServer) -> None:
    with (
        pytest.warns(UserWarning, match="A test tried"),
        pytest.raises(pytest_socket.SocketConnectBlockedError),
    ):
        socket.create_connection(address(mockserver))
    mockserver.assert_not_called("createAssistant")


@pytest.mark.disable_socket
def test_pytest_socket_allows_none(mockserver: MockServer) -> None:
    mockserver.stub("default", name="never asked")
    with (
        pytest.warns(UserWarning, match="A test tried"),
        pytest.raises(pytest_socket.SocketBlockedError),
    ):
        socket.socket()


@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_pytest_recording_allows_the_server(
    mockserver: MockServer, openai_client: openai.OpenAI
) -> None:
    create(openai_client)
    mockserver.assert_called("createAssistant", times=1)


@pytest.mark.block_network
def test_pytest_recording_blocks_the_network(mockserver: MockServer) -> None:
    with socket.socket() as line, pytest.raises(RuntimeError, match="Network is disabled"):
        line.connect(address(mockserver))
    mockserver.assert_not_called("createAssistant")


@pytest.mark.vcr
def test_pytest_recording_plays_a_cassette(mockserver: MockServer) -> None:
    mockserver.assert_not_called("createAssistant")


@freezegun.freeze_time("2024-02-03")
def test_freezegun_and_a_delay(mockserver: MockServer, openai_client: openai.OpenAI) -> None:
    mockserver.fault("latency", ms=50)
    create(openai_client)


@freezegun.freeze_time("2024-02-03")
def test_freezegun_and_waiting(mockserver: MockServer) -> None:
    with pytest.raises(AssertionError, match=r"within 0\.1 s"):
        mockserver.wait_for("createAssistant", timeout=0.1)


@pytest.mark.asyncio
async def test_freezegun_and_asyncio(mockserver: MockServer) -> None:
    with freezegun.freeze_time("2024-02-03"), pytest.raises(AssertionError, match=r"within 0\.1 s"):
        await mockserver.async_wait_for("createAssistant", timeout=0.1)


@pytest.mark.mockserver(clock="real")
@freezegun.freeze_time("2024-02-03")
def test_freezegun_and_the_real_clock(openai_client: openai.OpenAI) -> None:
    assert time.time() < TODAY < create(openai_client)


@pytest.mark.mockserver(clock="real")
@time_machine.travel("2024-02-03", tick=False)
def test_time_machine(mockserver: MockServer, openai_client: openai.OpenAI) -> None:
    mockserver.fault("latency", ms=50)
    assert time.time() < TODAY < create(openai_client)
    with pytest.raises(AssertionError, match=r"within 0\.1 s"):
        mockserver.wait_for("createAssistant", times=9, timeout=0.1)


@pytest.mark.usefixtures("fs")
def test_pyfakefs(mockserver: MockServer, openai_client: openai.OpenAI) -> None:
    assert not Path(openai.__file__).exists()
    mockserver.fault("overloaded", on="listModels", times=1, retry_after_ms=1)
    mockserver.stub(INVENTED, {"operation": "createAssistant"})
    openai_client.models.list()
    create(openai_client)
    with pytest.raises(openai.NotFoundError):
        openai_client.beta.assistants.retrieve("asst_that_is_not_there")


@pytest.mark.asyncio
async def test_blockbuster(mockserver: MockServer, async_openai_client: openai.AsyncOpenAI) -> None:
    with blockbuster_ctx():
        mockserver.stub(INVENTED)
        mockserver.fault("overloaded", on="listModels", times=1, retry_after_ms=1)
        await async_openai_client.models.list()
        await async_openai_client.beta.assistants.create(model="gpt-4o")
        await mockserver.async_wait_for("createAssistant")
        mockserver.assert_called("createAssistant", times=1)


@pytest.mark.flaky(reruns=1)
@pytest.mark.mockserver(strict=True)
def test_rerunfailures(mockserver: MockServer, openai_client: openai.OpenAI) -> None:
    mockserver.stub("default", {"operation": "createAssistant"})
    create(openai_client)
    mockserver.assert_called("createAssistant", times=1)
    attempts.append("made")
    assert len(attempts) == 2


@pytest.mark.timeout(20)
def test_timeout(openai_client: openai.OpenAI) -> None:
    create(openai_client)


@pytest.mark.anyio
async def test_trio(mockserver: MockServer) -> None:
    async with await anyio.connect_tcp(*address(mockserver)):
        pass
    with pytest.raises(AssertionError, match=r"within 0\.1 s"):
        await mockserver.async_wait_for("createAssistant", timeout=0.1)
