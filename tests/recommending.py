"""A recommender that has learnt chance, for tests, and the tables that the batch makes of one."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from filmkin.catalogue import MOVIELENS_PEOPLE, RATED_FILMS, RECOMMENDER, Table
from filmkin.factors import Fitting, RatingModel
from filmkin.recommender import ImplicitModel, Recommender
from filmkin.regression import FilmFactors, Taste
from tests.world import Film, write_parquet


def recommender_of(film_ids: list[int], counts: list[int], seed: int = 0) -> Recommender:
    """Of films with so many ratings each."""
    chance = np.random.default_rng(seed)
    n = len(film_ids)
    return Recommender(
        np.array(film_ids, np.int32),
        np.array(counts, np.int32),
        RatingModel(3.5, chance.normal(0, 0.3, n), chance.normal(0, 0.3, (n, 2)), Fitting()),
        FilmFactors(chance.normal(size=(n, 2)), chance.normal(size=(n, 2))),
        Taste(),
        ImplicitModel(np.zeros((n, 1)), 1.0, 1.0),
    )


def movie_ids(film_id: int) -> list[int]:
    """MovieLens' numbers of a film: of some none, of some two."""
    if film_id % 10 == 9:
        return []
    return [5000 - film_id, 9000 + film_id] if film_id % 10 == 1 else [5000 - film_id]


def recommendation(
    folder: Path,
    recommender: Recommender,
    catalogue: Sequence[Film],
    people: Mapping[int, Sequence[tuple[int, float]]] = MappingProxyType({}),
) -> dict[Table, Path]:
    """The tables of what was learnt, as the batch writes them; of MovieLens' people the films and
    stars, the newest first.
    """
    named = {one["film_id"] for one in catalogue}
    film_ids = recommender.film_ids.tolist()
    rows = {
        "film_id": film_ids,
        "movie_ids": [movie_ids(film_id) for film_id in film_ids],
        "title": [f"Film {film_id} at MovieLens" for film_id in film_ids],
        "tags": [[]] * len(film_ids),
        "in_catalogue": [film_id in named for film_id in film_ids],
        "ratings": recommender.counts,
        "mean": np.full(len(film_ids), 3.5),
        "bias": recommender.model.film_biases,
        "factors": list(recommender.model.factors.astype(np.float32)),
        "implicit_factors": list(recommender.implicit.factors.astype(np.float32)),
        "given": list(recommender.regression.given.astype(np.float32)),
        "taken": list(recommender.regression.taken.astype(np.float32)),
    }
    choice = {
        "fitting": recommender.model.fitting._asdict(),
        "taste": recommender.taste._asdict(),
        "implicit": {"alpha": recommender.implicit.alpha, "ridge": recommender.implicit.ridge},
        "implicit_weight": recommender.implicit_weight,
    }
    learnt = {"ratings": [1], "people": [1], "mean": [recommender.model.mean]}
    learnt |= {"choice": [json.dumps(choice)], "search": ["{}"], "trials": ["[]"]}
    rated_by = {
        "user_id": list(people),
        "film_ids": [[film_id for film_id, _ in rated] for rated in people.values()],
        "ratings": [[stars for _, stars in rated] for rated in people.values()],
        "rated_at": [[100 - n for n in range(len(rated))] for rated in people.values()],
    }
    tables = {RATED_FILMS: rows, RECOMMENDER: learnt, MOVIELENS_PEOPLE: rated_by}
    for table, columns in tables.items():
        write_parquet(folder / table.name, table, columns)
    return {table: folder / table.name for table in tables}
