"""The vectors of a build: all of them as an index in memory, or those that two films share."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.db.connection import Connection, columns
from filmkin.content import EMPHASIS
from filmkin.neighbours import InvertedIndex


class Vector(NamedTuple):
    """A film's unit vector: its tokens, ascending, and the weight of each."""

    token_ids: list[int]
    weights: list[float]


def inverted_index(connection: Connection) -> InvertedIndex:
    """The vectors of all films. Raises duckdb.Error when they cannot be read."""
    # Read as it is stored, by film_id: DuckDB keeps that order, and to sort takes twice the memory.
    sql = "SELECT film_id, token_id, weight FROM film_features"
    found = columns(connection, sql)
    return InvertedIndex(found["film_id"], found["token_id"], found["weight"])


def emphasis(connection: Connection) -> NDArray[np.float64]:
    """(m,) how much each token counts in what a person likes."""
    (found,) = columns(connection, "SELECT count(*) AS tokens FROM tokens")["tokens"]
    weights = np.ones(int(found))
    for field, weight in EMPHASIS.items():
        of_field = columns(connection, "SELECT token_id FROM tokens WHERE field = $1", [field])
        weights[of_field["token_id"]] = weight
    return weights


def vector(connection: Connection, film_id: int) -> Vector:
    """One film's vector; empty when nothing is known of the film that tells."""
    sql = "SELECT token_id, weight FROM film_features WHERE film_id = $1 ORDER BY token_id"
    rows = connection.execute(sql, [film_id]).fetchall()
    return Vector([token_id for token_id, _ in rows], [weight for _, weight in rows])


class SharedToken(NamedTuple):
    """What a pair of films shares, and what it adds to their cosine."""

    field: str
    text: str
    share: float


_SHARED = """
    SELECT theirs.film_id, tokens.field, tokens.text, mine.weight * theirs.weight AS share
    FROM film_features AS mine
    JOIN film_features AS theirs USING (token_id)
    JOIN tokens USING (token_id)
    WHERE mine.film_id = $film_id AND theirs.film_id IN (SELECT unnest($other_ids::INTEGER[]))
    ORDER BY share DESC, token_id
"""


def shared_tokens(
    connection: Connection, film_id: int, other_ids: Sequence[int]
) -> dict[int, list[SharedToken]]:
    """Of each other film the tokens that it shares with the film, the largest share first.

    A share is the product of the two weights: the shares of a pair sum to its cosine.
    """
    parameters = {"film_id": film_id, "other_ids": other_ids}
    shared: dict[int, list[SharedToken]] = defaultdict(list)
    for other_id, *token in connection.execute(_SHARED, parameters).fetchall():
        shared[other_id].append(SharedToken(*token))
    return shared
