"""What was learnt of ratings, in the contracts of its tables."""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from filmkin.arrays import Floats
from filmkin.catalogue import RATED_FILMS, RECOMMENDER
from filmkin.held_back import RatingData
from filmkin.recommender import Recommender
from workflow.recommender.settings import Choice, Search, Trial


def rated_films(recommender: Recommender, data: RatingData, films: pa.Table) -> pa.Table:
    """The RATED_FILMS contract; `films` are MOVIELENS_FILMS of all films that are rated."""
    totals = np.bincount(data.films, data.ratings, len(data.film_ids))
    found = {
        "film_id": recommender.film_ids,
        "ratings": recommender.counts,
        "mean": totals / np.maximum(1, recommender.counts),
        "bias": recommender.model.film_biases,
        "factors": _lists(recommender.model.factors),
        "implicit_factors": _lists(recommender.implicit.factors),
        "given": _lists(recommender.regression.given),
        "taken": _lists(recommender.regression.taken),
    }
    known = films.sort_by("film_id")
    if known["film_id"].to_pylist() != recommender.film_ids.tolist():
        raise ValueError("the films that are described are not those that are rated")
    for name in known.column_names:
        found[name] = known[name]
    return pa.table({name: found[name] for name in RATED_FILMS.column_names})


def how_learnt(
    recommender: Recommender,
    data: RatingData,
    choice: Choice,
    asked: Search,
    trials: Sequence[Trial],
) -> pa.Table:
    """The RECOMMENDER contract."""
    row = {
        "ratings": len(data.ratings),
        "people": len(np.unique(data.people)),
        "mean": recommender.model.mean,
        "choice": json.dumps(choice.as_dict()),
        "search": json.dumps(asked.as_dict()),
        "trials": json.dumps([trial._asdict() for trial in trials]),
    }
    return pa.table({name: [row[name]] for name in RECOMMENDER.column_names})


def _lists(factors: Floats) -> pa.Array:
    """(n, k) as n lists of single precision: what is served needs no more."""
    count, rank = factors.shape
    offsets = np.arange(count + 1, dtype=np.int32) * rank
    values = pa.array(np.ascontiguousarray(factors, dtype=np.float32).ravel())
    return pa.ListArray.from_arrays(offsets, values)
