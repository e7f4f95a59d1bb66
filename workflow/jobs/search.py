"""spark-submit search.py FILMS DETAILS OUT: the index of the free-text search.

DETAILS is empty where there are none.
"""

import json
from pathlib import Path

from pyarrow.dataset import dataset

from filmkin.catalogue import DETAILS
from workflow.contracts import spark_schema
from workflow.jobs import run_job
from workflow.search import found_words, postings, terms
from workflow.spark import spark_session


def main(films: str, details: str, out: str) -> None:
    with spark_session("SearchIndex") as spark:
        of_films = spark.read.parquet(films)
        of_details = (
            spark.read.parquet(details)
            if details
            else spark.createDataFrame([], spark_schema(DETAILS))
        )
        postings(found_words(of_films, of_details)).write.parquet(f"{out}/search_postings")
        made = spark.read.parquet(f"{out}/search_postings")
        terms(made, dataset(films).count_rows()).write.parquet(f"{out}/search_terms")
    figures = {
        "rows": dataset(f"{out}/search_terms").count_rows(),
        "postings": dataset(f"{out}/search_postings").count_rows(),
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    run_job(main)
