"""Commits together what comes together: each commit waits for the disk, however much it holds."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

from filmkin.errors import StoreError, StoreUnavailableError
from store.ratings import RatingStore
from store.values import Forget, Operation, Put, Write

_MOST_TOGETHER = 1_000  # operations; others get their turn between two commits

_Outcome: TypeAlias = int | StoreError


class GroupCommit:
    """The writing side of a store, for one event loop.

    While one transaction is committed, in a thread, what else is asked for is gathered and makes
    the next one. Each caller is answered after the commit of its own. For one that no longer waits
    nothing is begun; what was begun may have been stored or not.
    """

    def __init__(self, store: RatingStore) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "ratings")
        self._waiting: list[tuple[Operation, asyncio.Future[int]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._is_closed = False

    async def put(self, writes: Sequence[Write]) -> None:
        """As RatingStore.put."""
        await self._done(Put(tuple(writes)))

    async def forget(self, user_id: str, film_id: int | None = None) -> int:
        """As RatingStore.forget."""
        return await self._done(Forget(user_id, film_id))

    async def close(self) -> None:
        """Writes what is waiting, and takes nothing more; the store itself stays open."""
        self._is_closed = True
        if self._writer:
            await asyncio.shield(self._writer)
        self._thread.shutdown()

    async def _done(self, operation: Operation) -> int:
        operation.check()
        if self._is_closed:
            raise StoreUnavailableError("The store is closed.")
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, answer))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await answer

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            still = [one for one in self._waiting if not one[1].done()]
            group, self._waiting = still[:_MOST_TOGETHER], still[_MOST_TOGETHER:]
            operations = [operation for operation, _ in group]
            done = loop.run_in_executor(self._thread, self._commit, operations)
            await asyncio.wait([done])
            failed = done.exception()  # a fault of the program: its callers are to know
            outcomes = [failed] * len(group) if failed else done.result()
            for (_, answer), outcome in zip(group, outcomes, strict=True):
                _answer(answer, outcome)
        self._writer = None

    def _commit(self, operations: Sequence[Operation]) -> Sequence[_Outcome]:
        """What became of each; where they cannot be done together, each half is tried."""
        try:
            return self._store.commit(operations)
        except StoreUnavailableError as error:  # as it would be for each
            return [error] * len(operations)
        except StoreError as error:
            if len(operations) == 1:
                return [error]
        half = len(operations) // 2
        return [*self._commit(operations[:half]), *self._commit(operations[half:])]


def _answer(answer: asyncio.Future[int], outcome: int | BaseException) -> None:
    if answer.done():  # its caller was cancelled
        return
    if isinstance(outcome, BaseException):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
