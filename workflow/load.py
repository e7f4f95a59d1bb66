"""parquet -> DuckDB: all SQL that writes.

A build is a database file of its own. Each step writes its tables and its mark in `build_steps` in
one transaction, so that a step is there whole or not at all. The file bears its name only once it
is checked, and is never written again; publishing is one atomic rename of the link that the
service follows.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

import duckdb

from filmkin.catalogue import (
    BUILD,
    CREDITS,
    DETAILS,
    FILM_FEATURES,
    FILMS,
    PREDICTION,
    RATED_FILMS,
    RECOMMENDATION,
    SEARCH_POSTINGS,
    SEARCH_TERMS,
    SIMILARITY,
    TOKENS,
    Table,
)
from filmkin.errors import BuildError
from workflow.checks import LAST, CheckLimits, run_checks, write_report
from workflow.checksum import checksum_file, is_intact, write_checksum
from workflow.derived import OF_FILMS, OF_PAIRS, UNCOMPRESSED
from workflow.scratch import scratch_folder, sweep
from workflow.sql import quoted
from workflow.storage import storage_error

log = logging.getLogger(__name__)

FILMS_STEP = "films"
SIMILARITY_STEP = "similarity"
SEARCH_STEP = "search"
PREDICTION_STEP = "prediction"
RECOMMENDER_STEP = "recommender"
CHECK_STEP = "checked"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The row of `build`: what a build is made from. Fields as in the contract BUILD."""

    build_id: str
    created: datetime
    code_version: str
    parameters: Mapping[str, Any]
    min_similarity: float
    max_similar: int | None
    sources: list[dict[str, Any]]


def build_file(builds: Path, identity: str) -> Path:
    """The file of the build with this id, once checked: the sound one, else the one to make.

    The name of a damaged one is not used again, for the service may have it open.
    """
    first = builds / f"films-{identity}.duckdb"
    for file in (first, *sorted(builds.glob(f"films-{identity}.[0-9]*.duckdb"))):
        if is_intact(file):
            return file
    further = (builds / f"films-{identity}.{number}.duckdb" for number in count(2))
    return next(file for file in chain([first], further) if not file.exists())


def build_id(file: Path) -> str:
    """The id of the build that a file is named after."""
    return file.name.split(".")[0].removeprefix("films-")


def report_file(file: Path) -> Path:
    """Where the report of a build stands."""
    return file.with_suffix(".html")


def notebooks_folder(file: Path) -> Path:
    """Where the pages of the notebooks that were run on a build stand."""
    return file.with_suffix(".notebooks")


def unchecked_file(file: Path) -> Path:
    """Where a build is made that will be `file`."""
    return file.with_suffix(".unchecked")


def create_films(
    file: Path, films: Path, credits: Path, details: Path | None, provenance: Provenance
) -> int:
    """Begin the build `file`: a new database with the films, what is made of them, and `build`.

    Of the details, those of other films are left out; without any their table is empty. An old
    try is replaced. Returns how many films there are.
    """
    unchecked = unchecked_file(file)
    with scratch_folder(file.parent, file.name) as scratch:
        new = scratch / unchecked.name
        with _transaction(new) as database:
            database.execute("CREATE TABLE build_steps (step VARCHAR PRIMARY KEY)")
            rows = _create_table(database, FILMS, films)
            _create_table(database, CREDITS, credits)
            _create(database, DETAILS, _details_of_films(details))
            for table, sql in OF_FILMS.items():
                _create(database, table, sql)
            for name in ("films", "film_documents"):
                database.execute(f"CREATE UNIQUE INDEX {name}_by_id ON {name} (film_id)")
            for name in ("people", "credits"):
                database.execute(f"CREATE INDEX {name}_by_person ON {name} (person_id)")
            _create_build(database, provenance)
            _mark(database, FILMS_STEP)
        _log_of(unchecked).unlink(missing_ok=True)
        new.replace(unchecked)
    return rows


