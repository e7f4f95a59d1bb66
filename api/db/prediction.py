"""The models of a build, read when it is opened, and what is asked of them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from api.db.connection import Connection, columns
from filmkin.catalogue import PREDICTION_CAREERS, PREDICTION_MODELS, PREDICTION_NODES
from filmkin.errors import UnknownFilmError
from filmkin.prediction.careers import Careers
from filmkin.prediction.features import LEVEL, Background
from filmkin.prediction.films import PEOPLE, ROLES
from filmkin.prediction.predictor import Predictor, predictor
from filmkin.prediction.trees import Ensemble

_MODELS = f"""
    SELECT target, features, tree_weights, half_width, level, coverage FROM {PREDICTION_MODELS.name}
"""
_NODES = f"""
    SELECT tree, feature, threshold, left_node, right_node, value FROM {PREDICTION_NODES.name}
    WHERE target = $1 ORDER BY node
"""
_CAREERS = f"""
    SELECT person_id::BIGINT AS person_id, year::BIGINT AS year, films::BIGINT AS films, total
    FROM {PREDICTION_CAREERS.name} WHERE target = $1 AND role = $2 ORDER BY person_id, year
"""


def read_predictors(connection: Connection) -> Mapping[str, Predictor]:
    """The models of a build by target. Raises ValueError where one does not fit this code."""
    models = connection.execute(_MODELS).fetchall()
    return {
        target: predictor(
            target,
            names,
            _trees(connection, target, weights),
            _background(connection, target),
            *interval,
        )
        for target, names, weights, *interval in models
    }


def _trees(connection: Connection, target: str, weights: list[float]) -> Ensemble:
    nodes = columns(connection, _NODES, [target])
    return Ensemble(
        nodes["feature"],
        nodes["threshold"],
        nodes["left_node"],
        nodes["right_node"],
        nodes["value"],
        np.searchsorted(nodes["tree"], np.arange(len(weights))).astype(np.int32),
        np.array(weights),
    )


def _background(connection: Connection, target: str) -> Background:
    every = {
        role: Careers(*columns(connection, _CAREERS, [target, role]).values())
        for role in (LEVEL, *ROLES, PEOPLE)
    }
    return Background(every.pop(LEVEL), every)


class KnownFilm(NamedTuple):
    """A film of the catalogue: what was known before its release, by role its people, and what came
    of it; null where nobody says it.
    """

    year: int | None
    duration: int | None
    genres: list[str]
    rating: float | None
    language: str | None
    country: str | None
    budget: int | None
    budget_currency: str | None
    gross: int | None
    gross_currency: str | None
    people: Mapping[str, list[int]]


_FILM = """
    SELECT year(films.year) AS year, films.duration, genres, CAST(rating AS DOUBLE) AS rating,
           language, country, budget, budget_currency, gross, gross_currency
    FROM films LEFT JOIN details USING (film_id) WHERE film_id = $1
"""
_CREDITS = "SELECT DISTINCT role, person_id FROM credits WHERE film_id = $1 ORDER BY person_id"


def known_film(connection: Connection, film_id: int) -> KnownFilm:
    """A film, as predictions are made of it. Raises UnknownFilmError."""
    row = connection.execute(_FILM, [film_id]).fetchone()
    if row is None:
        raise UnknownFilmError(film_id)
    people: dict[str, set[int]] = defaultdict(set)
    for category, person_id in connection.execute(_CREDITS, [film_id]).fetchall():
        for role, categories in ROLES.items():
            if category in categories:
                people[role].add(person_id)
    return KnownFilm._make([*row, {role: sorted(of) for role, of in people.items()}])
