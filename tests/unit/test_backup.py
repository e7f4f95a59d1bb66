"""All ratings as a file, and back: whole, or refused by the file's name and the reason."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from filmkin.errors import BackupError, StoreError
from store.__main__ import main
from store.backup import backup, restore
from store.ratings import RatingStore, Write
from tests.ratings_oracle import NOON

RATINGS = [
    Write(f"user {n}", film, 0.5 + (n + film) % 10 / 2, NOON) for n in range(5) for film in range(4)
]
OTHERS = [Write("other", 1, 3.0, NOON)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RatingStore]:
    store = RatingStore(url_in(tmp_path, "one"))
    store.put(RATINGS)
    yield store
    store.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[RatingStore]:
    store = RatingStore(url_in(tmp_path, "two"))
    yield store
    store.close()


def url_in(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.sqlite"


def test_a_backup_restores_all(store: RatingStore, other: RatingStore, tmp_path: Path) -> None:
    file = tmp_path / "ratings.gz"
    assert backup(store, file) == len(RATINGS)
    assert restore(other, file) == len(RATINGS)
    assert list(other.every()) == RATINGS
    assert file.stat().st_mode & 0o077 == 0  # it is nobody else's


def test_a_store_without_ratings_has_a_backup_too(other: RatingStore, tmp_path: Path) -> None:
    file = tmp_path / "ratings.gz"
    assert backup(other, file) == 0
    assert restore(other, file) == 0


def test_its_lines_can_be_read_by_anyone(store: RatingStore, tmp_path: Path) -> None:
    backup(store, tmp_path / "ratings.gz")
    header, *ratings, trailer = map(
        json.loads, gzip.decompress((tmp_path / "ratings.gz").read_bytes()).splitlines()
    )
    assert (header["format"], header["version"]) == ("filmkin ratings", 1)
    assert ratings[0] == {
        "user_id": "user 0",
        "film_id": 0,
        "rating": 0.5,
        "rated_at": "2026-11-22T12:00:00.123456+00:00",
    }
    assert trailer["ratings"] == len(ratings) == len(RATINGS)


def test_ratings_that_are_there_are_replaced_only_when_asked(
    store: RatingStore, other: RatingStore, tmp_path: Path
) -> None:
    other.put(OTHERS)
    backup(store, tmp_path / "ratings.gz")
    with pytest.raises(StoreError, match="there are ratings already"):
        restore(other, tmp_path / "ratings.gz")
    assert list(other.every()) == OTHERS
    restore(other, tmp_path / "ratings.gz", replace=True)
    assert list(other.every()) == RATINGS


def lines_changed(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda data: gzip.compress(
        b"".join(change(gzip.decompress(data).splitlines(keepends=True)))
    )


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "lines are not JSON"),
    "no gzip": (lambda _: b"user_id,film_id\n", "damaged or no gzip"),
    "cut": (lambda data: data[: len(data) // 2], "damaged"),
    "last byte": (lambda data: data[:-1], "damaged"),
    "flipped byte": (lambda data: data[:60] + bytes([data[60] ^ 1]) + data[61:], "."),
    "foreign": (lambda _: gzip.compress(b'{"a":1}\n'), "no backup of a ratings store"),
    "text": (lambda _: gzip.compress(b"\xff\n"), "lines are not JSON"),
    "endless line": (lambda _: gzip.compress(b'"' + b"a" * 10_000), "lines are not JSON"),
    "other version": (lines_changed(lambda lines: [lines[0].replace(b'"version":1', b'"version":9'), *lines[1:]]), "of version 9"),
    "no trailer": (lines_changed(lambda lines: lines[:-1]), "ends after 20 ratings"),
    "line lost": (lines_changed(lambda lines: lines[:3] + lines[4:]), "not those"),
    "line doubled": (lines_changed(lambda lines: [*lines[:3], lines[2], *lines[3:]]), "not those"),
    "another value": (lines_changed(lambda lines: [*lines[:3], lines[3].replace(b'"rating":1.5', b'"rating":2.5'), *lines[4:]]), "not those"),
    "no rating": (lines_changed(lambda lines: [*lines[:3], lines[3].replace(b'"rating":1.5', b'"rating":9.5'), *lines[4:]]), "its rating 3 is not one"),
    "text as number": (lines_changed(lambda lines: [*lines[:3], lines[3].replace(b'"rating":1.5', b'"rating":"1"'), *lines[4:]]), "its rating 3 is not one"),
    "number as name": (lines_changed(lambda lines: [*lines[:3], lines[3].replace(b'"user 0"', b"7"), *lines[4:]]), "its rating 3 is not one"),
    "half a film": (lines_changed(lambda lines: [*lines[:3], lines[3].replace(b'"film_id":2', b'"film_id":2.5'), *lines[4:]]), "its rating 3 is not one"),
    "other column": (lines_changed(lambda lines: [*lines[:3], b'{"user":1}\n', *lines[4:]]), "its rating 3 is not one"),
    "more behind": (lines_changed(lambda lines: [*lines, lines[1]]), "something follows"),
    "twice": (lambda data: data + data, "something follows"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_no_whole_backup_is_refused(
    damage: str, store: RatingStore, other: RatingStore, tmp_path: Path
) -> None:
    file = tmp_path / "ratings.gz"
    backup(store, file)
    change, reason = DAMAGES[damage]
    changed = change(file.read_bytes())
    assert changed != file.read_bytes()
    file.write_bytes(changed)
    other.put(OTHERS)
    with pytest.raises(BackupError, match=rf"^ratings\.gz: .*({reason})"):
        restore(other, file, replace=True)
    assert list(other.every()) == OTHERS


def test_a_backup_that_fails_leaves_the_last_one(
    store: RatingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_store: RatingStore) -> Iterator[Write]:
        yield RATINGS[0]
        raise StoreError("lost")

    folder = tmp_path / "backups"
    folder.mkdir()
    backup(store, folder / "ratings.gz")
    before = (folder / "ratings.gz").read_bytes()
    monkeypatch.setattr(RatingStore, "every", broken)
    with pytest.raises(StoreError, match="lost"):
        backup(store, folder / "ratings.gz")
    assert [file.name for file in folder.iterdir()] == ["ratings.gz"]
    assert (folder / "ratings.gz").read_bytes() == before


def test_the_command_backs_up_and_restores(
    store: RatingStore,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = str(tmp_path / "ratings.gz")
    monkeypatch.setenv("FILMKIN_STORE", url_in(tmp_path, "one"))
    assert main(["backup", file]) == 0
    assert main(["restore", file, "--url", url_in(tmp_path, "new")]) == 0
    assert main(["restore", file, "--url", url_in(tmp_path, "new"), "--replace"]) == 0
    said = capsys.readouterr()
    assert said.out == f"20 ratings written to {file}\n" + 2 * f"20 ratings restored from {file}\n"
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["restore", "{}/nothing.gz"], "nothing.gz: No such file or directory"),
        (["backup", "{}/nowhere/ratings.gz"], "ratings.gz: No such file or directory"),
        (["backup", "{}/ratings.gz", "--url", "sqlite:///{}/new.sqlite"], "there is no such store"),
        (["backup", "{}/ratings.gz", "--url", "ratings"], "not of SQLAlchemy's form"),
        (["restore", "{}/one.sqlite", "--url", "sqlite:///{}/new.sqlite"], "BackupError: one.sqlite: it is damaged"),
    ],
)  # fmt: skip
def test_the_command_says_in_one_line_what_went_wrong(
    arguments: list[str], message: str, store: RatingStore, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("FILMKIN_STORE", url_in(tmp_path, "one"))
    assert main([argument.format(tmp_path) for argument in arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1
    assert list(store.every()) == RATINGS
    assert not (tmp_path / "ratings.gz").exists()
