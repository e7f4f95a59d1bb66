"""What a build must be before it is served."""

from sqlalchemy import Connection, text

from filmkin.catalogue import BUILD, BUILD_CHECKS, FILM_FEATURES, FILMS, SIMILARITY, TOKENS


def prove_usable(connection: Connection) -> None:
    """Raise SQLAlchemyError when the build is not checked, or lacks a column that is read."""
    for table in (FILMS, SIMILARITY, FILM_FEATURES, TOKENS, BUILD):
        columns = ", ".join(table.column_names)
        connection.execute(text(f"SELECT {columns} FROM {table.name} LIMIT 0"))
    # An empty answer, and so an error, where there is no report or where it names a row.
    # The driver imports much at the first parameter it is handed: here, not in the first request.
    connection.execute(
        text(f"SELECT 1 FROM {BUILD_CHECKS.name} HAVING max(offending) = :allowed LIMIT 1"),
        {"allowed": 0},
    ).one()
