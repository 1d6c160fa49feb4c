"""What a failed test shows of its requests, and how strictness fails one."""

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
            "stub never matched: never matched (*test_*.py:14)",
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
