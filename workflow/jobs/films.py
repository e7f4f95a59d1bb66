"""spark-submit films.py STAGED OUT NAMES RULE: films and their credits, by a rule in JSON."""

import json
from pathlib import Path

import pyarrow.compute as pc
from pyarrow.dataset import dataset

from filmkin.catalogue import CREDITS, FilmRule
from workflow.contracts import spark_schema, staged_schema
from workflow.films import credits, films, kept_titles
from workflow.jobs import run_job
from workflow.parquet import count_rows
from workflow.sources import IMDB
from workflow.spark import spark_session


def main(staged: str, out: str, names: str, rule: str) -> None:
    film_rule = FilmRule(**json.loads(rule))
    with spark_session("PrepFilms") as spark:
        # To find out the schemas, Spark would start a job a table.
        tables = {
            name: spark.read.schema(staged_schema(IMDB[name])).parquet(f"{staged}/{name}")
            for name in names.split(",")
        }
        # Few rows that are asked for twice, made of many.
        kept = kept_titles(tables["title.basics"], tables["title.ratings"], film_rule).cache()
        credits(tables, kept).write.parquet(f"{out}/credits")
        written = spark.read.schema(spark_schema(CREDITS)).parquet(f"{out}/credits")
        films(kept, written, tables.get("title.akas")).write.parquet(f"{out}/films")
    figures = {
        "rows": count_rows(f"{out}/films"),
        "credits": count_rows(f"{out}/credits"),
        "surplus_rows_in_title_basics": surplus_rows(f"{staged}/title.basics", film_rule),
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


def surplus_rows(title_basics: str, rule: FilmRule) -> int:
    """How many rows of the rule's title types repeat the tconst of another."""
    of_type = pc.field("titleType").isin(rule.title_types)
    titles = dataset(title_basics).to_table(columns=["tconst"], filter=of_type)["tconst"]
    return len(titles) - int(pc.count_distinct(titles).as_py())


if __name__ == "__main__":
    run_job(main)
