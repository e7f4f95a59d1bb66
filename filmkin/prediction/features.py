"""Films as rows of numbers that a prediction is made of, in learning as in serving.

What people did before is told by how their earlier films came out against the films of their time:
money grows from year to year, and so a person's films are compared with those of the ten years
before each. A mean over few films tells little and is drawn to 0, as if _DOUBT films had been like
the others of their time. Of a film, only what came in earlier years is looked at.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats, Integers
from filmkin.features import Ragged
from filmkin.prediction.careers import Careers, careers
from filmkin.prediction.films import BUDGET, PEOPLE, ROLES, FilmParts

_DOUBT = 2.0
_WINDOW = 10  # years that a film is compared with
_FEW = 20  # films that make a window; with fewer, all earlier years do
_LONG_AGO = 50  # years since the last film of someone who had none
# What stands for what is not known, beside a feature that says so.
_USUAL_MINUTES, _USUAL_RATING = 100.0, 6.5

#: what stands for a role and a person where all films are counted, whoever made them
LEVEL = "level"
EVERY_FILM = 0

#: what is said of the people of a role: feature -> its meaning
_OF_ROLES = {
    "mean": "how the earlier films of each came out against those of their time: the mean",
    "best": "the same of the one whose films came out best",
    "pooled": "the same of all their earlier films together",
    "films": "how many earlier films they have together",
    "most_films": "how many the one with most has",
    "years_since": "years since the last film of any of them",
    "persons": "how many they are",
}
_OF_FILMS = {
    "year": "the year of its release",
    "duration": "minutes",
    "duration_known": "whether its running time is known",
    "genres": "how many genres it has",
    "language_known": "whether its language is known",
}
_RATED = {"rating": "its rating", "rating_known": "whether its rating is known"}


class Vocabulary(NamedTuple):
    """The genres and languages that have a feature each, in order."""

    genres: tuple[str, ...]
    languages: tuple[str, ...]


class Background(NamedTuple):
    """What there was before: `level`, the values of all films as the career of EVERY_FILM; and by
    role (PEOPLE for all of them) how people's films came out against the level of their years.
    """

    level: Careers
    people: Mapping[str, Careers]


class Features(NamedTuple):
    """Names of f features, and (n, f) of n films."""

    names: tuple[str, ...]
    matrix: Floats


def vocabulary(films: FilmParts, fewest: int) -> Vocabulary:
    """The genres and languages that so many films have, or more."""
    genres = np.asarray(films.genres.values, dtype=np.str_)
    languages = np.array([code for code in films.languages if code is not None], dtype=np.str_)
    return Vocabulary(_frequent(genres, fewest), _frequent(languages, fewest))


def words_of(names: Iterable[str]) -> Vocabulary:
    """The genres and languages that have a feature among these."""
    parts = [name.partition(" ") for name in names]
    genres, languages = (
        tuple(word for kind, _, word in parts if kind == of) for of in ("genre", "language")
    )
    return Vocabulary(genres, languages)


def background(films: FilmParts, values: Floats) -> Background:
    """What films that have a value (n,), NaN for none, are for later ones."""
    known = np.flatnonzero(~np.isnan(values))
    nobody = np.full(len(known), EVERY_FILM, dtype=np.int64)
    level = careers(nobody, films.years[known], values[known])
    against = values - level_before(level, films.years)
    return Background(
        level, {role: _careers(films, of, against) for role, of in films.people.items()}
    )


def level_before(level: Careers, years: Integers) -> Floats:
    """(n,) the mean value of films of the _WINDOW years before each year; NaN before the first."""
    nobody = np.full(len(years), EVERY_FILM, dtype=np.int64)
    until, since = level.before(nobody, years), level.before(nobody, years - _WINDOW)
    films, totals = until.films - since.films, until.totals - since.totals
    few = films < _FEW
    films, totals = np.where(few, until.films, films), np.where(few, until.totals, totals)
    return np.where(films > 0, totals / np.maximum(films, 1), np.nan)


def features(films: FilmParts, past: Background, words: Vocabulary, target: str) -> Features:
    """The features of films for a target; the rating is one for the budget alone.

    A gross comes with the rating, and is not to be told by it; a budget is asked for of films that
    are out.
    """
    columns = {**_of_films(films, words), **_of_people(films, past)}
    if target == BUDGET:
        columns |= {
            "rating": _or(_USUAL_RATING, films.ratings),
            "rating_known": _known(films.ratings),
        }
    return Features(tuple(columns), np.column_stack(list(columns.values())))


def meaning(name: str) -> str:
    """What a feature says, in words."""
    kind, _, of = name.partition(" ")
    if of:
        return f"whether it is {of}" if kind == "genre" else f"whether it is spoken in {of}"
    for role in (*ROLES, PEOPLE):
        if name.startswith(f"{role}_"):
            return f"{_NAMES[role]}: {_OF_ROLES[name.removeprefix(f'{role}_')]}"
    return (_OF_FILMS | _RATED)[name]


_NAMES = {
    "director": "who directs",
    "writer": "who writes",
    "cast": "who acts",
    PEOPLE: "everyone of these",
}


def _frequent(texts: NDArray[np.str_], fewest: int) -> tuple[str, ...]:
    found, counts = np.unique(texts, return_counts=True)
    return tuple(found[counts >= fewest].tolist())


def _careers(films: FilmParts, people: Ragged, values: Floats) -> Careers:
    rows = people.rows()
    ids = np.asarray(people.values, dtype=np.int64)
    known = ~np.isnan(values[rows])
    rows, ids = rows[known], ids[known]
    return careers(ids, films.years[rows], values[rows])


def _of_films(films: FilmParts, words: Vocabulary) -> dict[str, Floats]:
    languages = films.languages
    columns = {
        "year": films.years.astype(np.float64),
        "duration": _or(_USUAL_MINUTES, films.durations),
        "duration_known": _known(films.durations),
        "genres": np.diff(films.genres.offsets).astype(np.float64),
        "language_known": np.array([code is not None for code in languages], dtype=np.float64),
    }
    listed, rows = np.asarray(films.genres.values, dtype=object), films.genres.rows()
    for genre in words.genres:
        has = np.zeros(len(films.years))
        has[rows[listed == genre]] = 1
        columns[f"genre {genre}"] = has
    for code in words.languages:
        columns[f"language {code}"] = (languages == code).astype(np.float64)
    return columns


def _of_people(films: FilmParts, past: Background) -> dict[str, Floats]:
    columns: dict[str, Floats] = {}
    for role, people in films.people.items():
        found = _of_role(films.years, people, past.people[role])
        columns |= {f"{role}_{name}": values for name, values in found.items()}
    return columns


def _of_role(years: Integers, people: Ragged, past: Careers) -> dict[str, Floats]:
    """_OF_ROLES of n films, (n,) each."""
    rows, n = people.rows(), len(years)
    was = past.before(np.asarray(people.values, dtype=np.int64), years[rows])
    drawn = was.totals / (was.films + _DOUBT)
    persons = np.diff(people.offsets)
    films = np.bincount(rows, was.films, minlength=n)
    last = _greatest(rows, was.last_years.astype(np.float64), n)
    return {
        "mean": np.bincount(rows, drawn, minlength=n) / np.maximum(persons, 1),
        "best": np.where(persons > 0, _greatest(rows, drawn, n), 0.0),
        "pooled": np.bincount(rows, was.totals, minlength=n) / (films + _DOUBT),
        "films": films,
        "most_films": np.where(persons > 0, _greatest(rows, was.films.astype(np.float64), n), 0.0),
        "years_since": np.where(last > 0, years - last, _LONG_AGO),
        "persons": persons.astype(np.float64),
    }


def _greatest(rows: Integers, values: Floats, n: int) -> Floats:
    """(n,) the greatest value of each row; minus infinity where it has none."""
    greatest = np.full(n, -np.inf)
    np.maximum.at(greatest, rows, values)
    return greatest


def _or(usual: float, values: Floats) -> Floats:
    return np.where(np.isnan(values), usual, values)


def _known(values: Floats) -> Floats:
    return (~np.isnan(values)).astype(np.float64)
