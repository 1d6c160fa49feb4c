"""What a failed test shows of its requests, and how strictness fails one."""

import re
from pathlib import Path

import pytest

from tests.pytest_plugin.conftest import INI, run


def test_a_failed_test_shows_its_own_requests(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_other(openai_client):
            openai_client.models.list()

        def test_fails(mockserver, openai_client):
            mockserver.stub({"fault": "overloaded"}, {"operation": "listAssistants"},
                            name="no lists", times=1)
            mockserver.stub("default", {"body": {"name": "Ada"}}, name="only Ada")
            openai_client.beta.assistants.list()
            openai_client.beta.assistants.create(model="gpt-4o", name="Eve")
            assert False
        """
    )
    result = run(project)

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- mockserver requests -*",
            "GET /v1/assistants -> 503  listAssistants  decided by no lists (*): overloaded",
            "GET /v1/assistants -> 200  listAssistants  decided by default",
            "POST /v1/assistants -> 200  createAssistant  decided by default",
            "    near miss: only Ada (*",
            '        body.name = "Ada": it was "Eve"',
        ]
    )
    assert "listModels" not in result.stdout.str()
    assert "sk-mock-" not in result.stdout.str().partition("mockserver requests")[2]


def test_a_failed_test_shows_its_runs(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_fails(mockserver, openai_client):
            mockserver.say("Sunny.", to="weather", name="the weather")
            beta = openai_client.beta
            guide = beta.assistants.create(model="gpt-4o", name="Guide")
            question = {"role": "user", "content": "Well?"}
            beta.threads.create_and_run_poll(
                assistant_id=guide.id, thread={"messages": [question]}
            )
            mockserver.assert_called("createRun")
        """
    )
    result = run(project)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- mockserver requests -*",
            "POST /v1/threads/runs -> 200  createThreadAndRun  decided by default",
            "    hint: no stub gave this run a script, so it follows the default one: add *",
            "    near miss: the weather (test_*.py:2)",
            '        message contains "weather": it was "Well?"',
            "GET /v1/threads/*/runs/* -> 200  getRun  decided by default  (2 times)",
            "*- mockserver runs -*",
            "run_* of thread_*: completed",
            '    said "Guide was asked: *',
        ]
    )


ONE_CAUSE = """\
import pytest

pytestmark = pytest.mark.mockserver(strict=True)

@pytest.fixture
def arm(mockserver):
    mockserver.stub("default", {"operation": "listModels"}, name="never matched")

def test_fails(arm, openai_client):
    openai_client.beta.assistants.create(model="gpt-4o")

@pytest.fixture
def broken(arm):
    raise ValueError("a fixture's own")

def test_is_not_set_up(broken):
    pass

@pytest.mark.xfail
def test_is_expected_to_fail(arm, openai_client):
    openai_client.beta.assistants.create(model="gpt-4o")

def test_skips_itself(arm):
    pytest.skip("not here")
"""


def test_what_ends_a_test_is_reported_once(project: pytest.Pytester) -> None:
    project.makepyfile(ONE_CAUSE)
    result = run(project)

    assert result.parseoutcomes() == {"failed": 1, "errors": 1, "xfailed": 1, "skipped": 1}
    result.stdout.fnmatch_lines(["*NotFoundError: *", "*- mockserver strictness -*"])
    result.stdout.fnmatch_lines(["stub never matched: never matched (*.py:7)"])


