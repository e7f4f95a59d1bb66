"""spark-submit search.py FILMS DETAILS OUT: the index of the free-text search.

DETAILS is empty where there are none.
"""

import json
from pathlib import Path

from filmkin.catalogue import DETAILS
from workflow.contracts import empty_frame, spark_schema
from workflow.jobs import run_job
from workflow.parquet import count_rows
from workflow.search import found_words, postings, terms
from workflow.spark import spark_session


def main(films: str, details: str, out: str) -> None:
    with spark_session("SearchIndex") as spark:
        of_films = spark.read.parquet(films)
        of_details = (
            spark.read.parquet(details) if details else empty_frame(spark, spark_schema(DETAILS))
        )
        found = found_words(of_films, of_details).persist()  # it is asked twice, and made in Python
        postings(found).write.parquet(f"{out}/search_postings")
        made = spark.read.parquet(f"{out}/search_postings")
        terms(made, count_rows(films)).write.parquet(f"{out}/search_terms")
    figures = {
        "rows": count_rows(f"{out}/search_terms"),
        "postings": count_rows(f"{out}/search_postings"),
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    run_job(main)
