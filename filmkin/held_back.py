"""People with some of their ratings held back: what is predicted and listed, against what came."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from filmkin.arrays import Floats, Indices
from filmkin.factors import RatingModel
from filmkin.rankings import ListQuality, best, latest, list_quality, root_mean_square


@dataclass(frozen=True, slots=True)
class RatingData:
    """r ratings, (r,) each: by which person, of which film, stars, when in seconds.

    People and films are rows from 0; `film_ids` (n,) ascend.
    """

    people: Indices
    films: Indices
    ratings: Floats
    moments: NDArray[np.int64]
    film_ids: NDArray[np.int32]

    def chosen(self, rows: NDArray[np.bool_]) -> "RatingData":
        """Some of the ratings, of the same people and films."""
        parts = (self.people[rows], self.films[rows], self.ratings[rows], self.moments[rows])
        return RatingData(*parts, self.film_ids)

    def latest(self, share: float) -> NDArray[np.bool_]:
        """(r,) the latest share of each person's ratings."""
        return latest(self.people, self.moments, self.films, share)

    @property
    def shape(self) -> tuple[int, int]:
        """How many people, up to the last who rated, and how many films."""
        return int(self.people.max(initial=-1)) + 1, len(self.film_ids)

    def matrix(self, weights: Floats) -> sparse.csr_array:
        """(people, films) of weights (r,)."""
        return sparse.csr_array((weights, (self.people, self.films)), shape=self.shape)


class Tested(NamedTuple):
    """A person: the ratings that are known, newest first, and those that were held back."""

    rows: Indices
    ratings: Floats
    held_rows: Indices
    held_ratings: Floats


def tested_people(data: RatingData, is_held: NDArray[np.bool_]) -> list[Tested]:
    """Everyone of whom something is held back, by their rows."""
    order = np.lexsort((-data.films, -data.moments, data.people))
    borders = np.flatnonzero(np.diff(data.people[order])) + 1
    return list(_split(data, is_held, np.split(order, borders)))


def _split(
    data: RatingData, is_held: NDArray[np.bool_], of_people: Sequence[Indices]
) -> Iterator[Tested]:
    for mine in of_people:
        held, known = mine[is_held[mine]], mine[~is_held[mine]]
        if len(held):
            yield Tested(
                data.films[known], data.ratings[known], data.films[held], data.ratings[held]
            )


def rating_error(model: RatingModel, people: Sequence[Tested]) -> float:
    """Root mean square of predicted minus held back ratings, in stars."""
    errors = [
        model.predicted(model.fold_in(one.rows, one.ratings))[one.held_rows] - one.held_ratings
        for one in people
    ]
    return root_mean_square(np.concatenate([np.empty(0), *errors]))


def lists_of(
    scores: Callable[[Tested], Floats], people: Sequence[Tested], count: int
) -> NDArray[np.intp]:
    """(people, count) the best films that are not known to be rated; -1 where there are no more."""
    lists = np.full((len(people), count), -1, dtype=np.intp)
    for row, one in enumerate(people):
        of_person = np.array(scores(one), dtype=np.float64)
        of_person[one.rows] = -np.inf
        found = best(of_person, count)
        lists[row, : len(found)] = found
    return lists


def quality_of(
    scores: Callable[[Tested], Floats],
    people: Sequence[Tested],
    films: int,
    least: float,
    count: int = 10,
) -> ListQuality:
    """How much of what was held back with `least` stars or more the lists of `count` films find."""
    return quality_of_lists(lists_of(scores, people, count), people, films, least)


def quality_of_lists(
    lists: NDArray[np.intp], people: Sequence[Tested], films: int, least: float
) -> ListQuality:
    """The same of lists (people, count) of films, best first, -1 where one is shorter."""
    liked = [one.held_rows[one.held_ratings >= least] for one in people]
    lengths = [len(rows) for rows in liked]
    columns = np.concatenate([np.empty(0, np.intp), *liked])
    rows = np.repeat(np.arange(len(people)), lengths)
    matrix = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(people), films))
    return list_quality(lists, np.arange(len(people)), matrix)