def create_similarity(file: Path, csfilms: Path, features: Path, tokens: Path) -> int:
    """Add `films_cos_sim` and the vectors that it was computed from to the build `file`.

    Returns how many pairs there are.
    """
    with _transaction(unchecked_file(file)) as database:
        rows = _create_table(database, SIMILARITY, csfilms)
        for table, sql in OF_PAIRS.items():
            _create(database, table, sql)
        database.execute("CREATE UNIQUE INDEX neighbours_by_id ON neighbours (film_id)")
        _create_table(database, FILM_FEATURES, features)
        database.execute("CREATE INDEX features_by_film ON film_features (film_id)")
        _create_table(database, TOKENS, tokens)
        _mark(database, SIMILARITY_STEP)
    return rows


def create_search(file: Path, postings: Path, terms: Path) -> int:
    """Add the index of the free-text search to the build `file`. Returns how many words it has."""
    with _transaction(unchecked_file(file)) as database:
        _create_table(database, SEARCH_POSTINGS, postings)
        rows = _create_table(database, SEARCH_TERMS, terms)
        _mark(database, SEARCH_STEP)
    return rows


def create_prediction(file: Path, made: Mapping[Table, Path]) -> int:
    """Add what predictions are made of to the build `file`: each table of PREDICTION, from its
    folder. Returns how many models there are.
    """
    with _transaction(unchecked_file(file)) as database:
        models, *_ = (_create_table(database, table, made[table]) for table in PREDICTION)
        _mark(database, PREDICTION_STEP)
    return models


def create_recommender(file: Path, made: Mapping[Table, Path]) -> int:
    """Add what people's ratings teach to the build `file`: each table of RECOMMENDATION, from its
    folder; one that is not made is empty. Returns how many rated films there are.
    """
    with _transaction(unchecked_file(file)) as database:
        rows = {
            table: _create(database, table, _all_of(made[table]) if table in made else _no(table))
            for table in RECOMMENDATION
        }
        _mark(database, RECOMMENDER_STEP)
    return rows[RATED_FILMS]


def check_build(file: Path, limits: CheckLimits, last: Path | None = None) -> None:
    """Check the build and give it its name; raises BuildError when something does not hold.

    `last` is the build that is published now, unless it is gone or damaged. The report is stored in
    the build either way.
    """
    unchecked = unchecked_file(file)
    has_last = last is not None and is_intact(last)
    if last is not None and not has_last:
        log.warning("%s is gone or damaged, and nothing is compared with it", last.name)
    with _transaction(unchecked, last if has_last else None) as database:
        results = run_checks(database, limits, has_last=has_last)
        write_report(database, results)
        failed = [result for result in results if result.offending]
        if not failed:
            _mark(database, CHECK_STEP)
    for result in results:
        outcome = f"{result.offending} rows do not" if result.offending else "holds"
        log.info("%s: %s: %s", file.name, result.name, outcome)
    if failed:
        shown = "; ".join(f"{result.name}: {result.offending} rows" for result in failed)
        raise BuildError(f"{file.name} is not published: {shown}")
    _log_of(file).unlink(missing_ok=True)
    write_checksum(file, unchecked)
    unchecked.replace(file)
    log.info("%s: all %d checks hold", file.name, len(results))


def publish(file: Path, link: Path, keep: int | None) -> None:
    """Point the link that the service follows at a build, and drop the oldest others.

    `keep` None drops none.
    """
    sweep(link.parent)
    temporary = link.with_name(f".{link.name}.{os.getpid()}.link.tmp")
    temporary.symlink_to(os.path.relpath(file, link.parent))
    temporary.replace(link)
    log.info("%s now leads to %s", link, file.name)
    if keep is not None:
        prune(file.parent, file, keep)


