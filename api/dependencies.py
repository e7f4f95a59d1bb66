"""What a route is handed: a connection to the newest build."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection

from api.db.connection import Database


def _connection(request: Request) -> Iterator[Connection]:
    database: Database = request.app.state.database
    with database.connection() as connection:
        yield connection


FilmDatabase = Annotated[Connection, Depends(_connection)]
