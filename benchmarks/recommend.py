"""Recommendations: how far predicted ratings are off, and what lists of ten films find.

`--data` names a folder with MovieLens' files (ml-latest-small/) and IMDb's of some thousand films
(imdb5000/). Of each person the latest 20 % are held back and read once; everything is chosen by the
latest 20 % of the rest, ours and the others'. A film counts as found where it was held back with 4
stars or more. Candidates are all films that the person is not known to have rated. The recall is
truncated: of ten films, or of as many as were held back where these are fewer. All are judged by
the order of their scores; ours beside that by the lists that are served, which leave out films of
few ratings and offer some by their content.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pyarrow import csv

from benchmarks._catalogue import CORES
from benchmarks._recommenders import (
    Scores,
    bpr,
    implicit_als,
    item_cosine,
    popularity,
    surprise_svd,
)
from benchmarks._served import offers_of, served_lists
from filmkin.held_back import (
    RatingData,
    Tested,
    quality_of,
    quality_of_lists,
    rating_error,
    tested_people,
)
from filmkin.rankings import LIKED, ListQuality, root_mean_square
from workflow.recommender.learner import Learner
from workflow.recommender.search import scores_of, search
from workflow.recommender.settings import Search
from workflow.spark import spark_session

Setting = TypeVar("Setting")

_SVD: tuple[Mapping[str, Any], ...] = (
    {},
    {"n_factors": 50, "n_epochs": 30, "reg_all": 0.08},
    {"n_factors": 100, "n_epochs": 40, "reg_all": 0.1, "lr_all": 0.007},
)
_COSINES = (20, 50, 100)
_ALS = tuple((factors, alpha) for factors in (16, 32, 64) for alpha in (1.0, 5.0, 20.0))
_BPR = (32, 64)


def run(arguments: list[str]) -> Mapping[str, object]:
    """Ours beside the others, on the same ratings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks recommend")
    parser.add_argument(
        "--data", type=Path, required=True, help="with ml-latest-small/ and imdb5000/"
    )
    args = parser.parse_args(arguments)
    data = _ratings(args.data / "ml-latest-small" / "ratings.csv")
    is_held = data.latest(Search().share)
    known = data.chosen(~is_held)
    people = tested_people(data, is_held)
    films = len(data.film_ids)
    found: dict[str, Mapping[str, Any]] = {}
    found["filmkin"], found["filmkin, as served"] = _ours(known, people, args.data)
    for name, scores in _rankers(known):
        found[name] = _told(quality_of(scores, people, films, LIKED))
    svd = surprise_svd(known, _best_svd(known))
    errors = [svd(one)[one.held_rows] - one.held_ratings for one in people]
    quality = quality_of(svd, people, films, LIKED)
    found["surprise SVD"] = {"rmse": root_mean_square(np.concatenate(errors)), **_told(quality)}
    others = [of["ndcg"] for name, of in found.items() if not name.startswith("filmkin")]
    return {
        "ratings": len(data.ratings),
        "held_back": int(is_held.sum()),
        "found": found,
        "rmse_ratio": float(str(found["filmkin"]["rmse"]))
        / float(str(found["surprise SVD"]["rmse"])),
        "ndcg_ratio": float(str(found["filmkin"]["ndcg"])) / max(others),
    }


def _ours(
    known: RatingData, people: Sequence[Tested], data: Path
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """By the order of scores, and by the lists that are served."""
    begin = time.monotonic()
    with (
        spark_session("benchmark", f"local[{CORES}]", computes=True) as spark,
        tempfile.TemporaryDirectory() as folder,
    ):
        choice, trials = search(spark, known, Search(), Path(folder))
        made = Learner(spark, known, Path(folder), Search().seed).recommender(choice)
        seconds = time.monotonic() - begin
        offers = offers_of(spark, made, known, data, Path(folder, "staged"))
    quality = quality_of(scores_of(made), people, len(known.film_ids), LIKED)
    served = quality_of_lists(served_lists(offers, people), people, len(known.film_ids), LIKED)
    ours = {
        "rmse": rating_error(made.model, people),
        **_told(quality),
        "seconds": round(seconds, 1),
        "trials": len(trials),
        "choice": choice.as_dict(),
    }
    return ours, _told(served)


def _rankers(known: RatingData) -> Iterable[tuple[str, Scores]]:
    """The others, each with the settings that find most on the validation ratings."""
    yield "popularity", popularity(known)
    neighbours = _best(known, _COSINES, lambda data, k: item_cosine(data, k))
    yield "item-item cosine", item_cosine(known, neighbours)
    als = _best(known, _ALS, lambda data, of: implicit_als(data, *of))
    yield "implicit ALS", implicit_als(known, *als)
    factors = _best(known, _BPR, lambda data, k: bpr(data, k))
    yield "implicit BPR", bpr(known, factors)


def _best(
    known: RatingData,
    settings: Sequence[Setting],
    make: Callable[[RatingData, Setting], Scores],
) -> Setting:
    is_held = known.latest(Search().share)
    data, people = known.chosen(~is_held), tested_people(known, is_held)
    ndcg = [
        quality_of(make(data, one), people, len(known.film_ids), LIKED).ndcg for one in settings
    ]
    return settings[int(np.argmax(ndcg))]


def _best_svd(known: RatingData) -> Mapping[str, Any]:
    is_held = known.latest(Search().share)
    data, people = known.chosen(~is_held), tested_people(known, is_held)
    errors = []
    for settings in _SVD:
        svd = surprise_svd(data, settings)
        off = [svd(one)[one.held_rows] - one.held_ratings for one in people]
        errors.append(root_mean_square(np.concatenate(off)))
    return _SVD[int(np.argmin(errors))]


def _told(quality: ListQuality) -> Mapping[str, float]:
    return {
        "ndcg": quality.ndcg,
        "recall": quality.recall,
        "coverage": quality.coverage,
    }


def _ratings(file: Path) -> RatingData:
    table = csv.read_csv(file)
    columns: list[NDArray[Any]] = [table[name].to_numpy() for name in ("userId", "movieId")]
    _, people = np.unique(columns[0], return_inverse=True)
    film_ids, films = np.unique(columns[1], return_inverse=True)
    stars, moments = table["rating"].to_numpy(), table["timestamp"].to_numpy()
    return RatingData(people, films, stars, moments, film_ids.astype(np.int32))
