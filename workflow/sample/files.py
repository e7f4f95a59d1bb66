"""Writing the sample: chunks of lines streamed into gzip files, renamed when all is complete."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from isal import igzip

from workflow.sample import arrow, credits, people, tables
from workflow.sample.people import Career
from workflow.sample.plan import CHUNK, Plan, make_plan, stream
from workflow.sample.titles import TitleChunk, make_titles
from workflow.sources import IMDB

BASICS, RATINGS = IMDB["title.basics"].file_name, IMDB["title.ratings"].file_name
PRINCIPALS, NAMES = IMDB["title.principals"].file_name, IMDB["name.basics"].file_name
CREW, AKAS = IMDB["title.crew"].file_name, IMDB["title.akas"].file_name
FRANCHISES = "franchises.json"

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
    return out / f".{name}.part"


def generate(titles: int, seed: int, out: Path) -> dict[str, int]:
    """Write the sample into the folder `out`; gives the rows (or series) per file name."""
    out.mkdir(parents=True, exist_ok=True)
    plan = make_plan(titles, seed)
    with ExitStack() as stack:
        files: dict[str, Table] = {}
        for name in HEADERS:
            raw = stack.enter_context(_part(out, name).open("wb"))
            files[name] = Table(name, raw)
            stack.callback(files[name].close)
        _write_tables(plan, files)
    truth = plan.series.truth(_film_ids(plan))
    _part(out, FRANCHISES).write_text(json.dumps(truth, indent=1) + "\n", "utf-8")
    for name in (*HEADERS, FRANCHISES):
        _part(out, name).replace(out / name)
    return {name: table.rows for name, table in files.items()} | {FRANCHISES: len(truth)}


def _film_ids(plan: Plan) -> list[str]:
    numbers = plan.title_numbers(plan.movie_at[plan.series.movie])
    ids: list[str] = arrow.id_strings("tt", numbers).to_pylist()
    return ids


def _write_tables(plan: Plan, files: dict[str, Table]) -> None:
    career = Career.empty(plan.pool.names)
    newcomers = np.zeros_like(plan.pool.regulars)
    for chunk, (start, end) in enumerate(plan.chunks()):
        titles = make_titles(plan, chunk, start, end)
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


def _with_duplicates(rng: np.random.Generator, titles: TitleChunk) -> arrow.Ints:
    """All rows in order, a few of them twice."""
    count = len(titles.kind)
    again = rng.integers(0, count, max(1, round(count * tables.DUPLICATE_LINE_SHARE)))
    return np.sort(np.concatenate((np.arange(count), again)))
