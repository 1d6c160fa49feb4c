"""One key for all tests, for code that makes its client when it is imported."""

import os
import re

import pytest

from mockserver import MockServer, MockServerError
from tests.pytest_plugin.conftest import INI, run, run_in_subprocess

CLIENT_AT_IMPORT = """\
import openai

client = openai.OpenAI()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        pytest.param((), 8, id="one process"),
        pytest.param(("-n", "2"), 8, id="two processes"),
        pytest.param(("--dist", "loadscope"), 8, id="distributed to nobody"),
        pytest.param(("-n", "2", "--collect-only"), 0, id="only collected"),
    ],
)
def test_code_that_makes_its_client_when_it_is_imported_keeps_one_key(
    project: pytest.Pytester, arguments: tuple[str, ...], passed: int
) -> None:
    """The first import is that of a conftest file, which runs before any test module."""
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = session\n")
    project.makeconftest(
        """
        import pytest
        from app import client as made

        @pytest.fixture
        def client():
            return made
        """
    )
    project.makepyfile(
        app=CLIENT_AT_IMPORT,
        test_app="""
        import pytest
        from app import client as imported

        @pytest.mark.parametrize("number", range(6))
        def test_sees_only_its_own(mockserver, number):
            made = imported.beta.assistants.create(model="gpt-4o")
            assert [one.id for one in imported.beta.assistants.list()] == [made.id]
            mockserver.assert_called("createAssistant", times=1)

        def test_of_a_fixture(client):
            client.models.list()

        def test_that_conftest_has_the_same_client(client):
            assert client is imported
        """,
    )
    result = run_in_subprocess(project, *arguments)

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=passed)


def test_one_namespace_for_all_is_emptied_before_each_test_that_may_use_it(
    project: pytest.Pytester,
) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = session\n")
    project.makepyfile(
        app=CLIENT_AT_IMPORT,
        test_app="""
        import pytest
        from app import client

        @pytest.fixture(scope="module")
        def tutor():
            return client.beta.assistants.create(model="gpt-4o")

        def test_of_a_wider_fixture(tutor, mockserver):
            assert client.beta.assistants.retrieve(tutor.id) == tutor

        @pytest.mark.parametrize("number", range(2))
        def test_that_asks_for_no_fixture(number):
            assert client.beta.assistants.list().data == []
            client.beta.assistants.create(model="gpt-4o")
        """,
    )

    run(project).assert_outcomes(passed=3)


@pytest.mark.parametrize("isolation", ["test", "session"])
def test_a_run_leaves_no_variable_and_no_server_behind(
    project: pytest.Pytester, isolation: str
) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = {isolation}\n")
    project.makepyfile("def test_url(mockserver): print(mockserver.url)")
    before = {name for name in os.environ if "OPENAI" in name}
    result = run(project, "-s")

    result.assert_outcomes(passed=1)
    assert {name for name in os.environ if "OPENAI" in name} == before
    [url] = re.findall(r"http://\S+", result.stdout.str())
    with pytest.raises(MockServerError, match="no mockserver answers"):
        MockServer(url).counts()


def test_an_isolation_that_there_is_not_is_refused(project: pytest.Pytester) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = module\n")
    result = run(project)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mockserver_isolation: expected test or session, got 'module'"])


@pytest.mark.parametrize(
    ("arguments", "variable", "words"),
    [
        (["--mockserver-url", "http://127.0.0.1:1"], None, "*no mockserver answers at *:1 *"),
        ([], ("MOCKSERVER_CLOCK", "bogus"), "*MOCKSERVER_CLOCK: expected one of tick*"),
        ([], ("MOCKSERVER_FIXTURES", "none.yaml"), "*none.yaml: no such file*"),
    ],
)
def test_a_server_that_cannot_be_had_is_reported_before_anything_runs(
    project: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    variable: tuple[str, str] | None,
    words: str,
) -> None:
    if variable is not None:
        monkeypatch.setenv(*variable)
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = session\n")
    result = run(project, *arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([words])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()
