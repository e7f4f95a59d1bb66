"""Writing the sample: chunks of lines streamed into gzip files, renamed when all is complete."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from isal import igzip

from workflow.sample import arrow, credits, movielens, people, tables
from workflow.sample.known_films import KnownFilms, most_voted
from workflow.sample.people import Career
from workflow.sample.plan import CHUNK, Plan, make_plan, stream
from workflow.sample.titles import TitleChunk, make_titles
from workflow.sources import IMDB

BASICS, RATINGS = IMDB["title.basics"].file_name, IMDB["title.ratings"].file_name
PRINCIPALS, NAMES = IMDB["title.principals"].file_name, IMDB["name.basics"].file_name
CREW, AKAS = IMDB["title.crew"].file_name, IMDB["title.akas"].file_name
FRANCHISES, TASTES = "franchises.json", "tastes.json"

HEADERS = {t.file_name: "\t".join(column.name for column in t.columns) for t in IMDB.values()}


class Table:
    """A gzip file of lines that counts its rows; the same rows give the same bytes."""

    def __init__(self, name: str, raw: BinaryIO) -> None:
        self.rows = 0
        self._gzip = igzip.IGzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0)
        self._gzip.write(HEADERS[name].encode() + b"\n")

    def add(self, lines: bytes, rows: int) -> None:
        self._gzip.write(lines)
        self.rows += rows

    def close(self) -> None:
        self._gzip.close()


def _part(out: Path, name: str) -> Path:
    return (out / name).with_name(f".{Path(name).name}.part")


def generate(titles: int, seed: int, out: Path) -> dict[str, int]:
    """Write the sample into the folder `out`; gives the rows (series, people) per file name."""
    plan = make_plan(titles, seed)
    for name in movielens.HEADERS:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        files: dict[str, Table] = {}
        for name in HEADERS:
            raw = stack.enter_context(_part(out, name).open("wb"))
            files[name] = Table(name, raw)
            stack.callback(files[name].close)
        known = _write_tables(plan, files)
    rows = {name: table.rows for name, table in files.items()}
    rows |= _write_truth(out, FRANCHISES, plan.series.truth(_film_ids(plan)))
    rows |= _write_movielens(plan, known, out)
    for name in rows:
        _part(out, name).replace(out / name)
    return rows


def _write_movielens(plan: Plan, known: KnownFilms, out: Path) -> dict[str, int]:
    raters, tables_of = movielens.make(plan, known)
    for name, rows in tables_of.items():
        movielens.write(_part(out, name), movielens.HEADERS[name], rows)
    truth = _write_truth(out, TASTES, raters.truth(plan.series.names))
    return {name: len(rows) for name, rows in tables_of.items()} | truth


def _write_truth(out: Path, name: str, truth: Mapping[str, object]) -> dict[str, int]:
    _part(out, name).write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    return {name: len(truth)}


def _film_ids(plan: Plan) -> list[str]:
    numbers = plan.title_numbers(plan.movie_at[plan.series.movie])
    ids: list[str] = arrow.id_strings("tt", numbers).to_pylist()
    return ids


def _write_tables(plan: Plan, files: dict[str, Table]) -> KnownFilms:
    """Gives the films that people rate."""
    known: KnownFilms | None = None
    career = Career.empty(plan.pool.names)
    newcomers = np.zeros_like(plan.pool.regulars)
    for chunk, (start, end) in enumerate(plan.chunks()):
        titles = make_titles(plan, chunk, start, end)
        known = most_voted(plan, known, titles)
        rng = stream(plan.seed, "credits", chunk)
        cast = credits.make_credits(plan, rng, titles, newcomers)
        career.add(cast, start)
        rows = _with_duplicates(rng, titles)
        files[BASICS].add(titles.basics(rows), len(rows))
        files[RATINGS].add(titles.ratings(), int(titles.rated.sum()))
        files[PRINCIPALS].add(credits.principals(plan, rng, titles, cast), len(cast.title))
        files[CREW].add(credits.crew(plan, titles, cast), end - start)
        files[AKAS].add(*credits.akas(plan.seed, chunk, titles))
    for chunk, start in enumerate(range(0, plan.pool.names, CHUNK)):
        end = min(start + CHUNK, plan.pool.names)
        files[NAMES].add(people.name_basics(plan, career, chunk, start, end), end - start)
    assert known is not None  # there is at least one chunk
    return known


def _with_duplicates(rng: np.random.Generator, titles: TitleChunk) -> arrow.Ints:
    """All rows in order, a few of them twice."""
    count = len(titles.kind)
    again = rng.integers(0, count, max(1, round(count * tables.DUPLICATE_LINE_SHARE)))
    return np.sort(np.concatenate((np.arange(count), again)))
