"""How many films a person may rate: what they rated is read and answered as a whole."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, func, select

from filmkin.errors import TooManyRatingsError
from store.schema import RATINGS
from store.upsert import Row

MOST_FILMS = 40_000  # of one person; of MovieLens' 25M ratings 32,202 are one person's

_PEOPLE = 2_000  # asked about at a time


@contextmanager
def allowed(connection: Connection, rows: Sequence[Row]) -> Iterator[None]:
    """Has the block store the rows. Raises TooManyRatingsError, so that they are not stored, where
    a person would come to have rated more films than one may; who has more already, by a restore,
    may rate those again.

    In SQLite, where one writes at a time, nobody gets beyond. PostgreSQL's transactions do not see
    each other: of one person's that run side by side, each is measured as if it ran alone.
    """
    more = Counter(row["user_id"] for row in rows)
    before = _counts(connection, more)
    near = [user_id for user_id in more if before[user_id] + more[user_id] > MOST_FILMS]
    yield
    after = _counts(connection, near)
    for user_id in near:
        if after[user_id] > max(before[user_id], MOST_FILMS):
            raise TooManyRatingsError(before[user_id], after[user_id], MOST_FILMS)


def _counts(connection: Connection, user_ids: Collection[str]) -> Counter[str]:
    """How many films each of them has rated."""
    people = sorted(user_ids)
    found: Counter[str] = Counter()
    for start in range(0, len(people), _PEOPLE):
        user_id = RATINGS.c.user_id
        some = user_id.in_(people[start : start + _PEOPLE])
        asked = select(user_id, func.count()).where(some).group_by(user_id)
        found.update(dict(connection.execute(asked).all()))
    return found
