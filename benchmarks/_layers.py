"""What a film costs, layer by layer, in microseconds of one core."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import URL, create_engine, text

from api.db.connection import connect
from api.db.documents import documents
from api.models.film import Film
from api.models.values import PathFilmId
from api.settings import Settings
from filmkin.catalogue import FILMS

_ROUNDS = 300

Some = Callable[[int], list[int]]


def layers(file: Path) -> Mapping[str, int]:
    """Each layer alone, called from Python in a row: warmer than among others."""
    with connect(file, Settings().database_memory) as driver:
        ids = driver.execute("SELECT film_id FROM films").fetchnumpy()["film_id"]
        random = np.random.default_rng(1)

        def some(count: int) -> list[int]:
            return [int(i) for i in random.choice(ids, count, replace=False)]

        validated = TypeAdapter(PathFilmId)
        found = {
            "validation of an id": _each(lambda: validated.validate_python("tt0099785")),
            "DuckDB, JSON of 1 film, driver": _each(lambda: documents(driver, some(1))),
            "DuckDB, JSON of 8 films, driver, each": _each(lambda: documents(driver, some(8))) / 8,
        }
    found |= _by_sqlalchemy(file, some)
    return {name: round(microseconds) for name, microseconds in found.items()}


def _by_sqlalchemy(file: Path, some: Some) -> Mapping[str, float]:
    """What the driver's way is measured against; a file is open in one of the two ways only."""
    columns = ", ".join(FILMS.column_names)
    row_of = text(f"SELECT {columns} FROM films WHERE film_id = :film_id")
    document_of = text("SELECT document FROM film_documents WHERE film_id = :film_id")
    engine = create_engine(
        URL.create("duckdb", database=str(file)), connect_args={"read_only": True}
    )
    with engine.connect() as connection:
        found_row = connection.execute(row_of, {"film_id": some(1)[0]}).mappings().one()
        row = {**found_row, "details": None}
        found = {
            "DuckDB, JSON of 1 film, SQLAlchemy": _each(
                lambda: connection.execute(document_of, {"film_id": some(1)[0]}).all()
            ),
            "DuckDB, columns of 1 film, SQLAlchemy": _each(
                lambda: connection.execute(row_of, {"film_id": some(1)[0]}).all()
            ),
            "serialising columns by the model": _each(
                lambda: Film.model_validate(row).model_dump_json()
            ),
        }
    engine.dispose()
    return found


def _each(work: Callable[[], object]) -> float:
    for _ in range(_ROUNDS // 10):
        work()
    begun = time.process_time()
    for _ in range(_ROUNDS):
        work()
    return (time.process_time() - begun) / _ROUNDS * 1e6
