"""What is known of films before their release, column by column."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats, Integers
from filmkin.features import Ragged

#: a role in a film -> IMDb's categories of it
ROLES: Mapping[str, tuple[str, ...]] = {
    "director": ("director",),
    "writer": ("writer",),
    "cast": ("actor", "actress", "self"),
}
#: everyone of these roles, each once
PEOPLE = "people"

Target = Literal["rating", "budget", "gross"]
RATING: Target = "rating"
BUDGET: Target = "budget"
GROSS: Target = "gross"
#: what is predicted
TARGETS: tuple[Target, ...] = (RATING, BUDGET, GROSS)
#: of these, amounts of money: their logarithms to base 10 are learnt
MONEY: tuple[Target, ...] = (BUDGET, GROSS)

#: Amounts are mostly unmarked; of films of this country it is known which currency they are in.
COUNTRY, CURRENCY = "USA", "USD"


class FilmParts(NamedTuple):
    """What is known of n films; each has a year.

    years (n,); durations (n,) in minutes and ratings (n,), NaN for none; genres n lists of texts;
    languages n codes or None; people: by role, and PEOPLE for all roles, n lists of person ids,
    each once.
    """

    years: Integers
    durations: Floats
    ratings: Floats
    genres: Ragged
    languages: NDArray[np.object_]
    people: Mapping[str, Ragged]

    @classmethod
    def of_lists(
        cls,
        years: Sequence[int],
        durations: Sequence[float | None],
        ratings: Sequence[float | None],
        genres: Sequence[Sequence[str]],
        languages: Sequence[str | None],
        people: Mapping[str, Sequence[Sequence[int]]],
    ) -> "FilmParts":
        """The same of Python's own values, film by film."""
        return cls(
            np.array(years, dtype=np.int64),
            np.array(durations, dtype=np.float64),
            np.array(ratings, dtype=np.float64),
            _ragged(genres, object),
            np.array(languages, dtype=object),
            with_everyone(
                {role: _ragged(people.get(role, [()] * len(years)), np.int64) for role in ROLES}
            ),
        )

    @classmethod
    def nothing(cls) -> "FilmParts":
        """No film at all."""
        return cls.of_lists([], [], [], [], [], {})

    def chosen(self, mask: NDArray[np.bool_]) -> "FilmParts":
        """Those of the films."""
        return FilmParts(
            self.years[mask],
            self.durations[mask],
            self.ratings[mask],
            _chosen(self.genres, mask),
            self.languages[mask],
            {role: _chosen(listed, mask) for role, listed in self.people.items()},
        )


def with_everyone(people: Mapping[str, Ragged]) -> Mapping[str, Ragged]:
    """The same and as PEOPLE the ids of all roles, each once, ascending."""
    rows = np.concatenate([listed.rows() for listed in people.values()])
    ids = np.concatenate([np.asarray(of.values, dtype=np.int64) for of in people.values()])
    both = np.unique(np.stack([rows, ids]), axis=1)
    films = len(next(iter(people.values())).offsets) - 1
    counts = np.bincount(both[0], minlength=films)
    return {**people, PEOPLE: Ragged(both[1], np.concatenate([[0], np.cumsum(counts)]))}


def _ragged(lists: Sequence[Sequence[object]], kind: type) -> Ragged:
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in lists])]).astype(np.int64)
    # As an array, for numpy would take a list of texts for something else.
    return Ragged(np.array([one for each in lists for one in each], dtype=kind), offsets)


def _chosen(lists: Ragged, mask: NDArray[np.bool_]) -> Ragged:
    lengths = np.diff(lists.offsets)
    values = np.asarray(lists.values)[np.repeat(mask, lengths)]
    return Ragged(values, np.concatenate([[0], np.cumsum(lengths[mask])]))
