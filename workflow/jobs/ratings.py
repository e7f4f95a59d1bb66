"""spark-submit ratings.py SOURCE STORED FILMS OUT: MovieLens' ratings and those of the store.

SOURCE is a zip of MovieLens, or a folder of its files; STORED is empty where there is no store.
"""

import json
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from filmkin.catalogue import MOVIELENS_PEOPLE
from workflow.contracts import empty_frame
from workflow.delimited import to_parquet
from workflow.jobs import run_job
from workflow.movielens import unpacked
from workflow.parquet import count_rows
from workflow.ratings import (
    check_columns,
    check_usable,
    described,
    given_ratings,
    links,
    of_movielens,
    people,
    ratings,
)
from workflow.sources import MOVIELENS
from workflow.spark import spark_session
from workflow.stored_ratings import STORED_SCHEMA

_FOLDERS = ("ratings", "movielens_people", "movielens_films")


def main(source: str, stored: str, films: str, out: str) -> None:
    texts = Path(out, "texts")
    texts.mkdir()
    with unpacked(Path(source), texts) as files:
        refused = {name: to_parquet(files / name, texts / f"{name}.parquet") for name in MOVIELENS}
    with spark_session("PrepRatings") as spark:
        frames = {name: _read(spark, texts, name) for name in MOVIELENS}
        linked = links(frames["links.csv"]).cache()
        given = given_ratings(frames["ratings.csv"])
        movielens = of_movielens(given, linked).cache()
        lines = count_rows(texts / "ratings.csv.parquet") + refused["ratings.csv"]
        read, without_link = given.count(), given.join(linked, "movie_id", "left_anti").count()
        check_usable(lines, read, without_link)
        of_store = spark.read.parquet(stored) if stored else empty_frame(spark, STORED_SCHEMA)
        every = ratings(movielens, of_store)
        every.repartition(1).sortWithinPartitions("person", "film_id").write.parquet(
            f"{out}/ratings"
        )
        people(movielens).repartition(1).sortWithinPartitions(
            *MOVIELENS_PEOPLE.order
        ).write.parquet(f"{out}/movielens_people")
        rated = spark.read.parquet(f"{out}/ratings")
        described(
            rated, linked, frames["movies.csv"], frames["tags.csv"], spark.read.parquet(films)
        ).repartition(1).write.parquet(f"{out}/movielens_films")
    figures = {
        "rows": count_rows(f"{out}/ratings"),
        "lines": lines,
        "rejected": lines - read,
        "without_link": without_link,
        "stored": count_rows(stored) if stored else 0,
        **{name: count_rows(f"{out}/{name}") for name in _FOLDERS[1:]},
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def _read(spark: SparkSession, texts: Path, name: str) -> DataFrame:
    frame = spark.read.parquet(str(texts / f"{name}.parquet"))
    check_columns(name, frame.columns)
    return frame


if __name__ == "__main__":
    run_job(main)
