"""The pytest plugin, as a project sees it that has just installed the package."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from mockserver import BackgroundServer, Settings

INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings =
    error
    ignore:deprecated$:DeprecationWarning
"""

FIRST = """\
def test_tutor(mockserver, openai_client):
    tutor = openai_client.beta.assistants.create(model="gpt-4o", name="Math Tutor")
    assert openai_client.beta.assistants.retrieve(tutor.id) == tutor
    mockserver.assert_called("createAssistant", times=1)
"""

MANY = """\
import pytest

@pytest.mark.parametrize("number", range(200))
def test_sees_only_its_own(openai_client, number):
    made = openai_client.beta.assistants.create(model="gpt-4o", name="same for all")
    assert [one.id for one in openai_client.beta.assistants.list()] == [made.id]
    assert made.created_at == 1735689600
"""


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own; `PYTEST_ADDOPTS` and the like are this suite's."""
    for name in ("PYTEST_ADDOPTS", "MOCKSERVER_URL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    pytester.makefile(".ini", pytest=INI)
    return pytester


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[BackgroundServer]:
    with BackgroundServer(Settings(port=0, log="none")) as server:
        yield server


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    # Faker's own plugin takes half a second to import.
    quick = ("-p", "no:faker", "-p", "no:cacheprovider")
    return project.runpytest_subprocess("-q", *quick, *arguments)


def test_the_first_test_is_green(project: pytest.Pytester) -> None:
    project.makepyfile(FIRST)

    run(project).assert_outcomes(passed=1)


@pytest.mark.parametrize("workers", [(), ("-n", "4")], ids=["one process", "four"])
@pytest.mark.parametrize("where", ["own server", "running server"])
def test_two_hundred_tests_never_meet(
    project: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: BackgroundServer,
    workers: tuple[str, ...],
    where: str,
) -> None:
    # What they cover the others do too, and measuring it takes half of the time.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    project.makepyfile(MANY)
    url = ("--mockserver-url", elsewhere.url) if where == "running server" else ()

    run(project, *workers, *url).assert_outcomes(passed=200)


def test_a_running_server_may_be_named_by_a_variable(
    project: pytest.Pytester, elsewhere: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_URL", f"{elsewhere.url}/v1/")
    project.makepyfile(
        f"""
        def test_url(mockserver):
            assert mockserver.url == "{elsewhere.url}"
        """
    )

    run(project).assert_outcomes(passed=1)


def test_a_server_that_is_not_there_is_told_with_the_remedy(project: pytest.Pytester) -> None:
    project.makepyfile(FIRST)
    result = run(project, "--mockserver-url", "http://127.0.0.1:1")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no mockserver answers at http://127.0.0.1:1*start one with*"])


def test_the_environment_points_at_the_server_and_is_put_back(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    project.makepyfile(
        """
        import os
        import openai

        NAMES = ("OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT", "OPENAI_API_VERSION")

        def test_within(mockserver):
            assert os.environ["OPENAI_BASE_URL"] == mockserver.base_url
            assert os.environ["OPENAI_API_KEY"] == mockserver.api_key
            with openai.OpenAI() as plain, openai.AzureOpenAI() as azure:
                plain.beta.assistants.create(model="gpt-4o")
                azure.beta.assistants.create(model="my-deployment")
            mockserver.assert_called("createAssistant", times=2)

        def test_without():
            assert os.environ["OPENAI_API_KEY"] == "sk-real"
            assert not any(name in os.environ for name in NAMES)
        """
    )

    run(project).assert_outcomes(passed=2)


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
        ("sed=7", "sed: it takes fixtures, seed, clock, strict by name"),
        ("'a.yaml'", "'a.yaml': it takes fixtures"),
        ("fixtures='none.yaml'", "no fixture file none.yaml: looked for"),
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
            "the server was strict:",
            "no stub expected",
            "POST /v1/assistants -> 404  createAssistant  decided by strict",
            "*ERROR at teardown of test_unused*",
            "the server was strict:",
            "nothing matched the stub: never matched",
        ]
    )


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


CLIENT_AT_IMPORT = """\
import openai

client = openai.OpenAI()
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two"])
def test_code_that_makes_its_client_when_it_is_imported_keeps_one_key(
    project: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = session\n")
    project.makepyfile(
        app=CLIENT_AT_IMPORT,
        test_app="""
        import pytest
        from app import client

        @pytest.mark.parametrize("number", range(6))
        def test_sees_only_its_own(mockserver, number):
            made = client.beta.assistants.create(model="gpt-4o")
            assert [one.id for one in client.beta.assistants.list()] == [made.id]
            mockserver.assert_called("createAssistant", times=1)
        """,
    )

    run(project, *workers).assert_outcomes(passed=6)


def test_an_isolation_that_there_is_not_is_refused(project: pytest.Pytester) -> None:
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = module\n")
    result = run(project)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mockserver_isolation is 'module': write test or session"])


def test_async_tests_of_every_flavour(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from mockserver import create_app

        async def use(client, mock):
            made = await client.beta.assistants.create(model="gpt-4o")
            assert [one.id async for one in client.beta.assistants.list()] == [made.id]
            mock.assert_called("createAssistant", times=1)

        @pytest.mark.asyncio
        async def test_pytest_asyncio(async_openai_client, mockserver):
            await use(async_openai_client, mockserver)

        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        @pytest.mark.anyio
        async def test_anyio(async_openai_client, mockserver, anyio_backend):
            await use(async_openai_client, mockserver)

        @pytest.mark.asyncio
        async def test_in_the_tests_own_loop(aiohttp_client):
            client = await aiohttp_client(create_app())
            answer = await client.post(
                "/v1/assistants",
                json={"model": "gpt-4o"},
                headers={"Authorization": "Bearer sk-a", "OpenAI-Beta": "assistants=v2"},
            )
            assert (await answer.json())["object"] == "assistant"

        @pytest.mark.asyncio
        async def test_beside_a_server_of_its_own(aiohttp_server, async_openai_client, mockserver):
            await aiohttp_server(create_app())
            await use(async_openai_client, mockserver)
        """
    )

    run(project).assert_outcomes(passed=4)


