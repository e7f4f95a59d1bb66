"""What of a film is found by words, and where in it they stand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from filmkin.text import tokens

#: The fields, and how far the length of each tells against a word in it: b of BM25, 0 to 1.
LENGTH_COUNTS: Mapping[str, float] = {
    "title": 0.6,
    "original_title": 0.6,
    "alternative_title": 0.3,
    "person": 0.2,
    "genre": 0.0,
    "keyword": 0.1,
    "overview": 0.6,
    "year": 0.0,
}

# Between the texts of a field, so that no phrase reaches from one into the next.
_GAP = 16
#: what a position is at most: of what stands behind, only that it is there is known
LAST_POSITION = 2**15 - 2  # there is one behind it
#: letters of a word that are looked at
LONGEST_WORD = 40


class Occurrence(NamedTuple):
    """A word in a field of a film; `length` is how many words the field has."""

    term: str
    field: str
    position: int
    length: int


def occurrences(film: Mapping[str, Sequence[str]]) -> Iterator[Occurrence]:
    """The words of a film, of which `film` gives the texts of each field."""
    for field, texts in film.items():
        found: list[tuple[str, int]] = []
        start = 0
        for text in texts:
            words = tokens(text)
            found += ((word, start + position) for word, position in words)
            start += len(words) + _GAP
        for word, position in found:
            place = min(position, LAST_POSITION)
            yield Occurrence(word[:LONGEST_WORD], field, place, len(found))


def texts_of(film: Mapping[str, object]) -> Mapping[str, Sequence[str]]:
    """The texts of each field of a film, of its row of `films` with that of `details`.

    An original title that is the title, and who directed or wrote it and is billed, are not
    there twice.
    """
    title, original = _texts(film["title"]), _texts(film["original_title"])
    year = _texts(film["year"])
    people = (*_texts(film["persons"]), *_texts(film["directors"]), *_texts(film["writers"]))
    return {
        "title": title,
        "original_title": () if original == title else original,
        "alternative_title": _texts(film["alternative_titles"]),
        "person": tuple(dict.fromkeys(people)),
        "genre": _texts(film["genres"]),
        "keyword": _texts(film["keywords"]),
        "overview": (*_texts(film["overview"]), *_texts(film["tagline"])),
        "year": (*year, *(f"{one[:-1]}0s" for one in year)),
    }


def _texts(value: object) -> Sequence[str]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
