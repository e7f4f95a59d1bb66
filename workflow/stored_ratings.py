"""The ratings store as the batch sees it: what is in it at one moment of a run."""

import hashlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import cache
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from store.ratings import RatingStore, Write

#: of the ratings as they are handed to Spark; people are numbered, for who they are is not for it
STORED_SCHEMA = "user_id int, film_id int, rating double, rated_at bigint"

_TYPES = pa.schema(
    [
        ("user_id", pa.int32()),
        ("film_id", pa.int32()),
        ("rating", pa.float64()),
        ("rated_at", pa.int64()),
    ]
)
_ROWS = 10_000  # written at a time

Row = tuple[int, int, float, int]


class Snapshot(NamedTuple):
    """What was written: how many ratings, and the hash of these very ratings."""

    rows: int
    digest: str


@cache
def digest_of(url: str, _run: str) -> str:
    """A hash of all ratings, as they are when a run first asks. Raises StoreError."""
    found = hashlib.sha256()
    for _ in _every(url, found):
        pass
    return found.hexdigest()


def write_snapshot(url: str, folder: Path) -> Snapshot:
    """Write all ratings of one moment, as STORED_SCHEMA has them. Raises StoreError."""
    folder.mkdir()
    count, found = 0, hashlib.sha256()
    with (
        closing(_every(url, found)) as every,
        pq.ParquetWriter(folder / "part-0.parquet", _TYPES) as writer,
    ):
        for rows in _batches(_numbered(every)):
            writer.write_table(pa.Table.from_arrays(_columns(rows), schema=_TYPES))
            count += len(rows)
    return Snapshot(count, found.hexdigest())


def _every(url: str, found: "hashlib._Hash") -> Generator[Write, None, None]:
    """All ratings of one moment; each goes into the hash as it is given."""
    with closing(RatingStore(url, make=False)) as store:
        for write in store.every():
            found.update(repr(write).encode())
            yield write


def _numbered(writes: Iterable[Write]) -> Iterator[Row]:
    """The ratings, which come person by person, with people counted from 0."""
    for number, (_, of_person) in enumerate(groupby(writes, attrgetter("user_id"))):
        for write in of_person:
            yield number, write.film_id, write.rating, int(write.rated_at.timestamp())


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, _ROWS)):
        yield some


def _columns(rows: list[Row]) -> list[pa.Array]:
    columns = zip(*rows, strict=True)
    return [pa.array(column, of.type) for column, of in zip(columns, _TYPES, strict=True)]
