"""spark-submit genres.py FILMS OUT: the films under each of their genres."""

import json
from pathlib import Path

from workflow.genres import films_by_genre
from workflow.jobs import run_job
from workflow.spark import spark_session


def main(films: str, out: str) -> None:
    with spark_session("GenreParquets") as spark:
        by_genre = films_by_genre(spark.read.parquet(films))
        by_genre.write.partitionBy("genre").parquet(f"{out}/genres")
        rows = spark.read.parquet(f"{out}/genres").count()
    Path(out, "figures.json").write_text(json.dumps({"rows": rows}), encoding="utf-8")


if __name__ == "__main__":
    run_job(main)
