"""What a person may be typing: titles of films and names of people, the best known first."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Rows
from filmkin.search.postings import Postings, fields_named
from filmkin.selection import Mask, Members
from filmkin.text import MARKS, tokens
from filmkin.words import Texts

_TITLES = ("title", "original_title", "alternative_title")
_NAMES = ("person",)
# What it is worth, in fame, that a title begins as typed.
_BEGINS = 0.1
# The best known films of those with such names: whose people are looked at.
_FILMS_OF_PEOPLE = 60
_MOST_NEAR = 5
_MOST_WORDS = 12
_MOST_OCCURRENCES = 300_000
_MARKS = MARKS.encode("ascii", "ignore")


class FoundPerson(NamedTuple):
    """Someone, by their row, and how well known the films are that they are found by."""

    row: int
    fame: float


class Suggester:
    """Completes what is typed.

    `fame` (n,) from 0 to 1 is how well known each film is, `film_people` who works on it, by their
    rows in `names`.
    """

    def __init__(
        self, postings: Postings, fame: NDArray[np.float32], film_people: Members, names: Texts
    ) -> None:
        self._postings = postings
        self._fame = fame
        self._film_people = film_people
        self._names = names
        self._in_titles = fields_named(postings, _TITLES)
        self._in_names = fields_named(postings, _NAMES)

    def films(self, typed: Sequence[str], most: int) -> Rows:
        """The films with a word in their title that begins so for each typed one.

        Where there is none, words with typing errors count as well.
        """
        found, begins = self._with_all(typed[:_MOST_WORDS], self._in_titles)
        rows = np.flatnonzero(found)
        worth = self._fame[rows] + np.float32(_BEGINS) * begins[rows].astype(np.float32)
        return rows[_best(worth, most)].astype(np.int32)

    def people(self, typed: Sequence[str], most: int) -> list[FoundPerson]:
        """The people with a word in their name that begins so for each typed one.

        Where there is none, words with typing errors count as well.
        """
        typed = typed[:_MOST_WORDS]
        if sum(self._occurrences(word) for word in typed) > _MOST_OCCURRENCES:
            return []  # as good as everyone
        found, _ = self._with_all(typed, self._in_names)
        rows = np.flatnonzero(found)
        films = rows[_best(self._fame[rows], _FILMS_OF_PEOPLE)]
        if not len(films):
            return []
        of_films = [self._film_people.of_film(film) for film in films.tolist()]
        people, places = np.unique(np.concatenate(of_films), return_inverse=True)
        fame = np.bincount(places, np.repeat(self._fame[films], list(map(len, of_films))))
        begun = self._beginnings(typed)
        meant = [at for at, name in enumerate(self._names.listed(people)) if begun.are_in(name)]
        best = sorted(meant, key=lambda at: (-fame[at], at))[:most]
        return [FoundPerson(int(people[at]), float(fame[at])) for at in best]

    def _beginnings(self, typed: Sequence[str]) -> "_Beginnings":
        vocabulary = self._postings.vocabulary
        ranges = [self._ranges(word, is_last=word is typed[-1]) for word in typed]
        return _Beginnings(
            [
                (word, *(vocabulary[begin] for begin, end in of_word if end == begin + 1))
                for word, of_word in zip(typed, ranges, strict=True)
            ]
        )

    def _occurrences(self, word: str) -> int:
        """Of all words that begin so."""
        begun = self._postings.vocabulary.beginning_with(word)
        first, last = self._postings.bounds(begun.start, begun.stop)
        return last - first

    def _with_all(self, typed: Sequence[str], fields: Mask) -> tuple[Mask, Mask]:
        """The films that have a word for each, and those that begin with one for the first."""
        n = self._postings.film_count
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


class _Beginnings:
    """What the words of a name may begin with, of each typed word."""

    def __init__(self, of_words: Sequence[Sequence[str]]) -> None:
        self._of_words = [tuple(beginnings) for beginnings in of_words]
        self._as_bytes = [[one.encode() for one in beginnings] for beginnings in of_words]

    def are_in(self, name: bytes) -> bool:
        """Whether each typed word has a word of this name, which is in UTF-8."""
        if name.isascii():  # most are, and of most it is told fast that they are not meant
            squeezed = name.lower().translate(None, _MARKS)
            if not all(any(one in squeezed for one in ones) for ones in self._as_bytes):
                return False
        words = [token.word for token in tokens(name.decode())]
        return all(any(word.startswith(ones) for word in words) for ones in self._of_words)
