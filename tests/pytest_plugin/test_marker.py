"""The marker: fixture files and settings for the server that a test sees."""

import pytest

from tests.pytest_plugin.conftest import run


def test_the_marker_loads_fixtures_and_settles_seed_clock_and_strictness(
    project: pytest.Pytester,
) -> None:
    project.makefile(".yaml", tutor="objects: {assistants: [{id: asst_t, model: gpt-4o}]}")
    project.makefile(".json", more='{"stubs": [{"then": {"body": {"name": "Ada"}}}]}')
    project.makepyfile(
        """
        import pytest

        ids = []

        @pytest.mark.mockserver(fixtures=["tutor.yaml", "more.json"], clock="frozen")
        def test_fixtures(openai_client):
            assert openai_client.beta.assistants.retrieve("asst_t")
            made = [openai_client.beta.assistants.create(model="gpt-4o") for _ in range(2)]
            assert [one.name for one in made] == ["Ada", "Ada"]
            assert made[0].created_at == made[1].created_at

        @pytest.mark.mockserver(seed=7)
        @pytest.mark.mockserver(fixtures="tutor.yaml")
        class TestSeed:
            @pytest.mark.parametrize("again", [1, 2])
            def test_same(self, openai_client, again):
                ids.append(openai_client.beta.assistants.create(model="gpt-4o").id)
                assert len(set(ids)) == 1

            @pytest.mark.mockserver(seed=8)
            def test_other(self, openai_client):
                assert openai_client.beta.assistants.create(model="gpt-4o").id not in ids
                assert openai_client.beta.assistants.retrieve("asst_t")
        """
    )

    run(project).assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (
            "sed=7",
            "argument sed: use the keywords fixtures, objects, seed, clock, strict, any_model",
        ),
        ("objects={'assistant': []}", "objects.assistant: unknown key"),
        ("objects={'assistants': [{'model': 'gpt-4o', 'id': 'x'}]}", "[0].id: not an assistant id"),
        ("objects=[{'id': 'asst_a'}]", "objects: expected an object"),
        ("any_model='yes'", "any_model"),
        ("'a.yaml'", "'a.yaml': use the keywords fixtures"),
        ("fixtures='none.yaml'", "no such fixture file: none.yaml: searched"),
        ("clock='never'", "clock"),
    ],
)
def test_a_marker_that_is_wrong_is_an_error_with_the_remedy(
    project: pytest.Pytester, mark: str, words: str
) -> None:
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.mockserver({mark})
        def test_it(mockserver):
            pass
        """
    )
    result = run(project)

    result.assert_outcomes(errors=1)
    assert words in result.stdout.str()


def test_stubs_of_a_file_are_named_with_their_file(project: pytest.Pytester) -> None:
    project.makefile(".yaml", stubs="stubs: [{then: {body: {name: Ada}}}]")
    project.makepyfile(
        """
        import pytest

        @pytest.mark.mockserver(fixtures="stubs.yaml")
        def test_fails(openai_client):
            openai_client.beta.assistants.create(model="gpt-4o")
            assert False
        """
    )

    run(project).stdout.fnmatch_lines(
        ["POST * decided by stub 1: any request, body (*stubs.yaml:1)"]
    )


@pytest.mark.parametrize("path", ["tutors", "tutors/*.YML", "tutors/[a].YML"])
def test_the_marker_takes_folders_globs_and_names_with_brackets(
    project: pytest.Pytester, path: str
) -> None:
    folder = project.mkdir("[slug]")
    (folder / "tutors").mkdir()
    (folder / "tutors" / "[a].YML").write_text("{then: {body: {name: Ada}}}")
    (folder / "test_it.py").write_text(
        "import pytest\n\n"
        f"@pytest.mark.mockserver(fixtures={path!r})\n"
        "def test_it(openai_client):\n"
        "    assert openai_client.beta.assistants.create(model='gpt-4o').name == 'Ada'\n"
    )

    run(project).assert_outcomes(passed=1)


def test_a_marked_test_need_not_ask_for_the_fixture(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import unittest
        import openai
        import pytest

        pytestmark = pytest.mark.mockserver(clock="frozen")

        def create():
            with openai.OpenAI() as client:
                return client.beta.assistants.create(model="gpt-4o")

        @pytest.fixture
        def made():
            return create()

        def test_plain(made):
            assert create().created_at == made.created_at

        @pytest.mark.parametrize("number", range(3))
        def test_several(number):
            assert create().created_at == create().created_at

        class TestOfUnittest(unittest.TestCase):
            def test_it(self):
                assert create().created_at == create().created_at
        """
    )

    run(project).assert_outcomes(passed=5)


