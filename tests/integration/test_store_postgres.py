"""The ratings store in a real PostgreSQL, and what it does when that goes away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from filmkin.errors import StoreError, StoreUnavailableError
from store.backup import backup, restore
from store.ratings import Rating, RatingStore, Write
from tests.postgres import PROGRAMS, WHY_NOT, Postgres, postgres
from tests.ratings_oracle import NOON
from tests.store import RatingStoreConformance

pytestmark = pytest.mark.skipif(PROGRAMS is None, reason=WHY_NOT)

ANNS = Write("ann", 1, 3.0, NOON)


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture
def url(running: Postgres) -> str:
    return running.empty_database()


@pytest.fixture
def store(url: str) -> Iterator[RatingStore]:
    store = RatingStore(url)
    yield store
    store.close()


class TestPostgres(RatingStoreConformance):
    kills = 2  # what is acknowledged is the other process's already


@contextmanager
def locked(url: str) -> Iterator[Connection]:
    """Whoever reads or writes ratings waits until the block ends."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE ratings IN ACCESS EXCLUSIVE MODE"))
        yield connection
    engine.dispose()


def end_who_waits(connection: Connection) -> None:
    """Ends the connection that waits for the lock, once there is one."""
    ended = None
    while not ended:
        ended = connection.scalar(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
        )


def test_a_read_whose_connection_is_lost_is_asked_again(store: RatingStore, url: str) -> None:
    store.put([ANNS])
    with ThreadPoolExecutor(1) as thread:
        with locked(url) as connection:
            asked = thread.submit(store.of, "ann")
            end_who_waits(connection)
        assert asked.result(timeout=30) == [Rating(1, 3.0, NOON)]


def test_a_write_whose_connection_is_lost_is_told(store: RatingStore, url: str) -> None:
    with ThreadPoolExecutor(1) as thread:
        with locked(url) as connection:
            asked = thread.submit(store.put, [ANNS])
            end_who_waits(connection)
        with pytest.raises(StoreUnavailableError, match="terminating connection"):
            asked.result(timeout=30)
    assert store.of("ann") == []
    store.put([ANNS])
    assert len(store.of("ann")) == 1


def test_it_goes_on_when_the_database_is_back(
    store: RatingStore, url: str, running: Postgres
) -> None:
    store.put([ANNS])
    running.stop()
    try:
        assert not store.is_usable()
        for ask in (lambda: store.of("ann"), lambda: store.put([ANNS]), lambda: RatingStore(url)):
            with pytest.raises(StoreUnavailableError, match="Connection refused") as refused:
                ask()
            assert "\n" not in str(refused.value)
    finally:
        running.start()
    assert store.is_usable()
    assert store.of("ann") == [Rating(1, 3.0, NOON)]


def test_two_that_wait_for_each_other_are_told_that_trying_again_can_help(
    store: RatingStore, url: str
) -> None:
    """PostgreSQL ends one of them after a second; the store is there all the same."""
    store.put([ANNS, Write("bob", 1, 3.0, NOON)])
    engine = create_engine(url)
    forget = "DELETE FROM ratings WHERE user_id = '{}'"
    with ThreadPoolExecutor(1) as thread, engine.begin() as connection:
        connection.execute(text(forget.format("bob")))
        asked = thread.submit(store.put, [ANNS, Write("bob", 1, 4.0, NOON)])
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not connection.scalar(waits):
            pass
        connection.execute(text("SET LOCAL deadlock_timeout = '1min'"))
        connection.execute(text(forget.format("ann")))
        with pytest.raises(StoreError, match="deadlock detected") as ended:
            asked.result(timeout=30)
    engine.dispose()
    assert not isinstance(ended.value, StoreUnavailableError)


def test_a_password_and_a_rating_stand_in_no_message(running: Postgres, url: str) -> None:
    with pytest.raises(StoreUnavailableError) as refused:
        RatingStore(url.replace("filmkin@", "nobody:secret@"))
    assert "secret" not in str(refused.value)
    store = RatingStore(url)
    with pytest.raises(StoreError) as twice:
        store.fill([Write("annabel", 7_777_777, 4.25, NOON)] * 2)
    store.close()
    assert not any(value in str(twice.value) for value in ("annabel", "7777777", "4.25"))


def test_ratings_go_from_sqlite_to_postgresql_and_back(store: RatingStore, tmp_path: Path) -> None:
    sqlite = RatingStore(f"sqlite:///{tmp_path / 'one.sqlite'}")
    back = RatingStore(f"sqlite:///{tmp_path / 'two.sqlite'}")
    names = ["ann", "Ann", "ä", "🎬", "a'b\"c\n"]
    sqlite.put([Write(name, film, 0.5 + film / 3, NOON) for name in names for film in range(9)])
    try:
        for come, go in ((sqlite, store), (store, back)):
            assert backup(come, tmp_path / "ratings.gz") == 45
            assert restore(go, tmp_path / "ratings.gz") == 45
        assert list(sqlite.every()) == list(store.every()) == list(back.every())
    finally:
        sqlite.close()
        back.close()
