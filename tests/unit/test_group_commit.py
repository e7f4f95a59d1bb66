"""What comes together is committed together, and each caller is told what became of its own."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from filmkin.errors import StoreError, StoreUnavailableError, TooManyRatingsError
from store import allowance
from store.group_commit import GroupCommit
from store.ratings import Rating, RatingStore, Write
from store.values import Operation
from tests.ratings_oracle import NOON
from tests.store import run_sql


class WatchedStore(RatingStore):
    """Says the size of each transaction, and can be made to wait in the first one."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.sizes: list[int] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def commit(self, operations: Sequence[Operation]) -> list[int]:
        self.sizes.append(len(operations))
        assert self.may_go_on.wait(30)
        return super().commit(operations)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ratings.sqlite'}"


@pytest.fixture
def store(url: str) -> Iterator[WatchedStore]:
    store = WatchedStore(url)
    yield store
    store.close()


def write(user_id: str, film_id: int = 1, rating: float = 3.0) -> list[Write]:
    return [Write(user_id, film_id, rating, NOON)]


def test_what_comes_while_a_commit_runs_is_committed_together(store: WatchedStore) -> None:
    async def callers() -> None:
        group = GroupCommit(store)
        store.may_go_on.clear()
        first = asyncio.create_task(group.put(write("first")))
        while not store.sizes:
            await asyncio.sleep(0.001)
        others = [asyncio.create_task(group.put(write(f"user {n}"))) for n in range(20)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in (first, *others))
        assert store.of("first") == []
        store.may_go_on.set()
        await asyncio.gather(first, *others)
        await group.close()

    asyncio.run(callers())
    assert store.sizes == [1, 20]
    assert len(list(store.every())) == 21


def test_operations_are_done_in_the_order_in_which_they_came(store: WatchedStore) -> None:
    async def callers() -> list[int | None]:
        group = GroupCommit(store)
        answers = await asyncio.gather(
            group.put(write("ann", 1)),
            group.put(write("ann", 2)),
            group.forget("ann"),
            group.put(write("ann", 3, 1.0)),
            group.put(write("ann", 3, 2.0)),
            group.forget("ann", 4),
        )
        await group.close()
        return list(answers)

    assert asyncio.run(callers()) == [None, None, 2, None, None, 0]
    assert store.sizes == [6]
    assert store.of("ann") == [Rating(3, 2.0, NOON)]


def test_one_that_is_refused_does_not_fail_the_others(store: WatchedStore, url: str) -> None:
    """Whether it is refused before it comes to the database, or by that alone."""
    run_sql(url, "CREATE TRIGGER refuse BEFORE INSERT ON ratings WHEN new.user_id = 'bad'"
                 " BEGIN SELECT RAISE(ABORT, 'not this one'); END")  # fmt: skip

    async def callers() -> list[BaseException | None]:
        group = GroupCommit(store)
        names = ("a", "bad", "b", "")
        tasks = [group.put(write(name)) for name in names]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await group.close()
        return answers

    fine, by_database, also_fine, before = asyncio.run(callers())
    assert (fine, also_fine) == (None, None)
    assert isinstance(by_database, StoreError)
    assert "not this one" in str(by_database)
    assert isinstance(before, StoreError)
    assert store.sizes == [3, 1, 2, 1, 1]
    assert [found.user_id for found in store.every()] == ["a", "b"]


def test_one_that_rates_too_many_films_is_found_among_many(
    store: WatchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By halves: the others do not each wait for the disk."""
    monkeypatch.setattr(allowance, "MOST_FILMS", 2)
    store.put([*write("full", 1), *write("full", 2)])
    store.sizes.clear()

    async def callers() -> list[BaseException | None]:
        group = GroupCommit(store)
        names = [f"user {n}" for n in range(64)]
        names[20] = "full"
        tasks = [group.put(write(name, 3)) for name in names]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await group.close()
        return answers

    answers = asyncio.run(callers())
    assert [place for place, answer in enumerate(answers) if answer] == [20]
    assert isinstance(answers[20], TooManyRatingsError)
    assert len(store.sizes) == 1 + 2 * 6  # 64 is 2 to the power of 6
    assert [one.film_id for one in store.of("full")] == [1, 2]
    assert all(len(store.of(f"user {n}")) == 1 for n in range(64) if n != 20)


def test_where_the_database_is_down_all_are_told_at_once(
    store: WatchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_store: RatingStore, _operations: Sequence[Operation]) -> list[int]:
        store.sizes.append(len(_operations))
        raise StoreUnavailableError("down")

    monkeypatch.setattr(WatchedStore, "commit", down)

    async def callers() -> list[BaseException | None]:
        group = GroupCommit(store)
        tasks = [group.put(write(f"user {n}")) for n in range(5)]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        await group.close()
        return answers

    assert [type(answer) for answer in asyncio.run(callers())] == [StoreUnavailableError] * 5
    assert store.sizes == [5]


def test_a_fault_of_the_program_leaves_nobody_waiting(
    store: WatchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(WatchedStore, "commit", lambda _store, _operations: 1 // 0)

        async def callers() -> list[BaseException | None]:
            group = GroupCommit(store)
            tasks = [group.put(write("a")), group.put(write("b"))]
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            patched.undo()
            await group.put(write("c"))
            await group.close()
            return answers

        answers = asyncio.run(callers())
    assert [type(answer) for answer in answers] == [ZeroDivisionError] * 2
    assert [found.user_id for found in store.every()] == ["c"]


def test_closing_writes_what_is_waiting_and_takes_nothing_more(store: WatchedStore) -> None:
    async def callers() -> None:
        group = GroupCommit(store)
        tasks = [asyncio.create_task(group.put(write(f"user {n}"))) for n in range(5)]
        await asyncio.sleep(0)  # they have asked, and none is answered
        await group.close()
        await asyncio.gather(*tasks)
        with pytest.raises(StoreUnavailableError, match="closed"):
            await group.put(write("late"))

    asyncio.run(callers())
    assert len(list(store.every())) == 5


def test_a_caller_that_goes_away_holds_nobody_up(store: WatchedStore) -> None:
    async def callers() -> None:
        group = GroupCommit(store)
        gone = asyncio.create_task(group.put(write("gone")))
        await asyncio.sleep(0)
        stays = asyncio.create_task(group.put(write("stays")))
        gone.cancel()
        await stays
        await group.close()

    asyncio.run(callers())
    assert store.of("stays") == [Rating(1, 3.0, NOON)]
