"""A cursor: the place in an order where a page ended, by what stands there and not by a number.

So it holds over a new build: a film that did not change is neither passed over nor listed twice.
"""

import base64
import binascii
import json
import math

from api.models.search import Direction, Search, Sort
from api.models.values import MAX_INTEGER
from filmkin.errors import InvalidQueryError

Place = tuple[str | float | None, int]  # the value that is sorted by, and the film_id


def written(search: Search, place: Place) -> str:
    """The cursor of a page of `search` whose last film stands at `place`."""
    told = json.dumps([search.sort, search.order, *place], ensure_ascii=False)
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(search: Search) -> Place | None:
    """The place that the cursor of `search` names; None without one.

    Raises InvalidQueryError for what is no cursor, or one of another order.
    """
    if search.cursor is None:
        return None
    padding = "=" * (-len(search.cursor) % 4)
    try:
        told = base64.b64decode(search.cursor + padding, altchars=b"-_", validate=True).decode()
        sort, order, value, film_id = json.loads(told)
        sort, order = Sort(sort), Direction(order)
        if value is not None:
            value = _text(value) if sort is Sort.TITLE else _number(value)
        if type(film_id) is not int or not 0 <= film_id <= MAX_INTEGER:
            raise ValueError("no film_id")
    except (binascii.Error, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise InvalidQueryError("cursor", "this is no cursor of a search") from error
    if (sort, order) != (search.sort, search.order):
        raise InvalidQueryError(
            "cursor", f"it is of a search with sort {sort} and order {order}, and not of this one"
        )
    return value, film_id


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()  # raises ValueError for half of a surrogate pair
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("no number")
    if not math.isfinite(number := float(value)):
        raise ValueError("no number that a film can have")
    return number
