"""PrepDetails' transform: every dirt that scrapes hold, cell by cell, and rows put together."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from filmkin.catalogue import DETAILS
from filmkin.errors import SourceError
from tests.batch import TASK_FAILED, Batch
from workflow.contracts import spark_schema
from workflow.details import (
    count,
    details,
    film_number,
    minutes,
    money,
    report,
    score,
    text,
    texts,
    year,
)

CELLS: dict[Callable[[Column], Column], dict[str | None, Any]] = {
    text: {
        None: None,
        "": None,
        " \t ": None,
        r"\N": None,
        "Avatar\u00a0": "Avatar",
        " Star\u00a0 Wars\n": "Star Wars",
        '\ufeffHe said "no", twice': 'He said "no", twice',
    },
    film_number: {
        None: None,
        "tt0099785": 99785,
        "http://www.imdb.com/title/tt0499549/?ref_=fn_tt_tt_1": 499549,
        " tt10872600 ": 10872600,
        "0099785": None,
        "nm0000184": None,
        "butt0000001": None,
        "tt" + "9" * 12: None,
    },
    texts: {
        None: None,
        "avatar|future|marine": ["avatar", "future", "marine"],
        " a | b||a|": ["a", "b"],
        "|": None,
    },
    minutes: {
        None: None,
        "": None,
        "2h 15m": 135,
        "2h15m": 135,
        "2H 5M": 125,
        "45m": 45,
        "2h": 120,
        "1 hr 5 min": 65,
        "2 hours": 120,
        "135": 135,
        "135.0": 135,
        "135 min": 135,
        "0": None,
        "0h 0m": None,
        "2:15": None,
        "m": None,
        "about 2h": None,
        "99999999999999m": None,
    },
    count: {
        None: None,
        "723": 723,
        "0": 0,
        "1,234": 1234,
        "1,234,567": 1234567,
        "1.2K": 1200,
        "1.2 k": 1200,
        "3M": 3_000_000,
        "12,34": None,
        "1.2": None,
        "1.2345K": None,
        "-5": None,
        "many": None,
        "9B": None,
    },
    score: {None: None, "74": 74, "74/100": 74, "100": 100, "101": None, "7.4": None, "0": 0},
    year: {
        None: None,
        "2009": 2009,
        "2009.0": 2009,
        "(1977)": 1977,
        "1990-1999": 1990,
        "12009": None,
        "3009": None,
        "MCMXC": None,
    },
    money: {
        None: None,
        "$1,234,567": (1234567, "USD"),
        "237000000": (237000000, None),
        "4,200,000,000": (4200000000, None),
        "€1.2M": (1200000, "EUR"),
        "£ 300K": (300000, "GBP"),
        "US$5": (5, "USD"),
        "A$2M": (2000000, "AUD"),
        "CN¥7": (7, "CNY"),
        "SEK\u00a045,000,000": (45000000, "SEK"),
        "R$5": None,
        "INR 1,200": (1200, "INR"),
        "₹500": (500, "INR"),
        "1000 usd": (1000, "USD"),
        "1.5B": (1500000000, None),
        "0": None,
        "$": None,
        "$1.5": None,
        "$-5": None,
        "(estimated)": None,
        "9" * 30: None,
    },
}


@pytest.mark.parametrize("clean", CELLS, ids=lambda clean: clean.__name__)
def test_each_cell_is_read_or_null(spark: SparkSession, clean: Callable[[Column], Column]) -> None:
    cells = list(CELLS[clean])
    frame = spark.createDataFrame(
        [(place, cell) for place, cell in enumerate(cells)], "n int, c string"
    )
    found = {
        row["n"]: row["found"]
        for row in frame.select("n", clean(F.col("c")).alias("found")).collect()
    }
    told = {cell: found[place] for place, cell in enumerate(cells)}
    assert told == CELLS[clean]


def test_a_language_is_known_by_its_name_or_code(spark: SparkSession) -> None:
    told = {
        "English": "en", " fr ": "fr", "Panjabi": "pa", "Mandarin": "cmn", "Dari": "fa",
        "Maya": None, "None": None, "": None, None: None, "x": None,
    }  # fmt: skip
    frame = spark.createDataFrame(
        [(f"tt{number}", name) for number, name in enumerate(told, start=1)],
        "tconst string, spoken string",
    )
    columns = {"film_id": "tconst", "language": "spoken"}
    found = details({"f": frame}, {"f": columns}).orderBy("film_id").collect()
    assert [row["language"] for row in found] == list(told.values())
    nulls = report(frame, columns, "f")["nulls"]
    assert nulls == {"language": {"before": 2, "after": 5}}


COLUMNS = {"film_id": "link", "overview": "plot", "budget": "cost", "duration": "time"}


def scraped(spark: SparkSession, *rows: tuple[str | None, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), "link string, plot string, cost string, time string")


def told(frame: DataFrame) -> list[dict[str, Any]]:
    """The rows, and of each what is not null."""
    return [
        {name: value for name, value in row.asDict().items() if value is not None}
        for row in frame.collect()
    ]


def test_of_a_film_the_fullest_row_counts_and_of_several_files_the_first_that_says_it(
    spark: SparkSession,
) -> None:
    first = scraped(
        spark,
        ("tt0000002", "", "1000", ""),
        ("tt0000001", "A plot.", "", "45m"),
        ("tt0000001", "A better plot.", "$5", "2h"),
        ("tt0000001", "Z", "7", None),
        ("no film", "Lost.", "1", "1"),
    )
    second = spark.createDataFrame(
        [("tt0000002", "Of the second.", "€9"), ("tt0000003", "Alone.", None)],
        "tconst string, overview string, budget string",
    )
    columns = {
        "one": COLUMNS,
        "two": {"film_id": "tconst", "overview": "overview", "budget": "budget"},
    }
    found = details({"one": first, "two": second}, columns)
    assert found.columns == list(DETAILS.column_names)
    assert found.schema == spark.createDataFrame([], spark_schema(DETAILS)).schema
    assert told(found) == [
        {"film_id": 1, "overview": "A better plot.", "budget": 5, "budget_currency": "USD", "duration": 120},
        {"film_id": 2, "overview": "Of the second.", "budget": 1000},
        {"film_id": 3, "overview": "Alone."},
    ]  # fmt: skip


def test_of_rows_that_say_as_much_the_choice_does_not_hang_on_their_order(
    spark: SparkSession,
) -> None:
    rows = [("tt0000001", plot, "5", "2h") for plot in ("B", "A", "C")]
    found = [told(details({"f": scraped(spark, *r)}, {"f": COLUMNS})) for r in (rows, rows[::-1])]
    assert found[0] == found[1]


def test_the_report_counts_what_was_null_and_what_became_null(spark: SparkSession) -> None:
    frame = scraped(
        spark,
        ("tt0000001", " ", "cheap", "2h"),
        ("tt0000001", "A plot.", "5", "long"),
        ("nobody", "Lost.", "", "5"),
    )
    assert report(frame, COLUMNS, "f") == {
        "rows": 3,
        "without_film": 1,
        "duplicates": 1,
        "nulls": {
            "overview": {"before": 1, "after": 1},
            "budget": {"before": 0, "after": 1},
            "duration": {"before": 0, "after": 1},
        },
    }


def test_a_column_that_is_not_there_is_named(spark: SparkSession) -> None:
    with pytest.raises(SourceError, match=r"films\.csv: there is no column Plot, Länge"):
        details(
            {"films.csv": scraped(spark)},
            {"films.csv": COLUMNS | {"overview": "Plot", "duration": "Länge"}},
        )
    with pytest.raises(SourceError, match=r"films\.csv: there is no column that is said to hold"):
        details({"films.csv": scraped(spark)}, {"films.csv": {"overview": "plot"}})


def test_the_task_makes_details_of_files_and_has_a_damaged_one_fetched_again(
    tmp_path: Path,
) -> None:
    scraped = tmp_path / "scrape.csv"
    scraped.write_text('link,time\r\ntt0000001,"2h\n15m"\r\ntt0000002,long\r\nbroken\r\n')
    plots = tmp_path / "overviews.tsv.gz"
    plots.write_bytes(gzip.compress(b'tconst\toverview\ntt0000002\tA "lone plot.\n'))
    columns = json.dumps(
        {
            scraped.name: {"film_id": "link", "duration": "time"},
            plots.name: {"film_id": "tconst", "overview": "overview"},
        }
    )
    settings = ("--sources-details", f"{scraped}, {plots}", "--details-columns", columns)
    batch = Batch(tmp_path / "root", str(tmp_path), settings)
    came = batch.root / "datasets" / "details" / plots.name
    batch.run("--url", str(plots), "--path", str(came), task="SourceDataset")
    content = bytearray(came.read_bytes())
    content[12:20] = bytes(8)
    came.write_bytes(content)
    log = batch.run(task="PrepDetails", expect=TASK_FAILED)
    assert f"{plots.name}: " in log
    assert "It was damaged since it came, and the next run fetches it." in log
    log = batch.run(task="PrepDetails")
    assert "rows 2, rejected 1" in log
    assert came.read_bytes() == plots.read_bytes()
    with duckdb.connect() as database:
        found = database.execute(
            f"SELECT film_id, duration, overview FROM '{batch.root}/output/details/*.parquet'"
        ).fetchall()
    assert found == [(1, 135, None), (2, None, 'A "lone plot.')]
