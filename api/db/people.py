"""People: who someone is, what they worked on and with whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from api.db.build import Build
from api.db.connection import Connection
from api.db.index import SearchIndex
from api.models.values import MAX_INTEGER
from filmkin.errors import UnknownPersonError
from filmkin.lists import Rows

MOST_COLLABORATORS = 20


class CreditedFilm(NamedTuple):
    """A film that someone worked on."""

    film_id: int
    title: str | None
    year: int | None
    rating: float | None


class Filmography(NamedTuple):
    """The films of someone by role, the role of most films first; the newest film first."""

    name: str
    roles: Mapping[str, Sequence[CreditedFilm]]


class Collaborator(NamedTuple):
    """Someone, and how many films they share with someone else."""

    person_id: int
    name: str
    films: int


_CREDITS = """
    SELECT credits.role, credits.name, film_id, films.title, year(films.year) AS year,
           CAST(films.rating AS DOUBLE) AS rating
    FROM credits JOIN films USING (film_id)
    WHERE person_id = $1
    ORDER BY films.year DESC NULLS LAST, film_id
"""


def filmography(connection: Connection, person_id: int) -> Filmography:
    """What someone worked on. Raises UnknownPersonError."""
    if person_id > MAX_INTEGER:  # more than the column holds
        raise UnknownPersonError(person_id)
    rows = connection.execute(_CREDITS, [person_id]).fetchall()
    if not rows:
        raise UnknownPersonError(person_id)
    roles: dict[str, list[CreditedFilm]] = defaultdict(list)
    for role, _, *film in rows:
        roles[role].append(CreditedFilm(*film))
    by_size = sorted(roles.items(), key=lambda role: (-len(role[1]), role[0]))
    _, name, *_ = rows[0]
    return Filmography(name, dict(by_size))


_COLLABORATORS = """
    SELECT person_id, any_value(name) AS name, count(DISTINCT film_id) AS films
    FROM credits
    WHERE film_id IN (SELECT film_id FROM credits WHERE person_id = $person_id)
      AND person_id <> $person_id
    GROUP BY person_id
    ORDER BY films DESC, person_id
    LIMIT $row_limit
"""


def collaborators(connection: Connection, person_id: int) -> Sequence[Collaborator]:
    """Who shares most films with someone."""
    parameters = {"person_id": person_id, "row_limit": MOST_COLLABORATORS}
    rows = connection.execute(_COLLABORATORS, parameters).fetchall()
    return [Collaborator(*row) for row in rows]


async def with_most_films(build: Build, rows: Rows, offset: int, limit: int) -> Sequence[int]:
    """Those of the people (rows of the index) with most films, then by person_id."""
    if len(rows) <= _FEW_PEOPLE:
        return _with_most_films(build.index, rows, offset, limit)
    return await build.connections.ask_at_length(
        lambda _: _with_most_films(build.index, rows, offset, limit)
    )


# So many are put in order at once, in some milliseconds; more, in a thread.
_FEW_PEOPLE = 20_000


def _with_most_films(index: SearchIndex, rows: Rows, offset: int, limit: int) -> Sequence[int]:
    stop = offset + limit
    if stop < len(rows):  # only those that reach what the last of the page has
        films = index.films_of_people[rows]
        rows = rows[films >= np.partition(films, -stop)[-stop]]
    order = np.lexsort((index.person_ids[rows], -index.films_of_people[rows]))
    page: list[int] = rows[order[offset : offset + limit]].tolist()
    return page
