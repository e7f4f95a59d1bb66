"""Requests that come at the same time are answered by one statement, and each gets its own rows."""

import asyncio
from collections.abc import Mapping, Sequence

from api.db.batch import Batch

CLIENTS = 8
MOST = 5
TURNS = 100


class Table:
    """Squares of even numbers, and what was asked for, statement by statement."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.is_broken = False

    def fetch(self, keys: Sequence[int]) -> Mapping[int, int]:
        self.asked.append(list(keys))
        if self.is_broken:
            raise LookupError("broken")
        return {key: key * key for key in keys if key % 2 == 0}


def test_who_comes_alone_is_answered_by_a_statement_of_its_own() -> None:
    table = Table()
    batch = Batch(table.fetch, MOST)

    async def one_by_one() -> list[Mapping[int, int]]:
        return [await batch.rows([key]) for key in range(TURNS)]

    found = asyncio.run(one_by_one())
    assert found == [{key: key * key} if key % 2 == 0 else {} for key in range(TURNS)]
    assert table.asked == [[key] for key in range(TURNS)]


def test_those_who_come_together_share_statements_of_bounded_size() -> None:
    table = Table()
    batch = Batch(table.fetch, MOST)

    async def client(number: int) -> None:
        for turn in range(TURNS):
            key = CLIENTS * turn + number
            assert (await batch.rows([key])).get(key) == (key * key if key % 2 == 0 else None)
            await asyncio.sleep(0)  # the next request is read in another turn of the loop

    async def together() -> None:
        await asyncio.gather(*(client(number) for number in range(CLIENTS)))

    asyncio.run(together())
    # Alone cost one statement each; from when it is noticed that they come together, two a turn.
    assert sorted(key for keys in table.asked for key in keys) == list(range(CLIENTS * TURNS))
    assert max(map(len, table.asked)) == MOST
    assert len(table.asked) < 3 * TURNS


def test_a_request_of_more_keys_than_a_batch_is_asked_whole() -> None:
    table = Table()
    batch = Batch(table.fetch, MOST)
    keys = list(range(0, 4 * MOST, 2))

    async def beside() -> tuple[Mapping[int, int], Mapping[int, int]]:
        for _ in range(TURNS):
            await asyncio.gather(*(batch.rows([0]) for _ in range(CLIENTS)))
        return await asyncio.gather(batch.rows(keys), batch.rows([0]))

    many, one = asyncio.run(beside())
    assert many == {key: key * key for key in keys}
    assert one[0] == 0


def test_what_fails_fails_for_all_who_asked_and_for_nobody_after() -> None:
    table = Table()
    batch = Batch(table.fetch, MOST)

    async def asked() -> list[BaseException | Mapping[int, int]]:
        for _ in range(TURNS):
            await asyncio.gather(*(batch.rows([0]) for _ in range(CLIENTS)))
        table.is_broken, before = True, len(table.asked)
        answers = await asyncio.gather(
            *(batch.rows([key]) for key in range(MOST)), return_exceptions=True
        )
        assert len(table.asked) == before + 1
        table.is_broken = False
        assert await batch.rows([2]) == {2: 4}
        return answers

    answers = asyncio.run(asked())
    assert len(answers) == MOST
    assert all(isinstance(answer, LookupError) for answer in answers)
