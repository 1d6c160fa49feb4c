"""`mockserver_session`: for an application that starts once, and the tests that use it."""

import os

import pytest

from tests.pytest_plugin.conftest import INI, run

APPLICATION = """\
import openai
import pytest

class Application:
    def __init__(self):
        self.client = openai.OpenAI()
        self.tutor = self.client.beta.assistants.create(model="gpt-4o", name="Tutor")

    def rename(self, name):
        return self.client.beta.assistants.update(self.tutor.id, name=name)

    def names(self):
        return [one.name for one in self.client.beta.assistants.list()]

    def stop(self):
        self.client.beta.assistants.delete(self.tutor.id)
        self.client.close()

@pytest.fixture(scope="session")
def application(mockserver_session):
    started = Application()
    yield started
    started.stop()
"""


@pytest.fixture(autouse=True)
def application(project: pytest.Pytester) -> None:
    project.makeconftest(APPLICATION)


def test_what_a_test_does_is_undone_and_what_the_application_did_stays(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        import os
        import openai
        import pytest

        ids = []

        @pytest.mark.parametrize("again", range(3))
        def test_sees_only_its_own(application, mockserver, again):
            assert application.names() == ["Tutor"]
            mockserver.assert_called("listAssistants", times=1)
            mockserver.assert_not_called("createAssistant")
            assert application.rename("Ada").name == "Ada"
            ids.append(application.client.beta.assistants.create(model="gpt-4o").id)
            assert len(set(ids)) == 1

        def test_a_stub_of_one_test(application, mockserver):
            mockserver.fault("overloaded", on="listAssistants", retry_after_ms=1)
            with pytest.raises(openai.InternalServerError):
                application.names()

        def test_is_none_of_the_next(application, mockserver):
            assert application.names() == ["Tutor"]

        def test_of_its_own(mockserver, openai_client):
            assert os.environ["OPENAI_API_KEY"] == mockserver.api_key
            assert openai_client.beta.assistants.list().data == []

        def test_without_a_clean_up(application, mockserver_session):
            assert os.environ["OPENAI_API_KEY"] == mockserver_session.api_key
            application.client.beta.assistants.create(model="gpt-4o", name="left behind")

        def test_sees_what_is_left_behind(application):
            assert application.names() == ["left behind", "Tutor"]
        """
    )

    run(project).assert_outcomes(passed=8)


def test_what_the_session_adds_holds_in_every_test(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="module", autouse=True)
        def everywhere(mockserver_session):
            mockserver_session.stub({"body": {"name": "Eve"}}, {"operation": "modifyAssistant"})
            mockserver_session.objects({"assistants": [{"model": "gpt-4o", "name": "Sue"}]})

        @pytest.mark.parametrize("again", range(2))
        def test_it(application, mockserver, again):
            assert sorted(application.names()) == ["Sue", "Tutor"]
            assert application.rename("Ada").name == "Eve"
            mockserver.reset()
            assert sorted(application.names()) == ["Sue", "Tutor"]
            assert application.rename("Ada").name == "Eve"
            mockserver.assert_called("modifyAssistant", times=1, body={"name": "Ada"})
        """
    )

    run(project).assert_outcomes(passed=2)


def test_a_marked_test_is_strict_by_itself_alone(project: pytest.Pytester) -> None:
    """Neither the start of the application nor its end is a request of the test."""
    project.makefile(".ini", pytest=f"{INI}mockserver_strict = true\n")
    project.makepyfile(
        """
        import openai
        import pytest

        @pytest.fixture(scope="session", autouse=True)
        def needed_somewhere(mockserver_session):
            mockserver_session.expect("modifyAssistant")

        @pytest.mark.mockserver(objects={"assistants": [{"model": "gpt-4o", "name": "Sue"}]})
        def test_marked(application):
            with pytest.raises(openai.NotFoundError, match="no stub"):
                application.names()

        def test_unused(application, mockserver):
            mockserver.stub("default", {"operation": "listAssistants"}, name="never matched")

        @pytest.mark.mockserver(fixtures=[])
        def test_fine(application, mockserver):
            mockserver.expect("listAssistants")
            assert application.names() == ["Tutor"]
        """
    )
    result = run(project)

    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_marked*",
            "GET /v1/assistants -> 404  listAssistants  decided by strict",
            "*ERROR at teardown of test_unused*",
            "stub never matched: never matched (*)",
        ]
    )
    assert "modifyAssistant" not in result.stdout.str()


def test_one_key_for_all_is_that_of_the_session_too(project: pytest.Pytester) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = session\n")
    project.makepyfile(
        """
        import os
        import pytest

        KEY = os.environ["OPENAI_API_KEY"]

        @pytest.mark.parametrize("again", range(2))
        def test_it(application, mockserver, mockserver_session, again):
            assert mockserver.api_key == mockserver_session.api_key == KEY
            assert application.names() == ["Tutor"]
            application.client.beta.assistants.create(model="gpt-4o")
        """
    )

    run(project).assert_outcomes(passed=2)


def test_the_variables_are_put_back_when_the_session_has_ended(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    project.makepyfile("def test_it(application, mockserver): ...")
    result = run(project)

    result.assert_outcomes(passed=1)
    assert os.environ["OPENAI_API_KEY"] == "sk-real"
    assert "OPENAI_BASE_URL" not in os.environ
