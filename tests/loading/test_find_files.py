"""Finding fixture files: links, rights, signs of globs in names, and what is no fixture file."""

import codecs
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver import shipped_data
from mockserver.api.shared.known_models import shipped
from mockserver.loading.files import load
from mockserver.loading.find_files import find_files, is_there
from mockserver.problems import FixtureError, Problem

NOBODY = 65534


def found(*paths: Path | str) -> list[str]:
    """Return the names of the files at paths where nothing is wrong."""
    problems: list[Problem] = []
    files = find_files([str(path) for path in paths], problems)
    assert problems == []
    return [file.name for file in files]


def the_problem(*paths: Path | str) -> Problem:
    problems: list[Problem] = []
    find_files([str(path) for path in paths], problems)
    [problem] = problems
    assert problem.remedy
    return problem


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("stubs: []\n")


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """Yield a folder, for a test that has no more rights than those of its files."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    is_root = os.geteuid() == 0
    codecs.lookup("utf-8-sig")  # its module may lie where nobody may read
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        for inner in folder.rglob("*"):
            inner.chmod(0o755)
        shutil.rmtree(folder)


@pytest.fixture
def mine(as_nobody: Path) -> Path:
    """Return a folder that the test's own user may write to."""
    if os.getuid() == 0:
        os.seteuid(0)
        os.chown(as_nobody, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    return as_nobody


# ── Links ────────────────────────────────────────────────────────────────────────


def test_a_folder_of_a_config_map_has_each_file_once(tmp_path: Path) -> None:
    write(tmp_path / "..2026_01_01" / "a.yaml", tmp_path / "..2026_01_01" / "deep" / "b.yaml")
    (tmp_path / "..data").symlink_to("..2026_01_01")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    (tmp_path / "deep").symlink_to("..data/deep")

    assert found(tmp_path) == ["a.yaml", "b.yaml"]
    assert found(tmp_path / "*.yaml") == ["a.yaml"]
    assert found(tmp_path / "**" / "*.yaml", tmp_path) == ["a.yaml", "b.yaml"]


def test_a_file_with_several_names_is_found_by_the_first(tmp_path: Path) -> None:
    write(tmp_path / "b.yaml")
    (tmp_path / "a.yaml").symlink_to("b.yaml")
    (tmp_path / "c").symlink_to(tmp_path, target_is_directory=True)

    assert found(tmp_path) == ["a.yaml"]
    assert found(tmp_path / "b.yaml", tmp_path) == ["b.yaml"]
    assert found(tmp_path / "c" / ".." / tmp_path.name / "b.yaml", tmp_path) == ["b.yaml"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_link_out_of_its_folder_is_reported(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "outside" / "a.yaml", tmp_path / "inside" / "b.yaml")
    target = tmp_path / "outside" / ("a.yaml" if kind == "file" else "")
    link = tmp_path / "inside" / "c.yaml"
    link.symlink_to(target)

    problem = the_problem(tmp_path / "inside")

    assert (problem.source, problem.what) == (str(link), "the link leads outside its folder")


def test_a_link_to_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "gone.yaml")

    assert the_problem(tmp_path).what == "the link leads to no file"
    assert the_problem(tmp_path / "a.yaml").what == "the link leads to no file"


def test_a_link_to_itself_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").symlink_to(tmp_path / "a.yaml")

    assert the_problem(tmp_path / "a.yaml").what.startswith("cannot be read: ")


# ── Names ────────────────────────────────────────────────────────────────────────


def test_names_that_begin_with_a_dot_are_skipped_unless_they_are_given(tmp_path: Path) -> None:
    write(tmp_path / ".a.yaml", tmp_path / ".git" / "b.yaml", tmp_path / "c.yaml")
    (tmp_path / ".#c.yaml").symlink_to("user@machine.1234")  # Emacs' lock of an open file

    assert found(tmp_path) == ["c.yaml"]
    assert found(tmp_path / "*") == ["c.yaml"]
    assert found(tmp_path / ".a.yaml", tmp_path / ".git") == [".a.yaml", "b.yaml"]


def test_a_folder_with_hidden_files_alone_has_no_fixture_files(tmp_path: Path) -> None:
    write(tmp_path / ".a.yaml")

    problem = the_problem(tmp_path)

    assert problem.what == "no fixture files in this folder"
    assert "begins with no dot" in problem.remedy


@pytest.mark.parametrize("name", ["a.YAML", "a.YML", "a.JSON", "a.Yaml"])
def test_the_end_of_a_name_may_have_upper_case(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)

    assert found(tmp_path) == found(tmp_path / name) == [name]


@pytest.mark.parametrize("folder", ["[id]", "[id]/[slug]", "what?", "*", "a[!b]c"])
def test_a_path_that_exists_is_no_glob(tmp_path: Path, folder: str) -> None:
    write(tmp_path / folder / "tutor.yaml", tmp_path / folder / "[a].yaml", tmp_path / "i.yaml")

    assert found(tmp_path / folder / "tutor.yaml") == ["tutor.yaml"]
    assert found(tmp_path / folder / "[a].yaml") == ["[a].yaml"]
    assert found(tmp_path / folder) == ["[a].yaml", "tutor.yaml"]
    assert found(tmp_path / folder / "t*.yaml") == ["tutor.yaml"]
    assert is_there(str(tmp_path / folder / "t*.yaml"))
    assert not is_there(str(tmp_path / folder / "u*.yaml"))


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("", "no such file"),
        ("gone.yaml", "no such file"),
        ("gone[1].yaml", "no file matches the pattern"),
        ("a.yaml/b.yaml", "cannot be read: Not a directory"),
        ("a\0.yaml", "cannot be read: embedded null byte"),
        ("x" * 300 + ".yaml", "cannot be read: File name too long"),
        ("pipe.yaml", "not a file"),
    ],
)
def test_a_path_without_a_file_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.yaml")
    os.mkfifo("pipe.yaml")

    assert the_problem(path).what == what