def prune(builds: Path, current: Path, keep: int) -> None:
    """Remove all checked builds but `current` and the newest others, `keep` in all.

    Builds that were begun and never finished go as well.
    """
    for unfinished in builds.glob("films-*.unchecked*"):
        shutil.rmtree(unfinished) if unfinished.is_dir() else unfinished.unlink(missing_ok=True)
    others = [file for file in builds.glob("films-*.duckdb") if file.name != current.name]
    others.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    # Of the same id: damaged, or it would be the current one.
    damaged = [file for file in others if build_id(file) == build_id(current)]
    sound = [file for file in others if file not in damaged]
    for old in (*damaged, *sound[max(0, keep - 1) :]):
        log.info("removing the old build %s", old.name)
        for file in (old, _log_of(old), checksum_file(old), report_file(old)):
            file.unlink(missing_ok=True)
        shutil.rmtree(notebooks_folder(old), ignore_errors=True)


@contextmanager
def _transaction(file: Path, last: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a build file in one transaction; all of it is written, or nothing.

    `last` is attached to be read.
    """
    try:
        with duckdb.connect(str(file)) as database:
            database.execute("SET TimeZone = 'UTC'")
            if last is not None:
                database.execute(f"ATTACH {quoted(last)} AS {LAST} (READ_ONLY)")
            database.execute("BEGIN")
            yield database
            database.execute("COMMIT")
            database.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise storage_error(str(error)) or BuildError(f"{file.name}: {error}") from error


def _create_table(database: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> int:
    """A table in its contract from a folder of parquet files. Returns its rows."""
    return _create(database, table, _all_of(parquet))


def _all_of(parquet: Path) -> str:
    files = str(parquet / "*.parquet").replace("'", "''")
    return f"FROM read_parquet('{files}')"


def _details_of_films(parquet: Path | None) -> str:
    if parquet is None:
        return _no(DETAILS)
    return f"{_all_of(parquet)} SEMI JOIN films USING (film_id)"


def _no(table: Table) -> str:
    """No row of a table."""
    columns = (f"NULL::{column.type} AS {column.name}" for column in table.columns)
    return f"SELECT {', '.join(columns)} WHERE false"


def _create(database: duckdb.DuckDBPyConnection, table: Table, source: str) -> int:
    """A table in its contract's columns, types and order, of a query. Returns its rows."""
    form = " USING COMPRESSION uncompressed" if table in UNCOMPRESSED else ""
    declared = ", ".join(f"{column.name} {column.type}{form}" for column in table.columns)
    database.execute(f"CREATE TABLE {table.name} ({declared})")
    columns = ", ".join(
        f"CAST({column.name} AS {column.type}) AS {column.name}" for column in table.columns
    )
    created = database.execute(
        f"INSERT INTO {table.name} SELECT {columns} FROM ({source})"
        f" ORDER BY {', '.join(table.order)}"
    ).fetchone()
    _comment(database, table)
    return int(created[0]) if created else 0


def _create_build(database: duckdb.DuckDBPyConnection, provenance: Provenance) -> None:
    columns = ", ".join(f"{column.name} {column.type}" for column in BUILD.columns)
    database.execute(f"CREATE TABLE {BUILD.name} ({columns})")
    values = {name: getattr(provenance, name) for name in BUILD.column_names}
    values["parameters"] = json.dumps(provenance.parameters, sort_keys=True)
    names = ", ".join(f"${name}" for name in BUILD.column_names)
    database.execute(f"INSERT INTO {BUILD.name} VALUES ({names})", values)
    _comment(database, BUILD)


def _comment(database: duckdb.DuckDBPyConnection, table: Table) -> None:
    for column in table.columns:
        text = f"{column.description} ({column.source})".replace("'", "''")
        database.execute(f"COMMENT ON COLUMN {table.name}.{column.name} IS '{text}'")


def _mark(database: duckdb.DuckDBPyConnection, step: str) -> None:
    database.execute("INSERT OR REPLACE INTO build_steps VALUES ($1)", [step])


def _log_of(file: Path) -> Path:
    """DuckDB's write-ahead log of a database file."""
    return file.with_name(f"{file.name}.wal")
