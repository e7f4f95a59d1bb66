"""Models made by hand, of a few trees, of the films of a tiny world."""

from collections.abc import Sequence

import numpy as np

from filmkin.prediction.features import background, features, vocabulary
from filmkin.prediction.films import MONEY, ROLES, FilmParts, Target
from filmkin.prediction.learning import Score, Split
from filmkin.prediction.predictor import learnt
from filmkin.prediction.trained import Candidate, Trained, Trials, Tried
from filmkin.prediction.trees import Ensemble
from tests.world import Film, credits_of


def parts_of(films: Sequence[Film]) -> FilmParts:
    """What is known of films, each of which has a year."""
    people: dict[str, list[list[int]]] = {role: [] for role in ROLES}
    for film in films:
        for role, categories in ROLES.items():
            ids = {int(str(row[1])) for row in credits_of(film) if row[2] in categories}
            people[role].append(sorted(ids))
    return FilmParts.of_lists(
        [film["year"].year for film in films],
        [film["duration"] for film in films],
        [None if film["rating"] is None else float(film["rating"]) for film in films],
        [film["genres"] for film in films],
        [(film["details"] or {}).get("language") for film in films],
        people,
    )


def model(target: Target, films: Sequence[Film]) -> Trained:
    """A model of two trees: of the year, and of what the directors did before."""
    parts = parts_of(films)
    values = learnt(target, np.array([_value(target, film) for film in films], dtype=np.float64))
    past, words = background(parts, values), vocabulary(parts, 1)
    names = features(parts, past, words, target).names
    base = 7.0 if target in MONEY else 6.0
    return Trained(
        target=target,
        names=names,
        trees=Ensemble(
            features=np.array([names.index("year"), 0, 0, names.index("director_mean"), 0, 0], dtype=np.int32),
            thresholds=np.array([1999.5, 0, 0, 0.0, 0, 0]),
            lefts=np.array([1, 1, 2, 4, 4, 5], dtype=np.int32),
            rights=np.array([2, 1, 2, 5, 4, 5], dtype=np.int32),
            values=np.array([base, base - 0.5, base + 0.5, 0.25, 0, 1.0]),
            roots=np.array([0, 3], dtype=np.int32),
            weights=np.array([1.0, 0.5]),
        ),
        past=past,
        films=len(films),
        split=Split(1990, 2000),
        chosen=Candidate(2, has_forest=False),
        tried=[Tried(Candidate(2, has_forest=False), Score(0.5, 0.4), Score(0.6, 0.3))],
        half_width=0.5,
        coverage=0.75,
        trials=Trials(np.array([film["film_id"] for film in films]), np.full(len(films), base), np.full(len(films), base + 0.25)),
    )  # fmt: skip


def _value(target: Target, film: Film) -> float | None:
    if target not in MONEY:
        return None if film["rating"] is None else float(film["rating"])
    details = film["details"] or {}
    is_known = details.get("country") == "USA" and details.get(f"{target}_currency") in (
        None,
        "USD",
    )
    amount = details.get(target) if is_known else None
    return None if amount is None else float(amount)
