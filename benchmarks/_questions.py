"""What clients ask of a build: drawn from its films, so that there is something to be found."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

UNKNOWN = 0.1  # share of ids that no film has
_QUESTIONS = 3_000
_BY_GENRES = ("Comedy", "Drama", "Action", "Horror")

Asked = str | tuple[str, str]


class _Film(NamedTuple):
    title: str
    year: int
    genres: list[str]
    persons: list[str]


class Questions:
    """Questions about the films of a build file, the same for the same file."""

    def __init__(self, file: Path) -> None:
        with duckdb.connect(str(file), read_only=True) as database:
            ids = database.execute("SELECT film_id FROM films").fetchnumpy()["film_id"]
            films = database.execute(
                "SELECT title, year(year), genres, persons FROM films"
                " WHERE title IS NOT NULL AND year IS NOT NULL AND len(genres) > 0"
                f" AND len(persons) > 0 USING SAMPLE {_QUESTIONS} ROWS (reservoir, 1)"
            ).fetchall()
        self._random = np.random.default_rng(1)
        self._ids = ids
        self._films = [_Film(*film) for film in films]

    def film(self) -> list[Asked]:
        """One film: ids uniform over all films."""
        return [f"/film/{number}" for number in self._numbers()]

    def similar(self) -> list[Asked]:
        return [f"/film/{number}/similar/0.3" for number in self._numbers()]

    def person_and_genre(self) -> list[Asked]:
        """A pattern of a surname, and one of a genre."""
        return self._posted(
            lambda film: {"person": self._one(film.persons).split()[-1], "genre": film.genres[0]}
        )

    def combinations(self) -> list[Asked]:
        """One to four criteria of all kinds, in any order and direction."""

        def drawn(film: _Film) -> dict[str, Any]:
            every = self._criteria(film)
            count = int(self._random.integers(1, 5))
            names = self._random.choice(len(every), count, replace=False)
            asked: dict[str, Any] = {"limit": 20}
            for number in names:
                asked |= every[int(number)]
            if self._random.random() < 0.5:
                asked["sort"] = self._one(["year", "rating", "vote_count", "duration"])
                asked["order"] = self._one(["asc", "desc"])
            return asked

        return self._posted(drawn)

    def _criteria(self, film: _Film) -> list[dict[str, Any]]:
        word = max(film.title.split(), key=len)
        name = self._one(film.persons)
        return [
            {"title": word.lower()},
            {"title": f"^{_plain(film.title[:5])}"},
            {"title": f"{_plain(word[:4])}.*{_plain(word[-1])}"},
            {"original_title": word},
            {"person": _plain(name.split()[-1].lower())},
            {"person": f"^{_plain(name)}$"},
            {"genre": film.genres[0][:4]},
            {"persons": [name]},
            {"any_persons": [name, self._one(self._films[0].persons)]},
            {"genres": film.genres[:2]},
            {"any_genres": list(_BY_GENRES)},
            {"exclude_genres": ["Horror"]},
            {"earliest_date": f"{film.year - 5}-01-01", "latest_date": f"{film.year + 5}-12-31"},
            {"min_rating": 7, "max_rating": 9},
            {"vote_count": 1000},
            {"min_duration": 60, "max_duration": 120},
        ]

    def _numbers(self) -> list[int]:
        known = self._random.choice(self._ids, _QUESTIONS).tolist()
        unknown = self._random.random(_QUESTIONS) < UNKNOWN
        return [10**9 + n if u else i for n, (i, u) in enumerate(zip(known, unknown, strict=True))]

    def _posted(self, body: Callable[[_Film], dict[str, Any]]) -> list[Asked]:
        return [("/film/search", json.dumps(body(film))) for film in self._films]

    def _one(self, values: Sequence[str]) -> str:
        return values[int(self._random.integers(len(values)))]


def _plain(text: str) -> str:
    """A text as a pattern that stands for itself."""
    return "".join(char if char.isalnum() or char == " " else "." for char in text)
