"""Recommenders to measure beside: popularity, item-item cosine, implicit's ALS and BPR, and
Surprise's SVD. What each may choose, it chooses on the validation ratings, as ours does.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from pandas import DataFrame
from scipy import sparse
from surprise import SVD, Dataset, Reader
from surprise import Trainset as SurpriseTrainset

from filmkin.arrays import Floats
from filmkin.held_back import RatingData, Tested
from filmkin.ratings import LEAST, MOST

Scores = Callable[[Tested], Floats]
_SEED = 1


def popularity(data: RatingData) -> Scores:
    """The films that most people rated."""
    counts = np.bincount(data.films, minlength=len(data.film_ids)).astype(np.float64)
    return lambda _: counts


def item_cosine(data: RatingData, neighbours: int) -> Scores:
    """Sum of the ratings of the films rated, each times its cosine with the film; of each film its
    most similar ones.
    """
    matrix = data.matrix(data.ratings)
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0))).ravel() + 1e-12
    cosines = (matrix.T @ matrix).toarray() / np.outer(norms, norms)
    np.fill_diagonal(cosines, 0)
    least = np.partition(cosines, -neighbours, axis=1)[:, -neighbours, None]
    nearest = sparse.csr_array(np.where(cosines >= least, cosines, 0))
    return lambda one: nearest[:, one.rows] @ one.ratings


def implicit_als(data: RatingData, factors: int, alpha: float) -> Scores:
    """Implicit feedback by implicit's ALS; a person is folded in by its recalculate_user."""
    model = AlternatingLeastSquares(
        factors=factors, regularization=0.1, alpha=alpha, iterations=15, random_state=_SEED
    )
    model.fit(data.matrix(np.ones(len(data.films))).astype(np.float32), show_progress=False)
    films = len(data.film_ids)

    def scores(one: Tested) -> Floats:
        seen = sparse.csr_matrix(
            (np.ones(len(one.rows), np.float32), ([0] * len(one.rows), one.rows)), (1, films)
        )
        return np.asarray(model.item_factors @ model.recalculate_user(0, seen).ravel(), np.float64)

    return scores


def bpr(data: RatingData, factors: int) -> Scores:
    """Bayesian personalised ranking; of the people it learnt from, for it folds nobody in."""
    model = BayesianPersonalizedRanking(
        factors=factors, iterations=100, learning_rate=0.05, regularization=0.01, random_state=_SEED
    )
    matrix = data.matrix(np.ones(len(data.films)))
    model.fit(matrix.astype(np.float32), show_progress=False)
    of_rows = _people_by_rows(data)

    def scores(one: Tested) -> Floats:
        person = of_rows[one.rows.tobytes()]
        return np.asarray(model.item_factors @ model.user_factors[person], np.float64)

    return scores


def surprise_svd(data: RatingData, settings: Mapping[str, Any]) -> Callable[[Tested], Floats]:
    """(n,) the ratings that Surprise's SVD predicts."""
    frame = DataFrame({"person": data.people, "film": data.films, "stars": data.ratings})
    trainset: SurpriseTrainset = Dataset.load_from_df(
        frame, Reader(rating_scale=(LEAST, MOST))
    ).build_full_trainset()
    model = SVD(random_state=_SEED, **settings).fit(trainset)
    biases, factors = np.zeros(len(data.film_ids)), np.zeros((len(data.film_ids), model.n_factors))
    films = [trainset.to_raw_iid(row) for row in range(trainset.n_items)]
    biases[films], factors[films] = model.bi, model.qi
    of_rows = _people_by_rows(data)

    def predicted(one: Tested) -> Floats:
        person = trainset.to_inner_uid(of_rows[one.rows.tobytes()])
        stars = trainset.global_mean + model.bu[person] + biases + factors @ model.pu[person]
        return np.asarray(np.clip(stars, LEAST, MOST))

    return predicted


def _people_by_rows(data: RatingData) -> dict[bytes, int]:
    """Whose ratings these are, newest first: for models that know people by number alone."""
    order = np.lexsort((-data.films, -data.moments, data.people))
    borders = np.flatnonzero(np.diff(data.people[order])) + 1
    return {
        data.films[mine].tobytes(): int(data.people[mine[0]]) for mine in np.split(order, borders)
    }
