"""What an operator does with builds, by the command and by what is served then."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.world import film, publish
from workflow.builds.__main__ import main

FILMS = [film(n, f"Ash {n}", persons=["Ann"]) for n in (1, 2, 3)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two builds, of which the newer is served: film 3 went, film 4 came, film 2 has a new name."""
    folder = tmp_path / "root" / "duckdb"
    publish(folder, FILMS, build_id="old", created=datetime(2025, 12, 31, tzinfo=UTC))
    newer = [FILMS[0], film(2, "Oak 2", persons=["Ann"]), film(4, None, persons=["Ann"])]
    publish(folder, newer, build_id="new")
    return tmp_path / "root"


def builds(root: Path, *arguments: str) -> int:
    return main(["--root", str(root), *arguments])


def served(root: Path) -> list[int]:
    with duckdb.connect(str((root / "duckdb/films.duckdb").resolve()), read_only=True) as database:
        return [row[0] for row in database.execute("SELECT film_id FROM films").fetchall()]


def test_builds_are_listed_the_newest_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "duckdb/builds/films-broken.duckdb").write_bytes(b"no database" * 1000)
    assert builds(root, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["*", "new", "2026-01-01"],
        ["old", "2025-12-31", "00:00"],
    ]
    assert "3 films" in lines[0]
    assert "6 pairs" in lines[1]


def test_changes_are_told_by_film(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert builds(root, "changes", "old", "new") == 0
    assert capsys.readouterr().out.splitlines() == [
        "added: 1 films",
        "  4  ",
        "removed: 1 films",
        "  3  Ash 3",
        "changed: 1 films",
        "  2  Oak 2",
    ]


def test_an_earlier_build_is_served_again_and_none_is_lost(root: Path) -> None:
    assert served(root) == [1, 2, 4]
    assert builds(root, "publish", "old") == 0
    assert served(root) == [1, 2, 3]
    assert builds(root, "publish", "new") == 0
    assert served(root) == [1, 2, 4]


def test_what_is_not_there_is_said_with_what_is(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert builds(root, "publish", "older") == 1
    assert (
        "There is no build older that can be read. There are: new, old" in capsys.readouterr().err
    )
    assert served(root) == [1, 2, 4]


def test_pruning_keeps_what_is_served(root: Path) -> None:
    builds(root, "publish", "old")
    assert builds(root, "prune", "--keep", "1") == 0
    assert sorted(os.listdir(root / "duckdb/builds")) == [
        "films-old.duckdb",
        "films-old.duckdb.sha256",
    ]
    assert served(root) == [1, 2, 3]


def test_nothing_is_pruned_while_nothing_is_served(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "duckdb/films.duckdb").unlink()
    assert builds(root, "prune", "--keep", "1") == 1
    assert "leads to no build" in capsys.readouterr().err
    assert len(list((root / "duckdb/builds").glob("*.duckdb"))) == 2


def test_a_build_is_carried_to_another_machine(root: Path, tmp_path: Path) -> None:
    assert builds(root, "export", "old", str(tmp_path / "stick")) == 0
    elsewhere = tmp_path / "elsewhere"
    copy = tmp_path / "stick/films-old.duckdb"
    for name in (copy.name, f"{copy.name}.sha256"):
        (tmp_path / "stick" / name).rename(
            tmp_path / "stick" / name.replace("films-old", "renamed")
        )
    assert builds(elsewhere, "import", str(tmp_path / "stick/renamed.duckdb")) == 0
    assert list((elsewhere / "duckdb/builds").glob("*.duckdb")) == [
        elsewhere / "duckdb/builds/films-old.duckdb"
    ]
    assert served(elsewhere) == [1, 2, 3]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda file: file.with_name(f"{file.name}.sha256").unlink(), "there is no build with its films-new.duckdb.sha256"),
        (lambda file: file.write_bytes(file.read_bytes()[:-4096]), "its SHA-256 is not .*: copy it again"),
    ],
)  # fmt: skip
def test_a_damaged_copy_is_refused_and_what_is_served_stays(
    root: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object],
    reason: str,
) -> None:
    builds(root, "export", "new", str(tmp_path / "stick"))
    builds(root, "publish", "old")
    copy = tmp_path / "stick/films-new.duckdb"
    damage(copy)
    assert builds(root, "import", str(copy)) == 1
    assert re.search(reason, capsys.readouterr().err)
    assert served(root) == [1, 2, 3]
