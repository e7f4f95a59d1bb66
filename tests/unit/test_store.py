"""The ratings store in SQLite."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from traceback import format_exception

import pytest
from sqlalchemy import Connection

from filmkin.errors import StoreError, StoreUnavailableError, TooManyRatingsError
from store import allowance, database, ratings, upsert
from store.ratings import RatingStore, Write
from tests.ratings_oracle import NOON, compare_with_dictionary
from tests.store import RatingStoreConformance


class TestSqlite(RatingStoreConformance):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'ratings.sqlite'}"


def test_databases_without_an_upsert_of_their_own_hold_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upsert, "_INSERT", {})
    store = RatingStore(f"sqlite:///{tmp_path / 'ratings.sqlite'}")
    compare_with_dictionary(store)
    store.close()


def test_it_is_in_wal_mode_and_waits_for_the_disk(tmp_path: Path) -> None:
    store = RatingStore(f"sqlite:///{tmp_path / 'ratings.sqlite'}")
    seen = {}

    def look(connection: Connection) -> None:
        for name in ("journal_mode", "synchronous", "busy_timeout"):
            seen[name] = connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    store._read(look)
    store.close()
    assert seen == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000}


def test_a_writer_that_waits_in_vain_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database._CONNECT["sqlite"], "timeout", 0.05)
    file = tmp_path / "ratings.sqlite"
    store = RatingStore(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="database is locked"):
        store.put([Write("ann", 1, 3.0, NOON)])
    assert store.of("ann") == []  # reading goes on
    other.close()
    store.put([Write("ann", 1, 3.0, NOON)])
    store.close()


@pytest.mark.parametrize("is_replaced", [False, True])
@pytest.mark.parametrize("is_late", [False, True])
def test_what_is_written_to_a_file_that_is_gone_is_not_taken_for_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_replaced: bool, is_late: bool
) -> None:
    """Whether it goes before a transaction or in the midst of it."""
    file, other = tmp_path / "ratings.sqlite", tmp_path / "other.sqlite"
    RatingStore(f"sqlite:///{other}").close()
    store = RatingStore(f"sqlite:///{file}")
    assert store.is_usable()

    def lose_file(*_: object) -> None:
        file.unlink()
        if is_replaced:
            other.rename(file)

    if is_late:
        monkeypatch.setattr(ratings, "upsert", lose_file)
    else:
        lose_file()
    with pytest.raises(StoreUnavailableError, match="was deleted or replaced"):
        store.put([Write("ann", 1, 3.0, NOON)])
    assert not store.is_usable()
    store.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ratings.sqlite", "not of SQLAlchemy's form"),
        ("nothing://host/x", "not of SQLAlchemy's form"),
        ("postgresql+psycopg://ann:pass@secret@host:port/x", "not of SQLAlchemy's form"),
        ("sqlite://", "would be lost with the process"),
        ("sqlite:///:memory:", "would be lost with the process"),
        ("sqlite:////nowhere/at/all.sqlite", "unable to open database file"),
        ("oracle://ann:secret@host/x", r"ann:\*\*\*@host/x: its driver is not installed"),
    ],
)
def test_an_url_that_leads_nowhere_is_refused(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refused:
        RatingStore(url)
    assert "secret" not in "".join(format_exception(refused.value))


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ann, " * 1000)
    with pytest.raises(StoreError, match="file is not a database"):
        RatingStore(f"sqlite:///{file}")
    assert file.read_text() == "Dear Ann, " * 1000


def test_of_many_that_write_at_once_nobody_gets_beyond_what_one_may_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "MOST_FILMS", 10)
    stores = [RatingStore(f"sqlite:///{tmp_path / 'ratings.sqlite'}") for _ in range(4)]

    def rate(film_id: int) -> bool:
        try:
            stores[film_id % 4].put([Write("ann", film_id, 3.0, NOON)])
        except TooManyRatingsError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        stored = [film_id for film_id, done in enumerate(threads.map(rate, range(40))) if done]
    assert len(stored) == 10
    assert [one.film_id for one in stores[0].of("ann")] == stored
    for store in stores:
        store.close()


def test_a_rating_stands_in_no_message(tmp_path: Path) -> None:
    store = RatingStore(f"sqlite:///{tmp_path / 'ratings.sqlite'}")
    twice = [Write("annabel", 7_777_777, 4.25, NOON)] * 2
    with pytest.raises(StoreError) as refused:
        store.fill(twice)
    store.close()
    assert not any(value in str(refused.value) for value in ("annabel", "7777777", "4.25"))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
