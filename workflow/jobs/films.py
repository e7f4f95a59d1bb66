"""spark-submit films.py STAGED OUT NAMES RULE: films of the staged tables, by a rule in JSON."""

import json
import sys
from pathlib import Path

from filmkin.catalogue import FilmRule
from workflow.films import films, surplus_rows
from workflow.spark import spark_session


def main(staged: str, out: str, names: str, rule: str) -> None:
    film_rule = FilmRule(**json.loads(rule))
    with spark_session("PrepFilms") as spark:
        tables = {name: spark.read.parquet(f"{staged}/{name}") for name in names.split(",")}
        films(tables, film_rule).write.parquet(f"{out}/films")
        figures = {
            "rows": spark.read.parquet(f"{out}/films").count(),
            "surplus_rows_in_title_basics": surplus_rows(tables["title.basics"], film_rule),
        }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
