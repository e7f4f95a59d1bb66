"""spark-submit similarity.py FILMS OUT SETTINGS BLOCK: vectors, tokens and similar pairs."""

import json
import sys
import time
from pathlib import Path

from filmkin.features import film_features
from filmkin.similarity import SimilaritySettings
from workflow.similarity import (
    FEATURE_COLUMNS,
    feature_rows,
    film_columns,
    similarity_pairs,
    token_rows,
)
from workflow.spark import spark_session


def main(films: str, out: str, settings: str, block_films: str) -> None:
    asked = SimilaritySettings.from_dict(json.loads(settings))
    block = int(block_films)
    clock = Clock()
    with spark_session("CosineSimilarity") as spark:
        clock.lap("session")
        columns = film_columns(spark.read.parquet(films).select(*FEATURE_COLUMNS).toArrow())
        clock.lap("films")
        features = film_features(columns, asked.shares)
        most = asked.most_of(len(features.film_ids))
        clock.lap("features")
        pairs = similarity_pairs(spark, features, asked.min_similarity, block, most)
        pairs.write.parquet(f"{out}/csfilms")
        clock.lap("pairs")
        feature_rows(spark, features, block).write.parquet(f"{out}/film_features")
        token_rows(spark, features).write.parquet(f"{out}/tokens")
        clock.lap("vectors")
        rows = spark.read.parquet(f"{out}/csfilms").count()
    figures = {"rows": rows, "max_similar": most, "seconds": clock.laps}
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


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
    main(*sys.argv[1:])
