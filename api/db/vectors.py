"""The vectors of a build: all of them as an index in memory, or those that two films share."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, text

from filmkin.neighbours import InvertedIndex


class Vector(NamedTuple):
    """A film's unit vector: its tokens, ascending, and the weight of each."""

    token_ids: list[int]
    weights: list[float]


def inverted_index(connection: Connection) -> InvertedIndex:
    """The vectors of all films. Raises duckdb.Error when they cannot be read."""
    # Read as it is stored, by film_id: DuckDB keeps that order, and to sort takes twice the memory.
    driver: Any = connection.connection.driver_connection
    columns = driver.execute("SELECT film_id, token_id, weight FROM film_features").fetchnumpy()
    return InvertedIndex(columns["film_id"], columns["token_id"], columns["weight"])


def vector(connection: Connection, film_id: int) -> Vector:
    """One film's vector; empty when nothing is known of the film that tells."""
    sql = "SELECT token_id, weight FROM film_features WHERE film_id = :film_id ORDER BY token_id"
    rows = connection.execute(text(sql), {"film_id": film_id}).all()
    return Vector([row.token_id for row in rows], [row.weight for row in rows])


_SHARED = text(
    """
    SELECT theirs.film_id, tokens.field, tokens.text, mine.weight * theirs.weight AS share
    FROM film_features AS mine
    JOIN film_features AS theirs USING (token_id)
    JOIN tokens USING (token_id)
    WHERE mine.film_id = :film_id AND theirs.film_id IN :other_ids
    ORDER BY share DESC, token_id
    """
).bindparams(bindparam("other_ids", expanding=True))


def shared_tokens(
    connection: Connection, film_id: int, other_ids: Sequence[int]
) -> dict[int, list[RowMapping]]:
    """Of each other film the tokens that it shares with the film, the largest share first.

    A share is the product of the two weights: the shares of a pair sum to its cosine.
    """
    parameters = {"film_id": film_id, "other_ids": other_ids}
    shared: dict[int, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(_SHARED, parameters).mappings():
        shared[row["film_id"]].append(row)
    return shared
