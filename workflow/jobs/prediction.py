"""spark-submit prediction.py FILMS CREDITS DETAILS OUT SETTINGS: models that predict films.

DETAILS is empty where there are none; SETTINGS are those of `Learning`, in JSON.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Trained
from workflow.jobs import run_job
from workflow.prediction.films import KnownFilms, known_films
from workflow.prediction.tables import write_tables
from workflow.prediction.training import learnable, train
from workflow.spark import spark_session


def main(films: str, credits: str, details: str, out: str, settings: str) -> None:
    learning = Learning(**json.loads(settings))
    known = known_films(Path(films), Path(credits), Path(details) if details else None)
    values = {name: known.values[name] for name in learning.targets}
    trained: list[Trained] = []
    if any(learnable(known.parts, of, learning) for of in values.values()):
        with spark_session("TrainPrediction") as spark:
            trained = trained_models(spark, known, learning, Path(out))
    write_tables(trained, learning, Path(out))
    figures = {
        "rows": len(trained),
        "films": {name: int(np.count_nonzero(~np.isnan(of))) for name, of in values.items()},
        "models": {model.target: _told(model) for model in trained},
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def trained_models(
    spark: SparkSession, known: KnownFilms, learning: Learning, folder: Path
) -> list[Trained]:
    """The models of the targets that films enough tell of, by target; Spark works in `folder`."""
    told = [
        name
        for name in sorted(learning.targets)
        if learnable(known.parts, known.values[name], learning)
    ]
    # A tree is a row of small jobs, one behind the other: those of the targets fill each other's
    # gaps.
    with ThreadPoolExecutor(len(told)) as threads:
        begun = [
            threads.submit(train, spark, known, name, learning, folder / f"trees_{name}")
            for name in told
        ]
        return [one.result() for one in begun]


def _told(model: Trained) -> str:
    (test,) = (one.test for one in model.tried if one.candidate == model.chosen)
    (median,) = (one.test for one in model.tried if not one.candidate.methods)
    return f"{model.chosen.name}: MAE {test.mae:.3f}, of the median {median.mae:.3f}"


if __name__ == "__main__":
    run_job(main)
