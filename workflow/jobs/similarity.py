"""spark-submit similarity.py FILMS OUT SHARES FLOOR BLOCK: vectors, tokens and similar pairs."""

import json
import sys
from pathlib import Path

from filmkin.features import FieldShares, film_features
from workflow.similarity import feature_rows, film_columns, similarity_pairs, token_rows
from workflow.spark import spark_session


def main(films: str, out: str, shares: str, floor: str, block_films: str) -> None:
    block = int(block_films)
    with spark_session("CosineSimilarity") as spark:
        columns = film_columns(spark.read.parquet(films))
        features = film_features(columns, FieldShares(**json.loads(shares)))
        similarity_pairs(spark, features, float(floor), block).write.parquet(f"{out}/csfilms")
        feature_rows(spark, features, block).write.parquet(f"{out}/film_features")
        token_rows(spark, features).write.parquet(f"{out}/tokens")
        figures = {"rows": spark.read.parquet(f"{out}/csfilms").count()}
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
