"""What every database of a ratings store must do: a suite that is run on each of them."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from filmkin.errors import StoreError, TooManyRatingsError
from store import allowance
from store.ratings import Rating, RatingStore, Write
from tests.rating_writer import CALLERS, FILMS, Versions, Writer, time_of, version_of
from tests.ratings_oracle import NOON, USERS, compare_with_dictionary

PEOPLE = [f"user {n}" for n in range(CALLERS)]  # of the writers

WRONG = [
    Write("ann", 1, 0.49, NOON),
    Write("ann", 1, 5.01, NOON),
    Write("ann", 1, float("nan"), NOON),
    Write("ann", -1, 3.0, NOON),
    Write("ann", 2**31, 3.0, NOON),
    Write("", 1, 3.0, NOON),
    Write("a" * 65, 1, 3.0, NOON),
    Write("a\0", 1, 3.0, NOON),
    Write("\ud800", 1, 3.0, NOON),
    Write("ann", 1, 3.0, NOON.replace(tzinfo=None)),
]
WRONG_VALUES: dict[str, list[object]] = {
    "user_id": ["", "a" * 65, None],
    "film_id": [-1, None],
    "rating": [0.4, 5.1, float("nan"), None],
    "rated_at": [None],
}


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def run_sql(url: str, statement: str, **values: object) -> None:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement), values)
    finally:
        engine.dispose()


class RatingStoreConformance:
    """Tests of a store; who inherits them gives the fixture `url`, of an empty database."""

    kills = 5

    @pytest.fixture
    def store(self, url: str) -> Iterator[RatingStore]:
        store = RatingStore(url)
        yield store
        store.close()

    def test_what_was_put_is_given_back_the_newest_first(self, store: RatingStore) -> None:
        odd = 0.1 + 2 / 3
        store.put(
            [Write("ann", 7, 4.5, at(0)), Write("ann", 2, odd, at(1)), Write("bob", 7, 0.5, at(2))]
        )
        store.put([Write("ann", 1, 5.0, at(0)), Write("ann", 2**31 - 1, 3, at(-1e5))])
        assert store.of("ann") == [
            Rating(2, odd, at(1)),
            Rating(1, 5.0, at(0)),
            Rating(7, 4.5, at(0)),
            Rating(2**31 - 1, 3.0, at(-1e5)),
        ]
        assert store.of("bob") == [Rating(7, 0.5, at(2))]
        assert store.of("nobody") == []

    def test_times_of_other_zones_are_given_back_in_utc(self, store: RatingStore) -> None:
        store.put(
            [Write("ann", 1, 1.0, datetime.fromisoformat("2026-11-22T14:00:00.000001+02:00"))]
        )
        (rating,) = store.of("ann")
        assert rating.rated_at.isoformat() == "2026-11-22T12:00:00.000001+00:00"

    def test_the_last_rating_of_a_film_wins_and_its_time_never_goes_back(
        self, store: RatingStore
    ) -> None:
        store.put([Write("ann", 1, 2.0, at(5)), Write("ann", 1, 3.0, at(4))])
        assert store.of("ann") == [Rating(1, 3.0, at(5))]
        store.put([Write("ann", 1, 4.0, at(3))])
        assert store.of("ann") == [Rating(1, 4.0, at(5))]
        store.put([Write("ann", 1, 1.0, at(6))])
        assert store.of("ann") == [Rating(1, 1.0, at(6))]

    def test_forgetting_says_how_much_was_forgotten(self, store: RatingStore) -> None:
        store.put([Write(user, film, 3.0, NOON) for user in USERS for film in range(5)])
        assert store.forget("ann", 3) == 1
        assert store.forget("ann", 3) == 0
        assert store.forget("ann") == 4
        assert store.forget("ann") == 0
        assert len(store.of("bob")) == 5

    def test_a_person_rates_so_many_films_and_no_more(
        self, store: RatingStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(allowance, "MOST_FILMS", 3)
        store.put([Write("ann", film, 3.0, NOON) for film in range(3)])
        told = "3 films are rated already, with these it would be 4, and 3 may be"
        with pytest.raises(TooManyRatingsError, match=told):
            store.put([Write("bob", 9, 1.0, NOON), *(Write("ann", n, 1.0, NOON) for n in (2, 3))])
        assert store.of("bob") == []
        assert store.of("ann") == [Rating(film, 3.0, NOON) for film in range(3)]
        store.put([Write("bob", 9, 1.0, NOON), Write("ann", 2, 1.0, NOON)])
        store.forget("ann", 2)
        store.put([Write("ann", 9, 1.0, NOON)])
        assert [one.film_id for one in store.of("ann")] == [0, 1, 9]

    def test_who_has_more_ratings_by_a_restore_keeps_and_changes_them(
        self, store: RatingStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(allowance, "MOST_FILMS", 3)
        store.fill([Write("ann", film, 3.0, NOON) for film in range(5)])
        store.put([Write("ann", 4, 1.0, NOON)])
        with pytest.raises(TooManyRatingsError):
            store.put([Write("ann", 5, 1.0, NOON)])
        assert [one.rating for one in store.of("ann")] == [3.0] * 4 + [1.0]

    def test_it_holds_what_a_dictionary_would(self, store: RatingStore) -> None:
        compare_with_dictionary(store)

    def test_any_text_is_a_name_and_nothing_else(self, store: RatingStore) -> None:
        names = [
            "x'); DROP TABLE ratings; --",
            "%",
            "a b\n",
            "Ä",
            "a",
            "B",
            "ａ",
            "🎬" * 64,
            ":user_id",
            "\x01",
        ]
        store.put([Write(name, n, 1.0, NOON) for n, name in enumerate(names)])
        assert [write.user_id for write in store.every()] == sorted(names)
        assert all(store.of(name) == [Rating(n, 1.0, NOON)] for n, name in enumerate(names))
        assert store.forget("%") == 1

    def test_with_one_wrong_write_nothing_is_stored(self, store: RatingStore) -> None:
        for wrong in WRONG:
            with pytest.raises(StoreError):
                store.put([Write("ann", 1, 3.0, NOON), wrong])
        assert list(store.every()) == []

    def test_the_schema_itself_refuses_what_is_no_rating(
        self, store: RatingStore, url: str
    ) -> None:
        row = {"user_id": "ann", "film_id": 1, "rating": 3.0, "rated_at": 0}
        statement = "INSERT INTO ratings VALUES (:user_id, :film_id, :rating, :rated_at)"
        for column, values in WRONG_VALUES.items():
            for value in values:
                with pytest.raises(SQLAlchemyError):
                    run_sql(url, statement, **{**row, column: value})
        run_sql(url, statement, **row)
        assert len(list(store.every())) == 1

    def test_all_ratings_are_those_of_one_moment(self, store: RatingStore) -> None:
        before = [Write("ann", film, 3.0, NOON) for film in range(5_000)]
        store.put(before)
        every = store.every()
        first = next(every)
        store.put([Write("ann", 4_999, 1.0, at(1)), Write("zoe", 1, 1.0, at(1))])
        store.forget("ann", 4_998)
        assert [first, *every] == before
        assert len(list(store.every())) == 5_000

    def test_another_process_sees_what_was_stored(self, store: RatingStore, url: str) -> None:
        other = RatingStore(url)
        store.put([Write("ann", 1, 3.0, NOON)])
        assert other.of("ann") == [Rating(1, 3.0, NOON)]
        assert other.is_usable()
        other.close()

    def test_a_store_of_a_newer_version_is_refused(self, store: RatingStore, url: str) -> None:
        run_sql(url, "UPDATE store_version SET version = 2")
        with pytest.raises(StoreError, match="of version 2, and this program knows 1"):
            RatingStore(url)
        assert not store.is_usable()

    def test_a_database_of_something_else_is_refused(self, url: str) -> None:
        run_sql(url, "CREATE TABLE ratings (stars INTEGER)")
        with pytest.raises(StoreError, match="its table ratings belongs to something else"):
            RatingStore(url)

    def test_only_who_asks_for_one_makes_a_store(self, url: str) -> None:
        with pytest.raises(StoreError, match=r"no such store|no ratings store"):
            RatingStore(url, make=False)
        RatingStore(url).close()
        RatingStore(url, make=False).close()

    def test_many_make_the_store_at_once(self, url: str) -> None:
        everyone_is_there = Barrier(8)

        def make() -> bool:
            everyone_is_there.wait(30)
            with closing(RatingStore(url)) as store:
                return store.is_usable()

        with ThreadPoolExecutor(8) as threads:
            made = [threads.submit(make) for _ in range(8)]
            assert all(one.result() for one in made)

    def test_filling_is_all_or_nothing(self, store: RatingStore) -> None:
        old = [Write("ann", 1, 3.0, NOON)]
        new = [Write("bob", film, 2.0, NOON) for film in range(4_500)]
        store.put(old)
        with pytest.raises(StoreError, match="there are ratings already"):
            store.fill(new)
        with pytest.raises(StoreError):
            store.fill([*new, new[0]], replace=True)
        with pytest.raises(StoreError):
            store.fill([*new, Write("bob", -1, 2.0, NOON)], replace=True)
        assert list(store.every()) == old
        assert store.fill(iter(new), replace=True) == 4_500
        assert list(store.every()) == new

    def test_several_processes_write_at_once(self, url: str, tmp_path: Path) -> None:
        """They even make the store at once. Of each film the last write of one of them stands."""
        ranges = [range(first, first + 5) for first in (0, 1_000, 2_000)]
        writers = [Writer(url, tmp_path / f"{some.start}.log", some) for some in ranges]
        for writer in writers:
            writer.wait()
        store = RatingStore(url)
        found = list(store.every())
        store.close()
        assert {write[:2] for write in found} == set(product(PEOPLE, range(FILMS)))
        assert len(found) == CALLERS * FILMS
        assert {version_of(write.rating) for write in found} <= {some[-1] for some in ranges}
        assert {write.rated_at for write in found} == {time_of(ranges[-1][-1])}

    def test_no_acknowledged_rating_is_lost_by_a_kill(self, url: str, tmp_path: Path) -> None:
        """Nor is one there that was never sent, or one that a later acknowledged one replaced."""
        sent: Versions = {}
        done: Versions = {}
        for first in range(0, 1_000 * self.kills, 1_000):
            writer = Writer(url, tmp_path / f"{first}.log", range(first, first + 1_000))
            writer.wait_for_first()
            time.sleep(random.uniform(0, 0.2))
            writer.kill()
            sent |= writer.said("sent")
            done |= writer.said("done")
        store = RatingStore(url)
        every = list(store.every())
        store.close()
        found = {write[:2]: version_of(write.rating) for write in every}
        assert len(found) == len(every)
        assert len(done) > CALLERS
        assert set(done) <= set(found) <= set(sent)
        wrong = [key for key in found if not done.get(key, 0) <= found[key] <= sent[key]]
        assert wrong == []
