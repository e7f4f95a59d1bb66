"""What a person may be typing: titles of films and names of people, the best known first."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Rows
from filmkin.search.postings import Postings, fields_named
from filmkin.selection import Mask
from filmkin.text import search_words

_TITLES = ("title", "original_title", "alternative_title")
_NAMES = ("person",)
# What it is worth, in fame, that a title begins as typed.
_BEGINS = 0.1
# The best known films of those with such names: whose people are looked at.
_FILMS_OF_PEOPLE = 60
_MOST_NEAR = 5
_MOST_WORDS = 12
_MOST_OCCURRENCES = 300_000


class FoundPerson(NamedTuple):
    """Someone, by their row, and how well known the films are that they are found by."""

    row: int
    fame: float


class Suggester:
    """Completes what is typed. `fame` (n,) from 0 to 1 is how well known each film is."""

    def __init__(self, postings: Postings, fame: NDArray[np.float32]) -> None:
        self._postings = postings
        self._fame = fame
        self._titles = fields_named(postings, _TITLES)
        self._names = fields_named(postings, _NAMES)

    def films(self, typed: Sequence[str], most: int) -> Rows:
        """The films with a word in their title that begins so for each typed one.

        Where there is none, words with typing errors count as well.
        """
        found, begins = self._with_all(typed, self._titles)
        rows = np.flatnonzero(found)
        worth = self._fame[rows] + np.float32(_BEGINS) * begins[rows].astype(np.float32)
        return rows[_best(worth, most)].astype(np.int32)

    def people(
        self,
        typed: Sequence[str],
        most: int,
        people_of: Callable[[int], Sequence[tuple[int, str]]],
    ) -> list[FoundPerson]:
        """The people with a word in their name that begins so for each typed one.

        `people_of` gives the people of a film: their rows and names.
        """
        if sum(self._occurrences(word) for word in typed) > _MOST_OCCURRENCES:
            return []  # as good as everyone
        found, _ = self._with_all(typed, self._names)
        rows = np.flatnonzero(found)
        fame: dict[int, float] = {}
        for film in rows[_best(self._fame[rows], _FILMS_OF_PEOPLE)].tolist():
            for person, name in people_of(film):
                if _begins(search_words(name), typed):
                    fame[person] = fame.get(person, 0.0) + float(self._fame[film])
        best = sorted(fame.items(), key=lambda one: (-one[1], one[0]))[:most]
        return [FoundPerson(*one) for one in best]

    def _occurrences(self, word: str) -> int:
        """Of all words that begin so."""
        begun = self._postings.vocabulary.beginning_with(word)
        first, last = self._postings.bounds(begun.start, begun.stop)
        return last - first

    def _with_all(self, typed: Sequence[str], fields: Mask) -> tuple[Mask, Mask]:
        """The films that have a word for each, and those that begin with one for the first."""
        n = self._postings.film_count
        typed = typed[:_MOST_WORDS]
        found = np.full(n, bool(typed))
        first = np.zeros(n, dtype=bool)
        for place, word in enumerate(typed):
            has = np.zeros(n, dtype=bool)
            for begin, end in self._ranges(word, is_last=place == len(typed) - 1):
                span, listed = self._postings.span(begin, end)
                kept = fields[listed]
                rows = self._postings.rows[span][kept]
                has[rows] = True
                if place == 0:
                    first[rows[self._postings.positions[span][kept] == 0]] = True
            found &= has
        return found, first

    def _ranges(self, word: str, *, is_last: bool) -> list[tuple[int, int]]:
        """The words that begin so, as the first and behind the last; else those that are near."""
        vocabulary = self._postings.vocabulary
        begun = vocabulary.beginning_with(word)
        ranges = [(begun.start, begun.stop)] if begun else []
        if not begun or (not is_last and vocabulary.number(word) is None):
            near = vocabulary.near(word, _MOST_NEAR)
            ranges += [(one.term, one.term + 1) for one in near]
        return ranges


def _best(worth: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """The places of the most worth, the first of equals first."""
    if len(worth) > most:
        least = np.partition(worth, -most)[-most]
        places = np.flatnonzero(worth >= least)
        return places[np.argsort(-worth[places], kind="stable")][:most]
    return np.argsort(-worth, kind="stable")


def _begins(name: Sequence[str], typed: Sequence[str]) -> bool:
    return all(any(word.startswith(one) for word in name) for one in typed)
