"""spark-submit similarity.py FILMS OUT SETTINGS BLOCK: vectors, tokens and similar pairs."""

import json
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from filmkin.features import film_features
from filmkin.similarity import SimilaritySettings
from workflow.jobs import run_job
from workflow.similarity import (
    FEATURE_COLUMNS,
    feature_table,
    film_columns,
    token_table,
    write_pairs,
)
from workflow.spark import spark_session


def main(films: str, out: str, settings: str, block_films: str) -> None:
    asked = SimilaritySettings.from_dict(json.loads(settings))
    clock = Clock()
    # The vectors are made in one process, from columns that it reads and writes faster by itself.
    features = film_features(film_columns(_read(films)), asked.shares)
    _write(feature_table(features), f"{out}/film_features")
    _write(token_table(features), f"{out}/tokens")
    clock.lap("vectors")
    most = asked.most_of(len(features.film_ids))
    with spark_session("CosineSimilarity") as spark:
        clock.lap("session")
        rows = write_pairs(
            spark, features, asked.min_similarity, int(block_films), Path(out, "csfilms"), most
        )
        clock.lap("pairs")
    figures = {"rows": rows, "max_similar": most, "seconds": clock.laps}
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def _read(films: str) -> pa.Table:
    return pq.read_table(films, columns=list(FEATURE_COLUMNS))


def _write(table: pa.Table, folder: str) -> None:
    Path(folder).mkdir()
    pq.write_table(table, f"{folder}/part-0.parquet")


class Clock:
    """Seconds of each part of a job."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.monotonic()

    def lap(self, name: str) -> None:
        """The part that ends now."""
        now = time.monotonic()
        self.laps[name], self._since = round(now - self._since, 1), now


if __name__ == "__main__":
    run_job(main)