def test_a_test_that_runs_again_is_judged_again(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        attempts = []

        @pytest.mark.flaky(reruns=1)
        @pytest.mark.mockserver(strict=True)
        def test_it(mockserver):
            attempts.append(mockserver.stub("default", name="never matched"))
            assert len(attempts) == 2
        """
    )
    result = project.runpytest_inprocess("-q", "-pno:randomly", "-pno:recording")

    assert result.parseoutcomes() == {"passed": 1, "rerun": 1, "errors": 1}


def test_a_traceback_has_no_frame_of_this_package(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from mockserver import MockServer

        def test_assertion(mockserver):
            mockserver.assert_called("createAssistant")

        def test_refusal(mockserver):
            mockserver.stub({"fault": "nope"})

        def test_waiting(mockserver):
            mockserver.wait_for("createAssistant", timeout=0.01)

        def test_start():
            MockServer.start(fixtures="none.yaml")

        def test_setting():
            MockServer.start(clock="never")

        def test_address():
            MockServer("nowhere")

        def test_unreachable():
            MockServer("http://127.0.0.1:1").counts()

        def test_end_of_a_block():
            with MockServer.start(strict=True) as mock:
                mock.expect("createAssistant")
        """
    )
    result = run(project)

    result.assert_outcomes(failed=8)
    frames = re.findall(r"^(\S+\.py):\d+: ", result.stdout.str(), re.MULTILINE)
    assert frames
    assert {Path(frame).name for frame in frames} == {
        "test_a_traceback_has_no_frame_of_this_package.py"
    }


def test_a_stub_is_named_with_the_line_that_posts_it(project: pytest.Pytester) -> None:
    project.makepyfile(
        helper="""
        def arm(mock):
            mock.fault("overloaded", on="listModels", times=1, name="of a helper")
        """,
        test_it="""
        from helper import arm

        def test_it(mockserver, openai_client):
            arm(mockserver)
            mockserver.expect("listAssistants")
            mockserver.stub(
                {"body": {"name": "Ada"}}, {"operation": "createAssistant"}, name="of the test"
            )
            mockserver.stub("default", {"body": {"name": "Eve"}}, name="nearest")
            openai_client.beta.assistants.list()
            openai_client.beta.assistants.create(model="gpt-4o")
            openai_client.models.list()
            assert False
        """,
    )

    run(project).stdout.fnmatch_lines(
        [
            "GET /v1/assistants -> 200 * decided by expected listAssistants (test_it.py:5)",
            "POST /v1/assistants -> 200 * decided by of the test (test_it.py:6)",
            "GET /v1/models -> 503 * decided by of a helper (helper.py:2): overloaded",
            "    near miss: nearest (test_it.py:9)",
        ]
    )


STRICT = """\
import openai
import pytest

@pytest.mark.mockserver(strict=True)
def test_unexpected(mockserver, openai_client):
    mockserver.stub("default", {"operation": "listAssistants"}, name="lists only")
    openai_client.beta.assistants.list()
    with pytest.raises(openai.NotFoundError):
        openai_client.beta.assistants.create(model="gpt-4o")

def test_unused(mockserver):
    mockserver.strict().stub("default", name="never matched")

@pytest.mark.mockserver(strict=True)
def test_expected(mockserver, openai_client):
    mockserver.expect("createAssistant")
    openai_client.beta.assistants.create(model="gpt-4o")

def test_lenient(mockserver, openai_client):
    mockserver.stub("default", {"operation": "listModels"})
    openai_client.beta.assistants.create(model="gpt-4o")
"""


def test_strictness_that_was_asked_for_fails_the_test_and_no_other(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(STRICT)
    result = run(project)

    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_unexpected*",
            "strictness violated:",
            "no stub expected these requests:",
            "POST /v1/assistants -> 404  createAssistant  decided by strict",
            "*ERROR at teardown of test_unused*",
            "strictness violated:",
            "stub never matched: never matched (*test_*.py:12)",
        ]
    )
    assert "During handling" not in result.stdout.str()


def test_a_whole_project_may_be_strict(project: pytest.Pytester) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_strict = true\n")
    project.makepyfile(
        """
        import pytest

        def test_unused(mockserver):
            mockserver.stub("default")

        @pytest.mark.mockserver(strict=False)
        def test_says_otherwise(mockserver):
            mockserver.stub("default")
        """
    )

    run(project).assert_outcomes(passed=2, errors=1)
