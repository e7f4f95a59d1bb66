"""Predictions: how far off are they, beside a median, ridge and scikit-learn's gradient boosting;
do the arrays score as Spark does; and how long does an answer take?

`--data` names a folder with IMDb's files of some thousand films (imdb5000/) and details of them
(details/). All learn from the same films up to a year with the same features, are chosen by the
films of the years after it, and measured on the latest: errors in points of a rating, or in powers
of ten of money. Of each target: MAE, R², and the share of films that the interval held.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
from pyspark.sql import SparkSession
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks._catalogue import RULES, published, spark_session_of, staged_films
from benchmarks._latency import Question, latency
from filmkin.arrays import Floats
from filmkin.prediction.features import background, features, vocabulary
from filmkin.prediction.learning import Learning, Score, score
from filmkin.prediction.trained import Method, Trained
from tests.server import server
from workflow.delimited import to_parquet
from workflow.details import details
from workflow.jobs.prediction import trained_models
from workflow.prediction.films import KnownFilms, known_films
from workflow.prediction.trees import films_frame, fit
from workflow.sources import DETAILS_COLUMNS

_SCORED = 1_000
_PENALTIES = (1.0, 10.0, 100.0)
# step, leaves, penalty: tried with up to so many trees each
_BOOSTED = ((0.03, 15, 1.0), (0.06, 15, 1.0), (0.06, 31, 5.0), (0.1, 7, 1.0))
_TREES = 300


def run(arguments: list[str]) -> Mapping[str, object]:
    """Errors, agreement with Spark, and latency."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks predict")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--requests", type=int, default=500, help="of each route")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with spark_session_of("2g") as spark:
            output = _films(spark, options.data, folder)
            known = known_films(*(output / name for name in ("films", "credits", "details")))
            begin = time.perf_counter()
            models = trained_models(spark, known, Learning(), folder)
            seconds = time.perf_counter() - begin
            apart = {model.target: _apart(spark, known, model, folder) for model in models}
        figures: dict[str, object] = {
            model.target: _figures(known, model, apart[model.target]) for model in models
        }
        link = published(folder, "predict", models)
        waited = _latency(folder, link, options.requests)
    return {"seconds to learn": round(seconds, 1), **figures, "latency": waited}


def _films(spark: SparkSession, data: Path, folder: Path) -> Path:
    """A folder with the films, credits and details of `data`, as the steps before leave them."""
    output = folder / "output"
    of, worked = staged_films(spark, data / "imdb5000", folder / "staged", RULES["any"][0])
    of.write.parquet(str(output / "films"))
    worked.write.parquet(str(output / "credits"))
    frames = {}
    for name in DETAILS_COLUMNS:
        read = folder / f"{name}.parquet"
        to_parquet(data / "details" / name, read)
        frames[name] = spark.read.parquet(str(read))
    details(frames, DETAILS_COLUMNS).write.parquet(str(output / "details"))
    return output


class Task(NamedTuple):
    """What all learn: features and values of films to learn from, to choose by, to test on."""

    matrices: Sequence[Floats]
    values: Sequence[Floats]


def _task(known: KnownFilms, model: Trained) -> Task:
    values = known.values[model.target]
    is_told = ~np.isnan(values)
    parts = [is_told & part for part in model.split.parts(known.parts.years)]
    words = vocabulary(known.parts.chosen(parts[0]), Learning().frequent)
    matrix = features(known.parts, model.past, words, model.target).matrix
    return Task([matrix[part] for part in parts], [values[part] for part in parts])


def _figures(known: KnownFilms, model: Trained, apart: float) -> Mapping[str, object]:
    task = _task(known, model)
    (ours,) = (one for one in model.tried if one.candidate == model.chosen)
    (median,) = (one for one in model.tried if not one.candidate.methods)
    return {
        "films": [len(values) for values in task.values],
        "years": list(model.split),
        "model": f"{model.chosen.name}, {model.chosen.rounds} rounds",
        "ours": _shown(ours.test),
        "median": _shown(median.test),
        "ridge": _shown(_chosen(task, _ridges(task))),
        "HistGradientBoosting": _shown(_chosen(task, _boosted(task))),
        "interval held": round(model.coverage, 3),
        "largest difference from Spark": apart,
    }


def _shown(found: Score) -> Mapping[str, float]:
    return {"MAE": round(found.mae, 4), "R2": round(found.r2, 3)}


def _chosen(task: Task, predicted: Iterator[tuple[Floats, Floats]]) -> Score:
    """On the latest films, of whoever has the least error on those before."""
    _, validation, late = task.values
    best = min(predicted, key=lambda each: score(validation, each[0]).mae)
    return score(late, best[1])


def _ridges(task: Task) -> Iterator[tuple[Floats, Floats]]:
    for penalty in _PENALTIES:
        made = make_pipeline(StandardScaler(), Ridge(penalty))
        made.fit(task.matrices[0], task.values[0])
        yield made.predict(task.matrices[1]), made.predict(task.matrices[2])


def _boosted(task: Task) -> Iterator[tuple[Floats, Floats]]:
    for step, leaves, penalty in _BOOSTED:
        made = HistGradientBoostingRegressor(
            learning_rate=step,
            max_leaf_nodes=leaves,
            l2_regularization=penalty,
            max_iter=_TREES,
            early_stopping=False,
            random_state=0,
        )
        made.fit(task.matrices[0], task.values[0])
        stages = (made.staged_predict(task.matrices[place]) for place in (1, 2))
        yield from zip(*stages, strict=True)


def _apart(spark: SparkSession, known: KnownFilms, model: Trained, folder: Path) -> float:
    """The largest difference of a score from Spark's own, of both kinds of trees."""
    values = known.values[model.target]
    rows = np.flatnonzero(~np.isnan(values))[:_SCORED]
    words = vocabulary(known.parts, Learning().frequent)
    matrix = features(known.parts, background(known.parts, values), words, model.target).matrix
    frame = films_frame(spark, folder / f"{model.target}-scored", matrix[rows], values[rows])
    differences = []
    for method in Method:
        fitted = fit(frame, method, Learning(), folder / f"{model.target}-{method.name}")
        found = fitted.model.transform(frame).select("prediction").collect()
        theirs = [row.prediction for row in found]
        differences.append(np.abs(fitted.trees.scores(matrix[rows]) - np.array(theirs)).max())
    return float(max(differences))


def _latency(folder: Path, link: Path, count: int) -> Mapping[str, object]:
    """Milliseconds of one client over HTTP, one question after the other."""
    with duckdb.connect(str(link.resolve()), read_only=True) as database:
        rows = database.execute(
            "SELECT film_id, directors, writers, persons, genres, year(year), duration FROM films"
            f" USING SAMPLE {count} ROWS (reservoir, 1)"
        ).fetchall()
    names = ("directors", "writers", "persons", "genres", "year", "duration")
    asked = [dict(zip(names, row[1:], strict=True)) | {"country": "USA"} for row in rows]
    told = [Question("POST", "/film/predict", parts) for parts in asked]
    known = [Question("GET", f"/film/{row[0]}/prediction") for row in rows]
    with server(folder, link, rate_limits="off", access_log="off") as running:
        return {"POST": latency(running.url, told), "GET": latency(running.url, known)}
