"""What the report tells of a build, read from its file: one statement a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from filmkin.catalogue import TABLES
from filmkin.errors import BuildError

MOST_PEOPLE = 20


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of steps of one width: a step's beginning and how many lie in it, ascending."""

    width: float
    counts: Sequence[tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is told; counts of texts are (text, count), the most first."""

    build: Mapping[str, Any]
    rows: Sequence[tuple[str, str, int]]  # table, description, rows
    unknown: Sequence[tuple[str, int]]  # column of films, films without a value
    years: Histogram
    ratings: Histogram
    votes: Histogram  # steps of the common logarithm
    durations: Histogram
    similarities: Histogram
    genres: Sequence[tuple[str, int]]
    people: Sequence[tuple[str, int, float | None]]  # name, films, mean rating of these
    checks: Sequence[tuple[str, int]]


# The mean of ratings is of the films that have one.
_PEOPLE = f"""
    SELECT any_value(people.name), count(DISTINCT film_id) AS films,
           round(avg(rating)::DOUBLE, 2) AS mean
    FROM (SELECT DISTINCT film_id, person_id FROM credits)
    JOIN people USING (person_id) JOIN films USING (film_id)
    GROUP BY person_id ORDER BY films DESC, person_id LIMIT {MOST_PEOPLE}
"""
_GENRES = """
    SELECT genre, count(*) AS films FROM (SELECT unnest(genres) AS genre FROM films)
    GROUP BY genre ORDER BY films DESC, genre
"""


def figures_of(file: Path) -> Figures:
    """Read the figures of a build file. Raises BuildError when it cannot be read."""
    try:
        with duckdb.connect(str(file), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            return _figures(database)
    except duckdb.Error as error:
        raise BuildError(f"{file.name}: {error}") from error


def _figures(database: duckdb.DuckDBPyConnection) -> Figures:
    def rows(sql: str) -> list[Any]:
        return database.execute(sql).fetchall()

    def histogram(value: str, table: str, width: float) -> Histogram:
        step = f"floor(({value}) / {width} + 1e-9)"
        counts = rows(
            f"SELECT {step} * {width} AS step, count(*) FROM {table}"
            f" WHERE ({value}) IS NOT NULL GROUP BY step ORDER BY step"
        )
        return Histogram(width, [(float(step), int(count)) for step, count in counts])

    asked = database.execute("FROM build")
    names = [column[0] for column in asked.description or ()]
    (build,) = asked.fetchall()
    unknown = ("title", "year", "duration", "rating", "vote_count")
    counted = ", ".join(f"count(*) - count({name})" for name in unknown)
    return Figures(
        build=dict(zip(names, build, strict=True)),
        rows=[
            (table.name, table.description, rows(f"SELECT count(*) FROM {table.name}")[0][0])
            for table in TABLES
        ],
        unknown=list(zip(unknown, rows(f"SELECT {counted} FROM films")[0], strict=True)),
        years=histogram("year(year)", "films", 5),
        ratings=histogram("rating::DOUBLE", "films", 0.5),
        votes=histogram("log10(vote_count + 1)", "films", 0.25),
        durations=histogram("least(duration, 300)", "films", 10),
        similarities=histogram("similarity", "films_cos_sim", 0.05),
        genres=rows(_GENRES),
        people=rows(_PEOPLE),
        checks=rows("SELECT name, offending FROM build_checks ORDER BY rowid"),
    )