def test_one_case_may_be_marked_and_the_others_not(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import os
        import pytest

        marked = pytest.param(True, marks=pytest.mark.mockserver(seed=7))

        @pytest.mark.parametrize("is_marked", [False, marked, False])
        def test_it(is_marked):
            assert ("OPENAI_BASE_URL" in os.environ) == is_marked
        """
    )

    run(project).assert_outcomes(passed=3)


def test_the_marker_adds_objects_and_accepts_any_model(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import openai
        import pytest

        TUTOR = {"assistants": [{"id": "asst_t", "model": "gpt-4o", "name": "Math Tutor"}]}

        HELLO = {"role": "user", "content": "Hello?"}
        TALK = TUTOR | {
            "threads": [{"id": "thread_a", "messages": [HELLO]}],
            "runs": [{"id": "run_a", "thread_id": "thread_a", "assistant_id": "asst_t"}],
        }

        @pytest.mark.mockserver(objects=TALK)
        def test_a_conversation(mockserver, openai_client):
            threads = openai_client.beta.threads
            for _ in range(2):
                run = threads.runs.poll("run_a", thread_id="thread_a")
                assert run.status == "completed"
                assert len(threads.messages.list("thread_a").data) == 2
                mockserver.reset()

        @pytest.mark.mockserver(objects=TUTOR)
        class TestOfAClass:
            def test_objects(self, openai_client):
                assert openai_client.beta.assistants.retrieve("asst_t").name == "Math Tutor"
                with pytest.raises(openai.BadRequestError):
                    openai_client.beta.assistants.create(model="mine")

            @pytest.mark.mockserver(any_model=True, objects={"assistants": [{"model": "mine"}]})
            def test_any_model(self, openai_client):
                [one] = openai_client.beta.assistants.list()
                assert one.model == "mine"
                openai_client.beta.assistants.create(model="mine too")
        """
    )

    run(project).assert_outcomes(passed=3)


@pytest.mark.parametrize("use", ["first", "never"])
def test_a_reset_keeps_what_the_marker_says(project: pytest.Pytester, use: str) -> None:
    """To strictness, a stub that was matched before the reset counts as matched."""
    project.makefile(".yaml", tutor="stubs: [{name: the tutor's, then: {body: {name: Ada}}}]")
    project.makepyfile(
        f"""
        import pytest

        @pytest.mark.mockserver(
            fixtures="tutor.yaml", strict=True, objects={{"assistants": [{{"model": "gpt-4o"}}]}}
        )
        def test_it(mockserver, openai_client):
            if {use!r} == "first":
                assert openai_client.beta.assistants.create(model="gpt-4o").name == "Ada"
                mockserver.stub("default", name="gone")
            mockserver.reset()
            assert mockserver.counts() == {{}}
            assert len(mockserver.state()["assistants"]) == 1
            if {use!r} == "never":
                with pytest.raises(AssertionError, match="stub never matched: the tutor's"):
                    mockserver.verify()
                openai_client.beta.assistants.create(model="gpt-4o")
            mockserver.verify()
        """
    )

    run(project).assert_outcomes(passed=1)


@pytest.mark.parametrize("given", ["3", "['a.yaml', 3]", "None", "{}"])
def test_fixtures_that_are_no_paths_are_reported(pytester: pytest.Pytester, given: str) -> None:
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.mockserver(fixtures={given})
        def test_marked():
            pass
        """
    )
    result = run(pytester)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixtures: expected a path or a list of paths, got *"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize("option", ["mockserver_strict", "mockserver_resilient"])
def test_a_switch_of_the_ini_file_has_to_be_true_or_false(
    pytester: pytest.Pytester, option: str
) -> None:
    pytester.makepyfile("def test_anything():\n    pass\n")
    result = run(pytester, "-o", f"{option}=maybe")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option}: *'maybe': use true or false"])