# ── Rights ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rights", [0o000, 0o444, 0o111], ids=oct)
@pytest.mark.parametrize("path", ["", "closed", "closed/*.yaml", "*/*.yaml", "**/*.yaml"])
def test_a_folder_that_may_not_be_read_is_reported(mine: Path, path: str, rights: int) -> None:
    write(mine / "closed" / "a.yaml", mine / "open" / "b.yaml")
    (mine / "closed").chmod(rights)

    problem = the_problem(mine / path)

    assert problem.source == str(mine / "closed")
    assert problem.what == "cannot be read: Permission denied"
    assert problem.remedy == "let this user read it, for instance with chmod a+rx"


def test_a_file_that_may_not_be_read_is_reported(mine: Path) -> None:
    write(mine / "a.yaml", mine / "b.yaml")
    (mine / "a.yaml").chmod(0o000)

    with pytest.raises(FixtureError) as refused:
        load([str(mine)], shipped())

    [problem] = refused.value.problems
    assert str(problem) == (
        f"{mine / 'a.yaml'}: cannot be read: Permission denied: "
        "let this user read it, for instance with chmod a+r"
    )


def test_a_file_in_a_folder_that_may_not_be_entered_is_reported(mine: Path) -> None:
    write(mine / "closed" / "a.yaml")
    (mine / "closed").chmod(0o000)

    for path in ("a.yaml", "deep/b.yaml", "nothing.yaml"):
        problem = the_problem(mine / "closed" / path)
        assert problem.source == str(mine / "closed")
        assert problem.what == "cannot be read: Permission denied"
        assert problem.remedy == "let this user read it, for instance with chmod a+x"


def test_a_folder_that_a_glob_only_passes_need_not_be_readable(mine: Path) -> None:
    write(mine / "passed" / "mine" / "a.yaml")
    (mine / "passed").chmod(0o111)

    assert found(mine / "passed" / "mine" / "*.yaml") == ["a.yaml"]


# ── Own data ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["", "errors.yaml", "*.yaml"])
def test_the_data_of_mockserver_itself_is_no_fixture(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "fixtures"
    shutil.copytree(shipped_data.fixtures_folder(), folder)

    problem = the_problem(folder / path)

    assert problem.source == str(folder)
    assert problem.what.startswith("this folder has mockserver's own data, such as errors.yaml")
    assert problem.remedy == f"pass another folder, such as {folder / 'examples'}"


def test_a_users_file_of_the_same_name_is_a_fixture(tmp_path: Path) -> None:
    write(tmp_path / "errors.yaml", tmp_path / "faults.yaml", tmp_path / "models.yaml")

    assert found(tmp_path) == ["errors.yaml", "faults.yaml", "models.yaml"]
