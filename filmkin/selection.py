"""Films in memory, column by column: which of them are chosen, and in which order they stand.

A choice is a mask, (n,) bool over the n films in the order of film_id; choices are combined by
`&`. A film that has no value in a column is in no range of it, and stands last in its order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Lists, Rows

Mask = NDArray[np.bool_]


# Of a member that more than this share of all films has, those are kept as a mask.
_OF_MANY = 0.01
# A share of all films: the members of fewer are gone through one by one.
_FEW_OF_FILMS = 0.02
# So many members are counted first, then twice as many.
_FIRST_MEMBERS = 256
# So few members are looked up one by one.
_FEW_MEMBERS = 50


class Members:
    """Which of m members (genres, people) belong to each of n films, from both sides."""

    def __init__(self, films: Rows, counts: NDArray[np.int64], n: int) -> None:
        """`films` (c,) int32 are those of the members one behind the other, counts (m,) of each.

        Raises ValueError where there is no such film.
        """
        per_film = np.bincount(films, minlength=n)
        if len(per_film) > n:
            raise ValueError(f"there is no film {len(per_film) - 1} among {n}")
        self._films = Lists(films, counts)
        members = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        by_film = np.argsort(films, kind="stable")
        self._of_many: dict[int, Mask] = {}
        self._members = Lists(members[by_film], per_film)
        # The members, those of most films first. Of numbers so small sorting is ten times as fast.
        least_first = counts.astype(np.uint16) if counts.max(initial=0) < 1 << 16 else counts
        self._by_films = np.argsort(least_first, kind="stable")[::-1].astype(np.int32)
        for member in np.flatnonzero(counts > _OF_MANY * n).tolist():
            self._of_many[member] = self.films_of(np.array([member], dtype=np.int32))

    def films_of(self, members: Rows) -> Mask:
        """The films that have at least one of the members."""
        chosen = np.zeros(len(self._members), dtype=bool)
        if len(members) <= _FEW_MEMBERS:
            known = [member for member in members.tolist() if member in self._of_many]
            for member in known:
                chosen |= self._of_many[member]
            members = np.setdiff1d(members, known) if known else members
        chosen[self._films.of(members)] = True
        return chosen

    def of_films(self, chosen: Mask) -> Mask:
        """(m,) which members the chosen films have."""
        found = np.zeros(len(self._films), dtype=bool)
        found[self._listed(chosen)] = True
        return found

    def of_film(self, film: int) -> Rows:
        """The members of one film."""
        return self._members.of(np.array([film]))

    def counts(self, chosen: Mask) -> NDArray[np.int64]:
        """(m,) how many of the chosen films have each member."""
        return np.bincount(self._listed(chosen), minlength=len(self._films))

    def most_often(self, chosen: Mask, most: int) -> tuple[Rows, NDArray[np.int64]]:
        """The members that most of the chosen films have, ascending, and how many have each.

        So many of them, and those that are equal to the last.
        """
        if np.count_nonzero(chosen) > _FEW_OF_FILMS * len(chosen):
            members, counts = self._often(chosen, most)
        else:
            members, counts = np.unique(self._listed(chosen), return_counts=True)
        if len(members) > most:
            reach = counts >= _last_of(counts, most)
            members, counts = members[reach], counts[reach]
        return members, counts

    def _often(self, chosen: Mask, most: int) -> tuple[Rows, NDArray[np.int64]]:
        """Members with how many of the chosen films have each, ascending: all that count most.

        Those of most films are counted first. One that has fewer films than another has chosen
        ones is not counted.
        """
        members, counts = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
        start, stop, least = 0, _FIRST_MEMBERS, 1
        while start < len(self._by_films):
            step = self._by_films[start:stop]
            if self._films.counts(step[:1])[0] < least:
                break
            passed = np.concatenate([[0], np.cumsum(chosen[self._films.of(step)])])
            ends = np.cumsum(self._films.counts(step))
            having = passed[ends] - passed[np.concatenate([[0], ends[:-1]])]
            members = np.concatenate([members, step[having > 0]])
            counts = np.concatenate([counts, having[having > 0]])
            if len(counts) >= most:
                least = _last_of(counts, most)
            start, stop = stop, stop + 2 * (stop - start)
        order = np.argsort(members)
        return members[order], counts[order]

    def _listed(self, chosen: Mask) -> Rows:
        """The members of the chosen films, one by one."""
        return self._members.of(np.flatnonzero(chosen))


def _last_of(counts: NDArray[np.int64], most: int) -> int:
    """The last of the `most` largest of counts above 0, of which there are as many or more.

    A selection by comparing is slow where nearly all are equal, as they are here.
    """
    having = np.cumsum(np.bincount(counts)[::-1])  # how many counts are so large, the largest first
    return len(having) - 1 - int(np.searchsorted(having, most))


# So many films are looked at first of an order, then twice as many.
_FIRST_STEP = 1_024


class Order:
    """The films by a value, equals by film_id; who has none stands last, either way round.

    by_rank (n,) int32 are the films in ascending order, of which the first `known` have a value.
    """

    def __init__(
        self,
        by_rank: Rows,
        known: int,
        film_ids: NDArray[np.int32],
        value_of: Callable[[int], Any],
    ) -> None:
        """`value_of` gives the value of a film, by its place in film_ids, as it is compared."""
        self._by_rank = by_rank
        self._known = known
        self._film_ids = film_ids
        self._value_of = value_of
        self._ranks = np.empty_like(by_rank)
        self._ranks[by_rank] = np.arange(len(by_rank), dtype=np.int32)

    @classmethod
    def of_numbers(cls, values: NDArray[np.float64], film_ids: NDArray[np.int32]) -> "Order":
        """By numbers, (n,), NaN where there is none; film_ids (n,) ascending."""
        by_rank = np.argsort(values, kind="stable").astype(np.int32)  # NaN last, equals as they are
        known = int(np.count_nonzero(~np.isnan(values)))
        return cls(by_rank, known, film_ids, values.__getitem__)

    def within(self, least: float | None, most: float | None) -> Mask:
        """The films with a value from `least` to `most`, both included; None leaves a side open."""
        ranks, known, value_of = self._by_rank, self._known, self._value_of
        start = 0 if least is None else bisect_left(ranks, least, 0, known, key=value_of)
        stop = known if most is None else bisect_right(ranks, most, start, known, key=value_of)
        # What lies before the start is negative, and as an unsigned number larger than all others.
        chosen: Mask = (self._ranks - start).view(np.uint32) < np.uint32(stop - start)
        return chosen

    def page(
        self, chosen: Mask, *, descending: bool, start: int, offset: int, limit: int
    ) -> Sequence[int]:
        """The chosen films that stand at `start` or behind it: `limit` of them after `offset`."""
        stop = offset + limit
        if np.count_nonzero(chosen) ** 2 > stop * len(self._by_rank):
            return self._walked(chosen, descending, start, stop)[offset:]
        films = np.flatnonzero(chosen)
        places = self._places(films, descending=descending)
        if start:
            behind = places >= start
            films, places = films[behind], places[behind]
        stop = min(stop, len(films))
        if offset >= stop:
            return []
        first = np.argpartition(places, stop - 1)[:stop]
        page = first[np.argsort(places[first])][offset:]
        found: list[int] = films[page].tolist()
        return found

    def _walked(self, chosen: Mask, descending: bool, start: int, stop: int) -> list[int]:
        """The first `stop` of the chosen from `start` on, in the order: where many are chosen, not
        many others stand before these.
        """
        known = self._known
        parts = [self._by_rank[:known], self._by_rank[known:]]
        found: list[int] = []
        for part in parts:
            films = part[::-1] if descending else part
            at, start = min(start, len(films)), max(0, start - len(films))
            step = _FIRST_STEP
            while at < len(films) and len(found) < stop:
                some = films[at : at + step]
                found += some[chosen[some]].tolist()
                at, step = at + step, step * 2
        return found[:stop]

    def behind(self, value: Any, film_id: int, *, descending: bool) -> int:
        """The place from which on films stand behind (value, film_id), be it a film's or not.

        `value` as `value_of` gives it, or None.
        """
        if descending:
            before = self._rank_of(value, film_id)
            known = self._known
            return known - before if value is not None else known + len(self._by_rank) - before
        return self._rank_of(value, film_id + 1)

    def _places(self, films: NDArray[np.intp], *, descending: bool) -> Rows:
        ranks = self._ranks[films]
        if not descending:
            return ranks
        n, known = len(self._by_rank), self._known
        return np.where(ranks < known, known - 1 - ranks, n - 1 + known - ranks).astype(np.int32)

    def _rank_of(self, value: Any, film_id: int) -> int:
        """How many films stand before (value, film_id) in ascending order."""
        low, high = (0, self._known) if value is not None else (self._known, len(self._by_rank))
        while low < high:
            middle = (low + high) // 2
            film = int(self._by_rank[middle])
            key = (self._value_of(film), int(self._film_ids[film]))
            is_before = key < (value, film_id) if value is not None else key[1] < film_id
            low, high = (middle + 1, high) if is_before else (low, middle)
        return low
