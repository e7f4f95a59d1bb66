"""The films that people have rated, as a build holds them: what was learnt of them, and
MovieLens' people.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.db.connection import Connection, columns
from api.db.documents import integers
from filmkin.factors import Fitting, RatingModel
from filmkin.lists import row_in
from filmkin.recommender import ImplicitModel, Recommender
from filmkin.regression import FilmFactors, Taste
from store.ratings import Rating

_FACTORS = ("factors", "implicit_factors", "given", "taken")


@dataclass(frozen=True, slots=True)
class RatedFilms:
    """n films that people have rated, in the catalogue or not; means (n,) of their ratings.

    movie_ids (m,) are MovieLens' numbers, ascending, and of_movies (m,) the films that they are;
    some films have several.
    """

    recommender: Recommender
    means: NDArray[np.float64]
    movie_ids: NDArray[np.int32]
    of_movies: NDArray[np.int32]

    def has(self, film_id: int) -> bool:
        """Whether it is one of them."""
        return row_in(self.recommender.film_ids, film_id) >= 0

    def film_of(self, movie_id: int) -> int | None:
        """The film of a number of MovieLens'."""
        row = row_in(self.movie_ids, movie_id)
        return int(self.of_movies[row]) if row >= 0 else None


def read_rated_films(connection: Connection) -> RatedFilms:
    """All of them. Raises duckdb.Error, LookupError, TypeError or ValueError when they cannot be
    read.
    """
    # As they are stored, by film_id: DuckDB keeps that order.
    found = columns(connection, "SELECT film_id, ratings, mean, bias FROM rated_films")
    numbers = "SELECT unnest(movie_ids) AS movie_id, film_id FROM rated_films"
    movies = columns(connection, f"FROM ({numbers}) ORDER BY movie_id, film_id")
    return RatedFilms(
        _recommender(connection, found),
        found["mean"],
        movies["movie_id"].astype(np.int32),
        movies["film_id"].astype(np.int32),
    )


def _recommender(connection: Connection, found: Mapping[str, NDArray[Any]]) -> Recommender:
    films = len(found["film_id"])
    learnt = connection.execute("SELECT mean, choice FROM recommender").fetchone() or (0.0, "{}")
    choice = json.loads(learnt[1])
    factors, implicit, given, taken = (_matrix(connection, name, films) for name in _FACTORS)
    taste = Taste(**choice.get("taste", {}))
    alike = choice.get("implicit", {"alpha": 1.0, "ridge": 1.0})
    return Recommender(
        found["film_id"].astype(np.int32),
        found["ratings"].astype(np.int32),
        RatingModel(learnt[0], found["bias"], factors, Fitting(**choice.get("fitting", {}))),
        FilmFactors(given, taken),
        taste,
        ImplicitModel(implicit, alike["alpha"], alike["ridge"]),
        choice.get("implicit_weight", 0.0),
    )


def _matrix(connection: Connection, column: str, films: int) -> NDArray[Any]:
    """(films, k) float32, as stored, of a column of lists, which are all of one length."""
    values = columns(connection, f"SELECT unnest({column}) AS value FROM rated_films")["value"]
    return values.astype(np.float32).reshape(films, -1 if films else 0)


_RATED = """
    SELECT unnest(film_ids) AS film_id, unnest(ratings) AS rating, unnest(rated_at) AS rated_at
    FROM movielens_people WHERE user_id = $1
"""


def movielens_ratings(connection: Connection, user_id: int) -> Sequence[Rating]:
    """What a MovieLens person rated, the newest first; nothing where there is no such person."""
    rows = connection.execute(_RATED, [user_id]).fetchall()
    return [
        Rating(film_id, rating, datetime.fromtimestamp(rated_at, UTC))
        for film_id, rating, rated_at in rows
    ]


def titles(connection: Connection, film_ids: Sequence[int]) -> Mapping[int, str | None]:
    """The titles of those of the films that are rated, as MovieLens writes them."""
    sql = f"SELECT film_id, title FROM rated_films WHERE film_id IN ({integers(film_ids)})"
    return dict(connection.execute(sql).fetchall())
