"""A rating, and what can be asked of the store; checked here, so that every database agrees."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from filmkin.errors import StoreError
from filmkin.ratings import LEAST, LONGEST_USER_ID, MOST, MOST_FILM_ID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Rating(NamedTuple):
    """What a person thinks of a film, LEAST to MOST stars; `rated_at` is aware, in UTC."""

    film_id: int
    rating: float
    rated_at: datetime


class Write(NamedTuple):
    """A rating, and the person whose it is."""

    user_id: str
    film_id: int
    rating: float
    rated_at: datetime


class Put(NamedTuple):
    """Store ratings."""

    writes: Sequence[Write]

    def check(self) -> None:
        """Raises StoreError for a write that is no rating of a film by a person."""
        for write in self.writes:
            check_user(write.user_id)
            _check_film(write.film_id)
            if not LEAST <= write.rating <= MOST:  # not a number is neither
                raise StoreError(f"A rating is a number from {LEAST} to {MOST}.")
            if write.rated_at.tzinfo is None:
                raise StoreError("The time of a rating needs its time zone.")


class Forget(NamedTuple):
    """Forget a person's rating of a film; of all films, where none is named."""

    user_id: str
    film_id: int | None = None

    def check(self) -> None:
        """Raises StoreError for what names no person or no film."""
        check_user(self.user_id)
        if self.film_id is not None:
            _check_film(self.film_id)


Operation: TypeAlias = Put | Forget


def check_user(user_id: str) -> None:
    """Raises StoreError for a name that not every database can hold."""
    if not 1 <= len(user_id) <= LONGEST_USER_ID:
        raise StoreError(f"A user_id has 1 to {LONGEST_USER_ID} characters, not {len(user_id)}.")
    is_surrogate = any("\ud800" <= character <= "\udfff" for character in user_id)
    if "\0" in user_id or is_surrogate:
        raise StoreError(f"A user_id is text without NUL and surrogates, not {user_id!a}.")


def _check_film(film_id: int) -> None:
    if not 0 <= film_id <= MOST_FILM_ID:
        raise StoreError(f"A film_id is a whole number from 0 to {MOST_FILM_ID}, not {film_id}.")


def last_of_each(writes: Sequence[Write]) -> list[Write]:
    """The last write of each film by each person, in the order of their keys.

    Its time is the latest of them: a clock that is set back does not take a rating's time back.
    In one order, because two transactions that lock rows in different orders can block each other.
    """
    last: dict[tuple[str, int], Write] = {}
    for write in writes:
        before = last.get(write[:2])
        latest = max(before.rated_at, write.rated_at) if before else write.rated_at
        last[write[:2]] = write._replace(rated_at=latest)
    return [last[key] for key in sorted(last)]


def microseconds(moment: datetime) -> int:
    """Since 1970: every database gives whole numbers back as they were."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(since_1970: int) -> datetime:
    """The time, in UTC, that is so many microseconds after 1970."""
    return _EPOCH + since_1970 * _MICROSECOND
