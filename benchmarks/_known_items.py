"""Queries of which the film that is meant is known, with and without typing errors."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from filmkin.text import words

Texts = Mapping[str, Sequence[str]]
#: what is typed for a film, and the row of the film that is meant
Typed = tuple[str, int]

_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FEWEST_OF_A_PLOT = 8
_LEFT_OUT = 3  # one word of so many
_COMMON = 200  # words
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST_MISTYPED = 4
_LONG = 8  # letters of a word that may have two errors
_ERRORS = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Known:
    """A film as it is asked for; `texts` by field."""

    row: int
    title: str
    people: Sequence[str]
    year: int | None
    votes: int
    overview: str
    texts: Texts

    @property
    def typed_title(self) -> str:
        return " ".join(words(self.title))


def known_items(films: Sequence[Known], count: int, seed: int) -> Mapping[str, Sequence[Typed]]:
    """`count` queries of each kind at most, of films drawn alike; without errors and with some.

    Of films that share a title, the one with most votes is meant by it.
    """
    best = _best_known(films)
    found: dict[str, Sequence[Typed]] = {}
    for kind, of in {
        "title": lambda film, _: _title(film),
        "half a title": _half,
        "people and year": _people,
        "plot": _plots(_common_words(films)),
    }.items():
        random = Random(f"{seed} {kind}")  # noqa: S311  the same queries each time
        by_title = kind.endswith("title")
        items = [
            (typed, best[film.typed_title].row if by_title else film.row)
            for film, typed in islice(_asked(of, random.sample(films, len(films)), random), count)
        ]
        for errors in _ERRORS if items else ():
            typed = [(mistyped(text, errors, random), row) for text, row in items]
            found[f"{kind}, {errors} errors"] = typed
    return found


def mistyped(text: str, errors: int, random: Random) -> str:
    """With so many typing errors: a letter more, less, another, or two exchanged; in words of 4
    letters or more, two in one word of 8 or more only.
    """
    typed = text.split(" ")
    places = [p for p, word in enumerate(typed) if len(word) >= _SHORTEST_MISTYPED]
    again = [p for p in places if len(typed[p]) >= _LONG]
    chosen = random.sample(places, min(errors, len(places)))
    if len(chosen) < errors and again:
        chosen.append(random.choice(again))
    for place in chosen:
        typed[place] = _edited(typed[place], random)
    return " ".join(typed)


def _edited(word: str, random: Random) -> str:
    at = random.randrange(len(word))
    match random.choice(("insert", "delete", "replace", "exchange")):
        case "insert":
            return word[:at] + random.choice(_LETTERS) + word[at:]
        case "delete":
            return word[:at] + word[at + 1 :]
        case "replace":
            return word[:at] + random.choice(_LETTERS.replace(word[at], "")) + word[at + 1 :]
        case _:
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _asked(
    of: Callable[[Known, Random], str | None], films: Iterable[Known], random: Random
) -> Iterator[tuple[Known, str]]:
    for film in films:
        typed = of(film, random)
        if typed:
            yield film, typed


def _title(film: Known) -> str:
    return film.typed_title


def _half(film: Known, random: Random) -> str | None:
    """Half of the words of a title, side by side; rounded up."""
    typed = words(film.title)
    length = (len(typed) + 1) // 2
    start = random.randrange(len(typed) - length + 1)
    return " ".join(typed[start : start + length]) if len(typed) > 1 else None


def _people(film: Known, random: Random) -> str | None:
    if film.year is None or len(film.people) < 2:
        return None
    return " ".join([*random.sample(film.people, 2), str(film.year)])


def _plots(common: Sequence[str]) -> Callable[[Known, Random], str | None]:
    """A sentence of a plot, every third word left out and common ones replaced by other common
    ones.
    """
    is_common = set(common)

    def plot(film: Known, random: Random) -> str | None:
        every = (words(sentence) for sentence in _SENTENCE.split(film.overview))
        sentences = [sentence for sentence in every if len(sentence) >= _FEWEST_OF_A_PLOT]
        if not sentences:
            return None
        said = random.choice(sentences)
        kept = [word for place, word in enumerate(said, start=1) if place % _LEFT_OUT]
        return " ".join(random.choice(common) if w in is_common else w for w in kept)

    return plot


def _best_known(films: Sequence[Known]) -> Mapping[str, Known]:
    """By the words of a title, of the films that bear it the one with most votes."""
    best: dict[str, Known] = {}
    for film in films:
        if film.typed_title not in best or film.votes > best[film.typed_title].votes:
            best[film.typed_title] = film
    return best


def _common_words(films: Sequence[Known]) -> Sequence[str]:
    counts = Counter(word for film in films for word in words(film.overview))
    return [word for word, _ in counts.most_common(_COMMON)]
