"""Other packages and modules of the name `mockserver`."""

import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from _mockserver_pytest import the_name
from tests.pytest_plugin.conftest import run_in_subprocess

TESTS = """\
import pytest

def test_plain():
    assert mockserver_is_theirs()

def mockserver_is_theirs():
    import mockserver
    return mockserver.THEIRS

def test_fixture(mockserver): ...

def test_client(openai_client): ...

@pytest.mark.mockserver(seed=7)
def test_marked(): ...
"""

CLIENT = "class MockServerClient: ...\n"

THEIRS = {
    "mockserver/__init__.py": "from mockserver.client import MockServerClient as THEIRS\n",
    "mockserver/client.py": CLIENT,
    "mockserver/pytest_plugin.py": """\
import pytest

@pytest.fixture
def mockserver():
    raise RuntimeError("it would start another server")

@pytest.fixture
def mockserver_host():
    return "theirs"
""",
    "mockserver_client-9.2.0.dist-info/METADATA": "Name: mockserver-client\nVersion: 9.2.0\n",
    "mockserver_client-9.2.0.dist-info/entry_points.txt": (
        "[pytest11]\nmockserver = mockserver.pytest_plugin\n"
    ),
}
"""What the distribution mockserver-client has of all this."""


def install(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def install_ours(folder: Path) -> None:
    for package in ("mockserver", "_mockserver_pytest"):
        shutil.copytree(
            the_name.HOME.parent / package,
            folder / package,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are installed in, in front of all others."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    # The copy of the package in there has nothing to do with what is measured.
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("is_shared", [False, True], ids=["another folder", "the same folder"])
def test_beside_mockserver_client_tests_that_do_not_ask_for_the_fixtures_run(
    project: pytest.Pytester, site: Path, is_shared: bool
) -> None:
    if is_shared:
        install_ours(site)
    install(THEIRS, site)
    project.makepyfile(f"{TESTS}\n\ndef test_host(mockserver_host):\n    assert mockserver_host\n")
    result = run_in_subprocess(project)

    result.assert_outcomes(passed=2, errors=3)
    result.stdout.fnmatch_lines([f"*mockserver-client*mockserver*: {the_name.APART}"] * 3)


@pytest.mark.slow
def test_installed_last_over_mockserver_client_it_says_so_as_well(
    project: pytest.Pytester, site: Path
) -> None:
    install(THEIRS, site)
    install_ours(site)
    project.makepyfile("def test_plain(): ...\n\ndef test_fixture(mockserver): ...\n")
    result = run_in_subprocess(project)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"mockserver-client and * over each other in *: {the_name.APART}"])


@pytest.mark.slow
def test_in_front_of_mockserver_client_it_works(
    project: pytest.Pytester, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_ours(site)
    shutil.copytree(the_name.HOME.parent / "fixtures", site / "fixtures")
    install(THEIRS, tmp_path / "later")
    monkeypatch.setenv("PYTHONPATH", f"{site}{os.pathsep}{tmp_path / 'later'}")
    project.makepyfile("def test_fixture(openai_client): openai_client.models.list()\n")

    run_in_subprocess(project).assert_outcomes(passed=1)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["mockserver.py", "mockserver/__init__.py"])
@pytest.mark.parametrize("place", [".", "src"])
def test_a_project_may_have_a_module_of_that_name(
    project: pytest.Pytester, file: str, place: str
) -> None:
    """It is found before ours by any way that pytest has, and is not imported for the plugin."""
    module = project.path / place / file
    install({file: "THEIRS = True\nprint('imported')\n"}, project.path / place)
    project.makepyfile(TESTS)
    result = run_in_subprocess(project, "-o", f"pythonpath={place}", "-s")

    result.assert_outcomes(passed=1, errors=3)
    found = module.parent if module.name == "__init__.py" else module
    result.stdout.fnmatch_lines([f"`import mockserver` finds {found}, but these fixtures need *"])
    assert result.stdout.str().count("imported") == 1


@pytest.mark.slow
def test_a_plugin_of_the_projects_own_keeps_its_fixture(project: pytest.Pytester) -> None:
    fixture = "import pytest\n\n@pytest.fixture\ndef mockserver():\n    return 'theirs'\n"
    project.makeconftest("pytest_plugins = ['mockserver']")
    project.makepyfile(mockserver=fixture, test_it="def test_it(mockserver): assert mockserver\n")

    run_in_subprocess(project).assert_outcomes(passed=1)


def test_alone_there_is_no_problem() -> None:
    assert the_name.problem() is None


def test_a_module_of_no_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mockserver", ModuleType("mockserver"))

    assert str(the_name.problem()).startswith("`import mockserver` finds a module without a file")
