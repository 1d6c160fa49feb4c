"""Other plugins and packages that change the process which the server runs in."""

from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import run, run_in_subprocess

BESIDE = (Path(__file__).parent / "neighbours.py").read_text()

FAILS = """\
def test_that_fails(openai_client):
    openai_client.beta.assistants.create(model="gpt-4o")
    assert False
"""

GREEN = """\
import openai
import pytest

def test_a_delay_ends(mockserver, openai_client):
    mockserver.fault("latency", ms=50)
    openai_client.beta.assistants.create(model="gpt-4o")
    mockserver.assert_called("createAssistant", times=1)

def test_waiting_ends(mockserver):
    with pytest.raises(AssertionError, match="within 0.1 s"):
        mockserver.wait_for("createAssistant", timeout=0.1)

def test_a_held_connection_is_let_go(mockserver, openai_client):
    mockserver.fault("hang")
    impatient = openai_client.with_options(timeout=0.3, max_retries=0)
    with pytest.raises(openai.APITimeoutError):
        impatient.beta.assistants.create(model="gpt-4o")
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_beside_all_of_them_tests_are_green(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makepyfile(test_beside=BESIDE)
    result = project.runpytest_subprocess("-q", *workers)

    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes() == {"passed": BESIDE.count("def test_"), "rerun": 1}


@pytest.mark.slow
@pytest.mark.parametrize("guard", ["--allow-hosts=10.1.2.3", "--block-network", "--disable-socket"])
def test_a_guard_of_a_plugin_makes_one_failure_of_one(project: pytest.Pytester, guard: str) -> None:
    project.makepyfile(f"{FAILS}\ndef test_other(mockserver):\n    mockserver.counts()\n")
    # The client leaves sockets open that a guard has kept from connecting.
    result = project.runpytest_subprocess("-q", guard, "-W", "ignore::ResourceWarning")

    assert result.parseoutcomes() == {"passed": 1, "failed": 1}
    result.stdout.fnmatch_lines(["*- mockserver requests -*", "no requests were received;*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize(
    "error", ["OSError('no')", "ValueError('no')", "pytest.fail.Exception('no')"]
)
@pytest.mark.parametrize("place", ["socket", "create_connection", "getaddrinfo"])
def test_a_guard_of_ones_own_makes_one_failure_of_one(
    project: pytest.Pytester, error: str, place: str
) -> None:
    project.makeconftest(
        f"""
        import socket
        import pytest

        @pytest.fixture(autouse=True)
        def no_network(monkeypatch):
            def refuse(*arguments, **named):
                raise {error}
            monkeypatch.setattr(socket, "{place}", refuse)
        """
    )
    project.makepyfile(FAILS, test_last="def test_last(): pass")
    result = run(project)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize("error", ["OSError('no')", "pytest.fail.Exception('no')"])
def test_what_kept_the_server_from_starting_may_be_gone_for_the_next_test(
    project: pytest.Pytester, error: str
) -> None:
    project.makepyfile(
        f"""
        import pytest

        def test_without(request, monkeypatch):
            def refuse(*arguments, **named):
                raise {error}
            monkeypatch.setattr("asyncio.Runner.run", refuse)
            request.getfixturevalue("mockserver")

        def test_with(openai_client):
            openai_client.models.list()
        """
    )
    result = run(project)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*no*"])


@pytest.mark.parametrize("error", ["ValueError('no')", "pytest.skip.Exception('no')"])
def test_a_report_that_cannot_be_had_is_not_the_news(project: pytest.Pytester, error: str) -> None:
    project.makepyfile(
        f"""
        import pytest

        def test_that_fails(mockserver, monkeypatch):
            def refuse(*arguments, **named):
                raise {error}
            monkeypatch.setattr("http.client.HTTPConnection.request", refuse)
            assert "its own failure" == 0

        def test_last():
            pass
        """
    )
    result = run(project)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*its own failure*", "*- mockserver requests -*", "*no*"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "patching",
    ["from gevent import monkey; monkey.patch_all()", "import eventlet; eventlet.monkey_patch()"],
    ids=["gevent", "eventlet"],
)
def test_threads_may_be_green(project: pytest.Pytester, patching: str) -> None:
    project.makeconftest(patching)
    project.makepyfile(GREEN)
    # Both warn of what they patch late, and leave sockets open.
    result = run_in_subprocess(project, "-W", "ignore", "--timeout", "30")

    result.assert_outcomes(passed=3)
