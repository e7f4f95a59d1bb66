"""The models of a build, read when it is opened, and what is asked of them."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from api.db.connection import Connection, columns
from api.db.documents import documents
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


_CREDITS = "SELECT role, person_id FROM credits WHERE film_id = $1"


def known_film(connection: Connection, film_id: int) -> KnownFilm:
    """A film, as predictions are made of it. Raises UnknownFilmError."""
    # Of its document, for to join the tables of films and details takes longer than to predict it.
    found = documents(connection, [film_id])
    if film_id not in found:
        raise UnknownFilmError(film_id)
    film = json.loads(found[film_id])
    details: dict[str, Any] = film["details"] or {}
    people: dict[str, set[int]] = defaultdict(set)
    for category, person_id in connection.execute(_CREDITS, [film_id]).fetchall():
        for role, categories in ROLES.items():
            if category in categories:
                people[role].add(person_id)
    told: dict[str, Any] = {name: details.get(name) for name in _OF_DETAILS}
    return KnownFilm(
        year=int(film["year"][:4]) if film["year"] else None,
        people={role: sorted(of) for role, of in people.items()},
        **{name: film[name] for name in ("duration", "genres", "rating")},
        **told,
    )


_OF_DETAILS = ("language", "country", "budget", "budget_currency", "gross", "gross_currency")
