"""A recommender that has learnt chance, for tests."""

import numpy as np

from filmkin.factors import Fitting, RatingModel
from filmkin.recommender import ImplicitModel, Recommender
from filmkin.regression import FilmFactors, Taste


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
