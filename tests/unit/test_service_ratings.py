"""The store behind the service: how it is opened, and what becomes of who waits for it."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from api import ratings
from api.ratings import Ratings
from filmkin.errors import UnavailableError
from store.ratings import Rating, RatingStore, Write
from store.values import Operation
from tests.ratings_oracle import NOON


class SlowStore(RatingStore):
    """Opens, and answers, when it may."""

    may_go_on = threading.Event()
    opened: list["SlowStore"] = []  # noqa: RUF012  # those of one test

    def __init__(self, url: str, **settings: Any) -> None:
        assert self.may_go_on.wait(30)
        super().__init__(url, **settings)
        self.is_open = True
        self.opened.append(self)

    def of(self, user_id: str) -> list[Rating]:
        assert self.may_go_on.wait(30)
        return super().of(user_id)

    def commit(self, operations: Sequence[Operation]) -> list[int]:
        assert self.may_go_on.wait(30)
        return super().commit(operations)

    def close(self) -> None:
        super().close()
        self.is_open = False


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ratings.sqlite'}"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[SlowStore]]:
    """Stores that open when they may; who only looks at one does not wait long."""
    monkeypatch.setattr(ratings, "RatingStore", SlowStore)
    monkeypatch.setattr(ratings, "_LOOK_SECONDS", 0.01)
    SlowStore.may_go_on.clear()
    yield SlowStore
    SlowStore.may_go_on.set()
    SlowStore.opened.clear()


def test_a_store_that_opens_slowly_is_opened_once(url: str, slow: type[SlowStore]) -> None:
    """Those who look meanwhile, and give up, neither end that nor begin another one."""

    async def callers() -> None:
        rated = Ratings(url)
        assert [await rated.is_usable() for _ in range(3)] == [False] * 3
        slow.may_go_on.set()
        assert await rated.of("ann") == []
        assert await rated.is_usable()
        await rated.close()

    asyncio.run(callers())
    assert [store.is_open for store in slow.opened] == [False]


def test_a_store_that_opens_as_the_service_ends_is_closed(url: str, slow: type[SlowStore]) -> None:
    async def callers() -> None:
        rated = Ratings(url)
        assert not await rated.is_usable()
        closing = asyncio.create_task(rated.close())
        await asyncio.sleep(0)
        slow.may_go_on.set()
        await closing

    asyncio.run(callers())
    assert [store.is_open for store in slow.opened] == [False]


def test_nobody_waits_for_ever_for_a_store_that_hangs(
    url: str, slow: type[SlowStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had not been begun when its caller was told so is not stored afterwards."""
    monkeypatch.setattr(ratings, "_ANSWER_SECONDS", 0.05)

    async def callers() -> None:
        rated = Ratings(url)
        with pytest.raises(UnavailableError):
            await rated.of("ann")  # it is not even opened
        slow.may_go_on.set()
        while not await rated.is_usable():
            pass
        slow.may_go_on.clear()
        begun = asyncio.create_task(rated.put([Write("ann", 1, 3.0, NOON)]))
        await asyncio.sleep(0.01)
        for ask in (begun, rated.of("ann"), rated.put([Write("ann", 2, 3.0, NOON)]), rated.forget("ann")):  # fmt: skip
            with pytest.raises(UnavailableError, match="cannot be reached now"):
                await ask
        slow.may_go_on.set()
        await rated.put([Write("ann", 3, 3.0, NOON)])
        assert [one.film_id for one in await rated.of("ann")] == [1, 3]
        await rated.close()

    asyncio.run(callers())


def test_a_store_that_something_else_took_the_place_of_is_not_usable(
    url: str, tmp_path: Path
) -> None:
    async def callers() -> None:
        rated = Ratings(url)
        await rated.put([Write("ann", 1, 3.0, NOON)])
        assert await rated.is_usable()
        for one in tmp_path.glob("ratings.sqlite*"):
            one.unlink()
        (tmp_path / "ratings.sqlite").write_text("Dear Ann, " * 1000)
        assert not await rated.is_usable()
        await rated.close()

    asyncio.run(callers())
