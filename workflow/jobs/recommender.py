"""spark-submit recommender.py RATINGS FILMS OUT SETTINGS: what people's ratings teach.

SETTINGS are those of `Search`, in JSON.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filmkin.held_back import RatingData
from workflow.jobs import run_job
from workflow.recommender.learner import Learner
from workflow.recommender.search import search
from workflow.recommender.settings import Search
from workflow.recommender.tables import how_learnt, rated_films
from workflow.spark import spark_session


def main(ratings: str, films: str, out: str, settings: str) -> None:
    asked = Search(**json.loads(settings))
    data = _data(pq.read_table(ratings))
    with (
        spark_session("TrainRecommender") as spark,
        TemporaryDirectory(dir=out, prefix=".values-") as scratch,
    ):
        choice, trials = search(spark, data, asked, Path(scratch))
        made = Learner(spark, data, Path(scratch), asked.seed).recommender(choice)
    _write(rated_films(made, data, pq.read_table(films)), Path(out, "rated_films"))
    _write(how_learnt(made, data, choice, asked, trials), Path(out, "recommender"))
    figures = {
        "rows": len(made.film_ids),
        "trials": len(trials),
        "rmse": min((t.rmse for t in trials if t.rmse is not None), default=None),
        "ndcg": max((t.ndcg for t in trials if t.ndcg is not None), default=None),
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def _data(ratings: pa.Table) -> RatingData:
    ordered = ratings.sort_by([("person", "ascending"), ("film_id", "ascending")])
    film_ids, films = np.unique(ordered["film_id"].to_numpy(), return_inverse=True)
    return RatingData(
        ordered["person"].to_numpy().astype(np.intp),
        films,
        ordered["rating"].to_numpy(),
        ordered["rated_at"].to_numpy(),
        film_ids.astype(np.int32),
    )


def _write(table: pa.Table, folder: Path) -> None:
    folder.mkdir()
    pq.write_table(table, folder / "part-0.parquet")


if __name__ == "__main__":
    run_job(main)
