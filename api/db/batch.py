"""Questions that come at the same time, asked as one.

A statement costs the database more than the rows do that it finds by key. So the keys of all
requests that are being read are gathered, and one statement asks for them together: the busier
the service, the fewer statements a request. Nothing is kept: every answer is read anew. Where
mostly one comes at a time nobody waits for others, which would take longer than the answer.

It is asked on the event loop itself: to hand it to a thread and back takes as long as the answer.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key")
Row = TypeVar("Row")

# Of the event loop, each of some microseconds: requests that came together are read by then.
_ROUNDS = 3

# Requests that come in one turn of the event loop, on average, from which on they are gathered.
_SEVERAL = 1.5
_LATELY = 1 / 16  # weight of the last such turn in the average


class Batch(Generic[Key, Row]):
    """Rows by key, fetched by one statement at a time. For one event loop."""

    def __init__(self, fetch: Callable[[Sequence[Key]], Mapping[Key, Row]], most: int) -> None:
        """`fetch` gives the rows that there are; it is asked for `most` keys at most, or as many as
        a single request wants.
        """
        self._fetch = fetch
        self._most = most
        self._waiting: deque[tuple[Sequence[Key], asyncio.Future[Mapping[Key, Row]]]] = deque()
        self._work: asyncio.Task[None] | None = None
        self._came = 0
        self._together = 1.0

    async def rows(self, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """The rows of these keys, and perhaps of others. Raises what `fetch` raises."""
        self._count()
        if self._together < _SEVERAL and self._work is None:
            return self._fetch(keys)
        answer: asyncio.Future[Mapping[Key, Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append((keys, answer))
        if self._work is None:
            self._work = asyncio.create_task(self._answer_all())
        return await answer

    def _count(self) -> None:
        self._came += 1
        if self._came == 1:
            asyncio.get_running_loop().call_soon(self._turn_ends)

    def _turn_ends(self) -> None:
        self._together += _LATELY * (self._came - self._together)
        self._came = 0

    async def _answer_all(self) -> None:
        while self._waiting:
            await self._gather()
            asked, answers = self._next()
            try:
                rows = self._fetch(asked)
            except Exception as error:  # noqa: BLE001  it is for those who asked
                for answer in answers:
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for answer in answers:
                    if not answer.done():
                        answer.set_result(rows)
        self._work = None

    async def _gather(self) -> None:
        """Let requests that are being read already come as far as this; one alone does not wait."""
        before = 1
        for _ in range(_ROUNDS):
            if len(self._waiting) == before:
                break
            before = len(self._waiting)
            await asyncio.sleep(0)

    def _next(self) -> tuple[list[Key], list[asyncio.Future[Mapping[Key, Row]]]]:
        keys, answer = self._waiting.popleft()
        asked, answers = dict.fromkeys(keys), [answer]
        while self._waiting and len(asked) + len(self._waiting[0][0]) <= self._most:
            keys, answer = self._waiting.popleft()
            asked.update(dict.fromkeys(keys))
            answers.append(answer)
        return list(asked), answers
