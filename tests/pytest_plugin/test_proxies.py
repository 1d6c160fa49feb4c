"""Proxies in the environment: requests to the server go past them."""

import pytest

from mockserver import BackgroundServer
from tests.pytest_plugin.conftest import INI, run

NAMES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")

NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("isolation", ["test", "session"])
def test_the_client_finds_the_server_past_a_proxy(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, isolation: str
) -> None:
    monkeypatch.setenv(name, NOBODY)
    project.makefile(".ini", pytest=f"{INI}mockserver_isolation = {isolation}\n")
    project.makepyfile(
        """
        import os
        import subprocess
        import sys
        import openai

        ASK = "import openai; openai.OpenAI().models.list()"

        def test_fixture(mockserver, openai_client):
            openai_client.models.list()
            with openai.OpenAI() as client:
                client.models.list()
            subprocess.run([sys.executable, "-W", "ignore", "-c", ASK], check=True)
            mockserver.assert_called("listModels", times=3)
        """
    )

    run(project).assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("given", "within"),
    [
        ({}, "127.0.0.1"),
        ({"NO_PROXY": "corp.example"}, "corp.example,127.0.0.1"),
        ({"no_proxy": "corp.example, 127.0.0.1"}, "corp.example,127.0.0.1"),
        ({"no_proxy": "a.example", "NO_PROXY": "b.example"}, "a.example,b.example,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_the_hosts_of_the_environment_stay_and_are_put_back(
    project: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, str],
    within: str,
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    project.makepyfile(
        f"""
        import os

        def test_within(mockserver):
            assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == {within!r}

        def test_after():
            names = os.environ.keys() & {{"no_proxy", "NO_PROXY"}}
            assert {{name: os.environ[name] for name in names}} == {given}
        """
    )

    run(project).assert_outcomes(passed=2)


def test_a_running_server_is_reached_past_a_proxy_by_its_own_name(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, elsewhere: BackgroundServer
) -> None:
    monkeypatch.setenv("ALL_PROXY", NOBODY)
    url = elsewhere.url.replace("127.0.0.1", "localhost")
    project.makepyfile(
        """
        import os

        def test_it(openai_client):
            assert os.environ["NO_PROXY"].endswith("localhost")
            openai_client.models.list()
        """
    )

    run(project, "--mockserver-url", url).assert_outcomes(passed=1)
