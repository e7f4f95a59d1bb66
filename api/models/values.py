"""The values that requests are made of, and how far they go."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema

from filmkin.ratings import LONGEST_USER_ID

MAX_FILMS = 100
DEFAULT_SIMILAR = 10
MAX_TEXT = 500
MAX_VALUES = 50
MAX_IDS = 1000
MAX_INTEGER = 2**31 - 1
MAX_CURSOR = 8000

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FILM_ID = re.compile(r"(?:tt)?([0-9]+)")
_MANY_DIGITS = 1_000  # more than any id has; Python converts some thousand and no more
_PERSON_ID = re.compile(r"(?:nm)?([0-9]+)")


def _iso_date(value: Any) -> Any:
    # Left alone, a bare number would be read as seconds since 1970.
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError("write a date as YYYY-MM-DD")


def _encodable(value: Any) -> Any:
    """JSON can carry half a surrogate pair; no text that is stored has one."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("not a text: it holds half of a surrogate pair") from None
    return value


def film_number(value: Any) -> Any:
    """99785 of 99785, "99785" and "tt0099785"; what is none of them is handed on."""
    return _number(value, _FILM_ID)


def person_number(value: Any) -> Any:
    """184 of 184, "184" and "nm0000184"; what is none of them is handed on."""
    return _number(value, _PERSON_ID)


_INTEGER = re.compile(r"(-?[0-9]{1,20})(?:\.0{1,20})?")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_FLAGS = {"true": True, "false": False}


def plain_integer(value: Any) -> Any:
    """The integer that a text is, with a point and zeros at most; what is none is handed on."""
    return _number(value, _INTEGER)


def plain_decimal(value: Any) -> Any:
    """The number that a text is, written as JSON writes numbers; what is none is handed on."""
    return float(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else value


def _flag(value: Any) -> Any:
    return _FLAGS.get(value, value) if isinstance(value, str) else value


def _number(value: Any, form: re.Pattern[str]) -> Any:
    found = form.fullmatch(value) if isinstance(value, str) else None
    return int(found[1].lstrip("0")[:_MANY_DIGITS] or 0) if found else value


def whole(value: Any) -> Any:
    """A whole number that JSON wrote with a point is one all the same."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, BeforeValidator(_encodable), Field(min_length=1, max_length=MAX_TEXT)]
FreeText = Annotated[str, BeforeValidator(_encodable), Field(max_length=MAX_TEXT)]
Pattern = Annotated[Text, Field(description="a regular expression (RE2), upper or lower case")]
Values = Annotated[list[Text], Field(max_length=MAX_VALUES)]
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER), Strict(), BeforeValidator(whole)]
Limit = Annotated[int, Field(ge=1, le=MAX_FILMS), Strict(), BeforeValidator(whole)]
Rating = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
FilmId = Annotated[
    int,
    BeforeValidator(film_number),
    BeforeValidator(whole),
    Strict(),
    Field(ge=0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": "^(tt)?[0-9]{1,15}$"},
            ]
        }
    ),
]
MovieId = Annotated[int, Field(ge=0), Strict(), BeforeValidator(whole)]

# In a path or a query string, where every value is a text.
PathFilmId = Annotated[
    int,
    BeforeValidator(film_number),
    Strict(),
    WithJsonSchema(
        {"type": "string", "pattern": "^(tt)?[0-9]+$", "examples": ["tt0099785", "99785"]}
    ),
]
PathPersonId = Annotated[
    int,
    BeforeValidator(person_number),
    Strict(),
    WithJsonSchema(
        {"type": "string", "pattern": "^(nm)?[0-9]+$", "examples": ["nm0000184", "184"]}
    ),
]
PathUserId = Annotated[
    str,
    Field(
        pattern=rf"^[A-Za-z0-9_-]{{1,{LONGEST_USER_ID}}}$",
        examples=["9f86d081884c7d659a2feaa0c55ad015", "ml-1"],
    ),
]
PathShare = Annotated[
    float,
    Field(ge=0, le=1, allow_inf_nan=False, examples=[0.3]),
    Strict(),
    BeforeValidator(plain_decimal),
]
QueryLimit = Annotated[Limit, BeforeValidator(plain_integer)]
QueryCount = Annotated[Count, BeforeValidator(plain_integer)]
QueryFlag = Annotated[bool, Strict(), BeforeValidator(_flag)]