def test_async_tests_need_no_mark_in_auto_mode(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        async def test_it(async_openai_client, mockserver):
            await async_openai_client.beta.assistants.create(model="gpt-4o")
            mockserver.wait_for("createAssistant")
        """
    )

    run(project, "-o", "asyncio_mode=auto").assert_outcomes(passed=1)


def test_without_the_sdk_its_clients_are_skipped_with_the_remedy(project: pytest.Pytester) -> None:
    project.makeconftest("import sys\nsys.modules['openai'] = None")
    project.makepyfile(
        """
        def test_plain(mockserver):
            mockserver.assert_not_called("createAssistant")

        def test_sync(openai_client): ...

        def test_async(async_openai_client): ...
        """
    )
    result = run(project, "-rs")

    result.assert_outcomes(passed=1, skipped=2)
    result.stdout.fnmatch_lines(["SKIPPED*pip install openai*"])


def test_installed_and_not_used_it_loads_nothing(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            heavy = {"aiohttp", "pydantic", "orjson", "yaml", "openai", "mockserver.client"}
            assert "mockserver.pytest_plugin" in sys.modules
            assert not heavy & sys.modules.keys()
        """
    )

    run(project, "-p", "no:aiohttp", "-p", "no:anyio").assert_outcomes(passed=1)


def test_it_is_registered_where_the_package_is_installed() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "pytest", "--markers", "-p", "no:cacheprovider"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        env={**os.environ, "PYTEST_ADDOPTS": ""},
    ).stdout

    assert "@pytest.mark.mockserver(fixtures=" in printed


def test_one_world_for_all_is_emptied_before_each_test_that_may_use_it(
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

        def test_that_asks_for_no_fixture():
            assert client.beta.assistants.list().data == []
        """,
    )

    run(project).assert_outcomes(passed=2)


def test_the_server_hears_the_variables(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_ANY_MODEL", "true")
    monkeypatch.setenv("MOCKSERVER_PORT", "1")  # where it listens is the plugin's own affair
    project.makepyfile(
        """
        def test_it(openai_client):
            assert openai_client.beta.assistants.create(model="ft:mine").model == "ft:mine"
        """
    )

    run(project).assert_outcomes(passed=1)


def test_stubs_of_a_file_are_told_by_their_file(project: pytest.Pytester) -> None:
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
