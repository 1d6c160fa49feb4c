"""The fixtures, as a first test uses them, and what they cost a project that does not."""

import os
import socket
import subprocess
import sys

import pytest

from mockserver import BackgroundServer, MockServer
from tests.pytest_plugin.conftest import run, run_in_subprocess

FIRST = """\
def test_tutor(mockserver, openai_client):
    tutor = openai_client.beta.assistants.create(model="gpt-4o", name="Math Tutor")
    assert openai_client.beta.assistants.retrieve(tutor.id) == tutor
    mockserver.assert_called("createAssistant", times=1)
"""

MANY = """\
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_sees_only_its_own(openai_client, number):
    made = openai_client.beta.assistants.create(model="gpt-4o", name="same for all")
    assert [one.id for one in openai_client.beta.assistants.list()] == [made.id]
    assert made.created_at == 1735689600
"""


@pytest.mark.slow
def test_the_first_test_is_green(project: pytest.Pytester) -> None:
    project.makepyfile(FIRST)

    run_in_subprocess(project).assert_outcomes(passed=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "workers", "where"),
    [
        pytest.param(200, (), "own server", id="two hundred in one process, own server"),
        pytest.param(20, (), "running server", id="twenty in one process, running server"),
        pytest.param(20, ("-n", "2"), "own server", id="twenty in two, own servers"),
        pytest.param(200, ("-n", "2"), "running server", id="two hundred in two, running server"),
    ],
)
def test_many_tests_never_meet(
    project: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: BackgroundServer,
    count: int,
    workers: tuple[str, ...],
    where: str,
) -> None:
    # What they cover the others do too, and measuring it takes half of the time.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    project.makepyfile(MANY.format(count=count))
    url = ("--mockserver-url", elsewhere.url) if where == "running server" else ()

    run_in_subprocess(project, *workers, *url).assert_outcomes(passed=count)


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


def test_a_server_that_is_not_there_is_reported_with_the_remedy(project: pytest.Pytester) -> None:
    project.makepyfile(FIRST)
    result = run(project, "--mockserver-url", "http://127.0.0.1:1")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no mockserver answers at http://127.0.0.1:1*start one with*"])


def test_a_server_that_cannot_start_is_reported_without_a_traceback(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_FIXTURES", "none.yaml")
    project.makepyfile("def test_one(mockserver): ...\n\ndef test_two(mockserver): ...")
    result = run(project)

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["none.yaml: no such file: correct the path"] * 2)
    assert ".py:" not in result.stdout.str().partition("short test summary")[0]


def test_a_silent_address_is_waited_for_once(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.client.control_client.TIMEOUT_SECONDS", 0.3)
    project.makepyfile("def test_one(mockserver): ...\n\ndef test_two(mockserver): ...")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        result = run(project, "--mockserver-url", f"http://127.0.0.1:{silent.getsockname()[1]}")
        silent.settimeout(0.3)
        silent.accept()[0].close()
        with pytest.raises(TimeoutError):
            silent.accept()

    result.assert_outcomes(errors=2)


def test_a_server_that_goes_during_a_test_is_reported_without_a_traceback(
    project: pytest.Pytester,
) -> None:
    with MockServer.start() as mock:
        project.makepyfile(
            """
            import socket

            def test_it(mockserver, request):
                mockserver._client.close()
                mockserver._client.url = "http://127.0.0.1:1"
            """
        )
        result = run(project, "--mockserver-url", mock.url)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["no mockserver answers at http://127.0.0.1:1 *"])
    assert "control_client.py" not in result.stdout.str()


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


def test_what_a_test_sets_itself_is_undone_in_the_right_order(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        import os

        def test_within(monkeypatch, mockserver):
            monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")

        def test_after():
            assert not {"OPENAI_API_KEY", "OPENAI_BASE_URL"} & os.environ.keys()
        """
    )

    run(project).assert_outcomes(passed=2)


@pytest.mark.parametrize("order", ["mockserver, monkeypatch", "monkeypatch, mockserver"])
def test_what_a_test_patches_is_undone_before_it_is_judged(
    project: pytest.Pytester, order: str
) -> None:
    project.makepyfile(
        f"""
        import http.client
        import os

        def test_it({order}):
            monkeypatch.setattr(http.client.HTTPConnection, "request", None)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")

        def test_undoing({order}):
            monkeypatch.undo()
            assert os.environ["OPENAI_BASE_URL"] == mockserver.base_url

        def test_after():
            assert not {{"OPENAI_API_KEY", "OPENAI_BASE_URL"}} & os.environ.keys()
        """
    )

    run(project).assert_outcomes(passed=3)


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
            heavy = {"aiohttp", "pydantic", "orjson", "yaml", "openai", "mockserver"}
            assert "_mockserver_pytest" in sys.modules
            assert not heavy & sys.modules.keys()
        """
    )

    run_in_subprocess(project, "-p", "no:aiohttp", "-p", "no:anyio").assert_outcomes(passed=1)


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
