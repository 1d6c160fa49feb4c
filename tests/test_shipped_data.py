"""The shipped data files are found in a wheel and in a source tree, and read as YAML."""

from pathlib import Path

import pytest

from mockserver import shipped_data

find = shipped_data.fixtures_folder.__wrapped__


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own, with no data files yet."""
    folder = tmp_path / "mockserver"
    folder.mkdir()
    monkeypatch.setattr(shipped_data, "__file__", str(folder / "shipped_data.py"))
    return folder


def add_fixtures(where: Path) -> Path:
    folder = where / "fixtures"
    folder.mkdir()
    (folder / "errors.yaml").touch()
    return folder


@pytest.mark.parametrize("name", ["errors.yaml", "models.yaml"])
def test_the_data_files_ship_with_the_server(name: str) -> None:
    assert (shipped_data.fixtures_folder() / name).is_file()
    assert shipped_data.load(name)


def test_a_source_tree_has_them_beside_the_package(package: Path) -> None:
    fixtures = add_fixtures(package.parent)

    assert find() == fixtures


def test_a_wheel_has_them_inside_the_package(package: Path) -> None:
    add_fixtures(package.parent)
    fixtures = add_fixtures(package)

    assert find() == fixtures


def test_another_folder_of_the_same_name_is_not_used(package: Path) -> None:
    (package / "fixtures").mkdir()
    fixtures = add_fixtures(package.parent)

    assert find() == fixtures


def test_an_incomplete_installation_is_reported_with_the_remedy(package: Path) -> None:
    with pytest.raises(FileNotFoundError, match="reinstall mockserver"):
        find()
