"""What a route is handed: the database, from which it takes a connection when it needs one."""

from typing import Annotated

from fastapi import Depends, Request

from api.db.connection import Database


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


# The database and not a connection: a route takes one in its own thread and gives it back before
# the answer is sent. So a client that reads slowly holds none, and no thread waits for another.
FilmDatabase = Annotated[Database, Depends(_database)]
