"""A cursor: the place in an order where a page ended, by what stands there and not by a number.

So it holds over a new build: a film that did not change is neither passed over nor listed twice.
"""

import base64
import binascii
import json

from api.models.search import Search
from filmkin.errors import InvalidQueryError

Place = tuple[str | float | None, int]  # the value that is sorted by, and the film_id


def written(search: Search, place: Place) -> str:
    """The cursor of a page of `search` whose last film stands at `place`."""
    told = json.dumps([search.sort, search.order, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read(search: Search) -> Place | None:
    """The place that the cursor of `search` names; None without one.

    Raises InvalidQueryError for what is no cursor, or one of another order.
    """
    if search.cursor is None:
        return None
    padding = "=" * (-len(search.cursor) % 4)
    try:
        told = json.loads(base64.b64decode(search.cursor + padding, altchars=b"-_", validate=True))
        sort, order, value, film_id = told
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidQueryError("cursor", "this is no cursor of a search") from error
    kind = str if sort == "title" else float | int
    is_value = value is None or (isinstance(value, kind) and not isinstance(value, bool))
    if not is_value or type(film_id) is not int:
        raise InvalidQueryError("cursor", "this is no cursor of a search")
    if (sort, order) != (search.sort, search.order):
        raise InvalidQueryError(
            "cursor", f"it is of a search with sort {sort} and order {order}, and not of this one"
        )
    return value, film_id
