"""A change of code counts for what imports it, and for nothing else."""

from pathlib import Path

import pytest

from workflow import code_version as module


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "workflow").mkdir()
    (tmp_path / "filmkin").mkdir()
    (tmp_path / "workflow/films.py").write_text("import os\nfrom filmkin.text import words\n")
    (tmp_path / "workflow/genres.py").write_text("from filmkin import catalogue\n")
    (tmp_path / "filmkin/__init__.py").write_text("")
    (tmp_path / "filmkin/text.py").write_text("import filmkin.errors\nimport numpy as np\n")
    (tmp_path / "filmkin/errors.py").write_text("")
    (tmp_path / "filmkin/catalogue.py").write_text("")
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    return tmp_path


def version(*names: str) -> str:
    module.code_version.cache_clear()
    return module.code_version(*names)


@pytest.mark.parametrize("changed", ["workflow/films.py", "filmkin/text.py", "filmkin/errors.py"])
def test_a_change_behind_an_import_counts(tree: Path, changed: str) -> None:
    before = version("workflow.films")
    (tree / changed).write_text((tree / changed).read_text() + "# changed\n")
    assert version("workflow.films") != before


@pytest.mark.parametrize("changed", ["workflow/genres.py", "filmkin/catalogue.py"])
def test_a_change_elsewhere_does_not_count(tree: Path, changed: str) -> None:
    before = version("workflow.films")
    (tree / changed).write_text("# changed\n")
    assert version("workflow.films") == before


def test_a_name_imported_from_a_package_can_be_a_module(tree: Path) -> None:
    before = version("workflow.genres")
    (tree / "filmkin/catalogue.py").write_text("# changed\n")
    assert version("workflow.genres") != before
