"""Datasette serving the same tables from SQLite: film, similar films, and a search."""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import duckdb
import httpx

from benchmarks._questions import Asked, Questions
from benchmarks._wrk import drive
from tests.programs import Program
from tests.server import Server, free_port

# Its page of a row (/films/films/ID.json) was slower.
_FILM = "select * from films where film_id = :film_id"
_SIMILAR = (
    "select films.*, similarity from films_cos_sim join films on films.film_id = other_id"
    " where films_cos_sim.film_id = :film_id and similarity >= 0.3"
    " order by similarity desc, other_id limit 10"
)
_SEARCH = (
    "select * from films where persons like '%' || :person || '%'"
    " and genres like '%' || :genre || '%' order by title, film_id limit 100"
)


def datasette_rates(
    folder: Path, build: Path, questions: Questions, count: int, clients: int, seconds: float
) -> Mapping[str, object]:
    """Requests a second of the same questions, as so many servers of it take them together."""
    database = folder / "films.db"
    _copy(build, database)
    with ExitStack() as opened:
        running = [opened.enter_context(_server(folder, n, database)) for n in range(count)]
        asked: dict[str, list[Asked]] = {
            "film": [_query(_FILM, film_id=_id(one)) for one in questions.film()],
            "similar": [_query(_SIMILAR, film_id=_id(one)) for one in questions.similar()],
            "search by person and genre": [
                _query(_SEARCH, **json.loads(one[1])) for one in questions.person_and_genre()
            ],
        }
        for paths in asked.values():
            assert httpx.get(running[0].url + str(paths[0]), timeout=30).status_code in (200, 404)
        found = {
            name: drive(running, folder, paths, clients, seconds) for name, paths in asked.items()
        }
    return {
        name: {
            "requests_per_second": round(rate.rate),
            "p99_ms": rate.p99,
            "share_of_errors": round(rate.without, 3),
        }
        for name, rate in found.items()
    }


@contextmanager
def _server(folder: Path, number: int, database: Path) -> Iterator[Server]:
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("datasette")), "serve", "--immutable", str(database),
        "--host", "127.0.0.1", "--port", str(port), "--setting", "sql_time_limit_ms", "10000",
    ]  # fmt: skip
    program = Program(f"datasette-{number}", command, folder, os.environ)
    url = f"http://127.0.0.1:{port}"
    try:
        program.until("its first answer", lambda: _is_there(url))
        yield Server(url, port, program, 0.0)
    finally:
        program.kill()


def _copy(build: Path, database: Path) -> None:
    """films and films_cos_sim as SQLite tables with the indexes that their keys ask for."""
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as sqlite, duckdb.connect(str(build), read_only=True) as source:
        described = source.execute("DESCRIBE films").fetchall()
        names = [row[0] for row in described]
        columns = ", ".join(f"{row[0]}::VARCHAR" if "[]" in row[1] else row[0] for row in described)
        columns = columns.replace("rating", "rating::DOUBLE").replace("year,", "year::VARCHAR,")
        sqlite.execute(f"CREATE TABLE films (film_id INTEGER PRIMARY KEY, {', '.join(names[1:])})")
        rows = source.execute(f"SELECT {columns} FROM films")
        while part := rows.fetchmany(10_000):
            sqlite.executemany(f"INSERT INTO films VALUES ({', '.join('?' * len(names))})", part)
        sqlite.execute(
            "CREATE TABLE films_cos_sim (film_id INTEGER, other_id INTEGER, similarity REAL)"
        )
        rows = source.execute("FROM films_cos_sim")
        while part := rows.fetchmany(100_000):
            sqlite.executemany("INSERT INTO films_cos_sim VALUES (?, ?, ?)", part)
        sqlite.execute("CREATE INDEX similar ON films_cos_sim (film_id, similarity DESC, other_id)")
    sqlite.close()


def _id(asked: Asked) -> str:
    return str(asked).split("/")[2]


def _query(sql: str, **parameters: str) -> str:
    asked = {"sql": sql, "_shape": "array", **parameters}
    return f"/films.json?{urlencode(asked, quote_via=quote)}"


def _is_there(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/versions.json").status_code == 200
    except httpx.TransportError:
        return False
