"""How the report fails a test: by its marker, or in the whole project."""

import pytest

from tests.pytest_plugin.conftest import INI, run

CLIENTS = """\
import openai
import pytest

def give_up(mockserver, openai_client):
    mockserver.fault("overloaded", on="createAssistant")
    with pytest.raises(openai.InternalServerError):
        openai_client.with_options(max_retries=0).beta.assistants.create(model="gpt-4o")
"""


def test_a_client_that_does_wrong_fails_a_test_that_is_marked(project: pytest.Pytester) -> None:
    project.makepyfile(
        CLIENTS
        + """
@pytest.mark.mockserver(resilient=True)
def test_wrong(mockserver, openai_client):
    give_up(mockserver, openai_client)

@pytest.mark.mockserver(resilient=True)
def test_right(mockserver, openai_client):
    mockserver.fault("rate_limit_exceeded", retry_after_ms=20, times=1)
    openai_client.beta.assistants.create(model="gpt-4o")

def test_not_asked(mockserver, openai_client):
    give_up(mockserver, openai_client)
"""
    )
    result = run(project)

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_wrong*",
            "the client did wrong after a fault:",
            "never_retried: createAssistant after overloaded",
            "    retry it after a wait; where its work may be done, look up first",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_whole_project_may_have_to_be_resilient(project: pytest.Pytester) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_resilient = true\n")
    project.makepyfile(
        CLIENTS
        + """
def test_wrong(mockserver, openai_client):
    give_up(mockserver, openai_client)

@pytest.mark.mockserver(resilient=False)
def test_says_otherwise(mockserver, openai_client):
    give_up(mockserver, openai_client)

def test_no_fault(openai_client):
    openai_client.beta.assistants.create(model="gpt-4o")
"""
    )

    run(project).assert_outcomes(passed=3, errors=1)


def test_strictness_and_resilience_are_reported_together(project: pytest.Pytester) -> None:
    project.makepyfile(
        CLIENTS
        + """
@pytest.mark.mockserver(resilient=True, strict=True)
def test_both(mockserver, openai_client):
    mockserver.stub("default", {"operation": "listModels"}, name="never asked")
    give_up(mockserver, openai_client)
"""
    )
    result = run(project)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "stub never matched: never asked (*)",
            "the client did wrong after a fault:",
            "never_retried: createAssistant after overloaded",
        ]
    )


def test_a_value_that_is_no_truth_value_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.mockserver(resilient="no")
        def test_wrong(mockserver):
            pass
        """
    )
    result = run(project)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mockserver marker: resilient: expected True or False, got 'no'"])


def test_a_client_that_is_made_when_it_is_imported_is_judged_too(project: pytest.Pytester) -> None:
    ini = "mockserver_resilient = true\nmockserver_isolation = session\n"
    project.makefile(".ini", pytest=f"{INI}{ini}")
    project.makepyfile(
        """
        import openai
        import pytest

        client = openai.OpenAI(max_retries=0)

        def fail():
            with pytest.raises(openai.InternalServerError):
                client.beta.assistants.create(
                    model="gpt-4o", extra_headers={"X-Mock-Fault": "overloaded"}
                )

        def test_wrong():
            fail()

        def test_right():
            client.beta.assistants.create(model="gpt-4o")

        def test_wrong_with_the_fixture(mockserver):
            fail()
        """
    )

    run(project).assert_outcomes(passed=3, errors=2)
