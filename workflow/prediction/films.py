"""What is known of the films of a run, as predictions are made of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from filmkin.arrays import Floats, Integers
from filmkin.features import Ragged
from filmkin.prediction.films import (
    COUNTRY,
    CURRENCY,
    MONEY,
    RATING,
    ROLES,
    FilmParts,
    Target,
    with_everyone,
)
from filmkin.prediction.predictor import learnt

_OF_FILMS = ["film_id", "year", "duration", "genres", "rating"]
_OF_CREDITS = ["film_id", "person_id", "role"]
_OF_DETAILS = ["language", "country", "budget", "budget_currency", "gross", "gross_currency"]


class KnownFilms(NamedTuple):
    """n films that have a year, in the order of film_id, and by target what came of them.

    Values (n,) in the unit that is learnt, NaN where they are not known, or in another currency.
    """

    film_ids: Integers
    parts: FilmParts
    values: Mapping[Target, Floats]


def known_films(films: Path, credits: Path, details: Path | None) -> KnownFilms:
    """Read the films of folders of parquet, in the contracts of these tables."""
    table = pq.read_table(films, columns=_OF_FILMS, filters=pc.field("year").is_valid())
    table = table.sort_by("film_id").combine_chunks()
    told = _details(details, table["film_id"])
    film_ids = table["film_id"].to_numpy().astype(np.int64)
    # Arrow's decimals come out as the number beside the nearest one, now and then.
    ratings = np.round(_numbers(table["rating"]), 2)
    parts = FilmParts(
        years=pc.year(table["year"]).to_numpy().astype(np.int64),
        durations=_numbers(table["duration"]),
        ratings=ratings,
        genres=_lists(table["genres"]),
        languages=np.array(told["language"].to_pylist(), dtype=object),
        people=_people(pq.read_table(credits, columns=_OF_CREDITS), film_ids),
    )
    values: dict[Target, Floats] = {RATING: ratings} | {
        name: _amounts(told, name) for name in MONEY
    }
    return KnownFilms(film_ids, parts, {name: learnt(name, of) for name, of in values.items()})


def _people(credits: pa.Table, film_ids: Integers) -> Mapping[str, Ragged]:
    """By role the people of each film, by person_id."""
    films, persons = (credits[name].to_numpy().astype(np.int64) for name in _OF_CREDITS[:2])
    rows = np.minimum(np.searchsorted(film_ids, films), len(film_ids) - 1)
    is_known = film_ids[rows] == films if len(film_ids) else np.zeros(len(films), dtype=bool)
    people = {}
    for role, categories in ROLES.items():
        of_role = pc.is_in(credits["role"], pa.array(categories)).to_numpy() & is_known
        pairs = np.unique(np.stack([rows[of_role], persons[of_role]]), axis=1)
        counts = np.bincount(pairs[0], minlength=len(film_ids))
        people[role] = Ragged(pairs[1], np.concatenate([[0], np.cumsum(counts)]))
    return with_everyone(people)


def _amounts(table: pa.Table, name: str) -> Floats:
    """(n,) amounts in CURRENCY: of films of COUNTRY, whose unmarked amounts are in it."""
    currency = pc.fill_null(table[f"{name}_currency"], CURRENCY)
    is_known = pc.and_(pc.equal(table["country"], COUNTRY), pc.equal(currency, CURRENCY))
    return _numbers(pc.if_else(is_known, table[name], None))


def _details(folder: Path | None, film_ids: pa.ChunkedArray) -> pa.Table:
    """A row a film; of nulls where nothing is said of it."""
    if folder is None:
        kinds = {name: pa.int64() if name in MONEY else pa.string() for name in _OF_DETAILS}
        return pa.table({name: pa.nulls(len(film_ids), kind) for name, kind in kinds.items()})
    told = pq.read_table(folder, columns=["film_id", *_OF_DETAILS]).combine_chunks()
    return told.take(pc.index_in(film_ids, told["film_id"]))


def _lists(column: pa.ChunkedArray) -> Ragged:
    listed = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    offsets = listed.offsets.to_numpy().astype(np.int64)
    values = np.array(listed.flatten().to_pylist(), dtype=object)
    return Ragged(values, offsets - offsets[0])


def _numbers(column: pa.ChunkedArray) -> Floats:
    numbers: Floats = np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64)
    return numbers
