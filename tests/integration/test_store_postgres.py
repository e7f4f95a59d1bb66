"""The ratings store in a real PostgreSQL, and what it does when that goes away."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text

from api import ratings
from api.ratings import Ratings
from filmkin.errors import StoreError, StoreUnavailableError, UnavailableError
from store.backup import backup, restore
from store.ratings import Rating, RatingStore, Write
from tests.postgres import PROGRAMS, WHY_NOT, Postgres, postgres
from tests.ratings_oracle import NOON
from tests.store import RatingStoreConformance, run_sql

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


def test_of_two_that_wait_for_each_other_the_one_that_is_ended_is_tried_again(
    store: RatingStore, url: str
) -> None:
    """PostgreSQL ends the store's, for the other one is told to look for a deadlock later."""
    store.put([ANNS, Write("bob", 1, 3.0, NOON)])
    ended = errors_of(store)
    engine = create_engine(url)
    forget = "DELETE FROM ratings WHERE user_id = '{}'"
    with ThreadPoolExecutor(1) as thread:
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL deadlock_timeout = '1min'"))
            connection.execute(text(forget.format("bob")))
            asked = thread.submit(store.put, [ANNS, Write("bob", 1, 4.0, NOON)])
            wait_for_a_waiter(connection)  # for Bob; it has Ann's already
            connection.execute(text(forget.format("ann")))
        asked.result(timeout=30)
    engine.dispose()
    assert ended == ["40P01"]
    assert (store.of("ann"), store.of("bob")) == ([Rating(1, 3.0, NOON)], [Rating(1, 4.0, NOON)])


def errors_of(store: RatingStore) -> list[str]:
    """The SQLSTATE of each error that the database gives the store from now on."""
    seen: list[str] = []
    event.listen(
        store._engine,
        "handle_error",
        lambda context: seen.append(context.original_exception.sqlstate),
    )
    return seen


def wait_for_a_waiter(connection: Connection) -> None:
    """Until somebody waits for a lock."""
    while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        pass


@pytest.mark.parametrize(("failures", "is_stored"), [(1, True), (2, False)])
def test_a_transaction_that_was_undone_for_another_is_tried_once_more(
    store: RatingStore, url: str, failures: int, *, is_stored: bool
) -> None:
    fail_with(url, "40001", failures)
    ended = errors_of(store)
    if is_stored:
        store.put([ANNS])
    else:
        with pytest.raises(StoreUnavailableError, match="not this time"):
            store.put([ANNS])
    assert ended == ["40001"] * failures
    assert (store.of("ann") != []) is is_stored


def fail_with(url: str, state: str, failures: int) -> None:
    """Have the next so many writes of a rating end with an SQLSTATE."""
    run_sql(url, "CREATE SEQUENCE tries")  # no transaction that is undone takes its numbers back
    run_sql(
        url,
        f"""
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('tries') <= {failures} THEN
                RAISE EXCEPTION 'not this time' USING ERRCODE = '{state}';
            END IF;
            RETURN new;
        END $$
        """,
    )
    run_sql(
        url, "CREATE TRIGGER fail BEFORE INSERT ON ratings FOR EACH ROW EXECUTE FUNCTION fail()"
    )


def test_a_database_that_lets_nobody_write_is_one_that_cannot_be_used_now(
    store: RatingStore, url: str
) -> None:
    """As one that stands by, or that an operator has stopped writing to."""
    store.put([ANNS])
    read_only = RatingStore(f"{url}?options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(StoreUnavailableError, match="read-only transaction"):
        read_only.put([ANNS])
    assert read_only.of("ann") == [Rating(1, 3.0, NOON)]
    read_only.close()


def test_who_is_waited_for_waits_for_no_lock_for_ever(url: str) -> None:
    served = RatingStore(url, statement_seconds=1)
    with locked(url):
        for ask in (lambda: served.of("ann"), lambda: served.put([ANNS])):
            with pytest.raises(StoreUnavailableError, match="due to lock timeout"):
                ask()
    served.put([ANNS])
    served.close()


def test_a_statement_that_takes_too_long_is_ended_and_a_backup_never_is(
    store: RatingStore, url: str
) -> None:
    served = RatingStore(url, statement_seconds=1)
    with pytest.raises(StoreUnavailableError, match="due to statement timeout"):
        served._read(lambda connection: connection.scalar(text("SELECT pg_sleep(600)")))
    served.close()
    assert limits(store) == ["0", "0"]


def limits(store: RatingStore) -> list[str]:
    """For a lock, and for a statement, as PostgreSQL writes them; 0 for none."""
    sql = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    return list(store._read(lambda connection: connection.execute(text(sql)).one()))


def test_an_urls_own_limit_comes_first(url: str) -> None:
    asked = RatingStore(f"{url}?options=-c%20lock_timeout%3D7s", statement_seconds=10)
    assert limits(asked) == ["7s", "10s"]
    asked.close()


def test_the_service_goes_on_while_postgresql_is_frozen_and_after(
    running: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections stay open, and nothing comes over them."""
    monkeypatch.setattr(ratings, "_ANSWER_SECONDS", 0.2)

    async def service() -> None:
        rated = Ratings(url)
        await rated.put([ANNS])
        with running.frozen():
            for ask in (rated.of("ann"), rated.put([ANNS])):
                with pytest.raises(UnavailableError, match="cannot be reached now"):
                    await ask
        monkeypatch.setattr(ratings, "_ANSWER_SECONDS", 30)
        assert await rated.of("ann") == [Rating(1, 3.0, NOON)]
        await rated.put([ANNS])
        await rated.close()

    asyncio.run(service())


def test_a_password_and_a_rating_stand_in_no_message(url: str) -> None:
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
