"""The line that the journal has for a stub that a program posts."""

import os
from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.client.caller import MAX_LENGTH, caller


def called_from(file: str, line: int = 1) -> str:
    """Return what is seen of a call on a line of a file."""
    found: dict[str, str] = {}
    code = "\n" * (line - 1) + "found['caller'] = caller()"
    exec(compile(code, file, "exec"), {"caller": caller, "found": found})  # noqa: S102
    return found["caller"]


def test_a_path_below_the_working_folder_is_relative_to_it() -> None:
    here = Path.cwd()

    assert called_from(f"{here / 'tests' / 'test_a.py'}", 12) == "tests/test_a.py:12"
    assert called_from(f"{here}-b/test_a.py") == f"{here}-b/test_a.py:1"
    assert called_from("<string>") == "<string>:1"


def test_a_path_is_cut_and_cleaned_to_what_the_server_accepts(mock: MockServer) -> None:
    assert called_from("/a\tb\n.py", 3) == "/a?b?.py:3"
    long = called_from(f"/{'x' * 300}.py", 7)

    assert len(long) == MAX_LENGTH
    assert long.endswith("x.py:7")


def test_a_deleted_working_folder_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert called_from("/a/test_b.py") == "/a/test_b.py:1"


def test_it_is_the_line_outside_of_the_package_that_counts(mock: MockServer) -> None:
    mock.expect("listModels")
    mock.fault("overloaded", on="createAssistant")
    stubs = mock._client.call(mock.api_key, "GET", "stubs")["stubs"]

    here = os.path.relpath(__file__)
    assert [stub["source"].rpartition(":")[0] for stub in stubs] == [here, here]


async def test_an_awaitable_call_has_the_line_of_the_test(mock: MockServer) -> None:
    await mock.aio.stub("default", name="mine")

    await mock.aio.assert_not_called("listModels")
    [stub] = mock._call("GET", "stubs")["stubs"]
    assert "tests/client/test_caller.py:" in str(stub)
