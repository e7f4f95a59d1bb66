"""What a search asks: criteria, an order, a page."""

from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from api.models.values import (
    MAX_CURSOR,
    MAX_FILMS,
    MAX_IDS,
    Count,
    FilmId,
    IsoDate,
    Limit,
    Pattern,
    Rating,
    Values,
    plain_decimal,
    plain_integer,
)


class Sort(StrEnum):
    """What films are listed by; equals follow by film_id, and films without it come last."""

    TITLE = "title"
    YEAR = "year"
    RATING = "rating"
    VOTE_COUNT = "vote_count"
    DURATION = "duration"


class Direction(StrEnum):
    """Which end comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"


# The upper end of a range -> its lower end.
_RANGES = {
    "latest_date": "earliest_date",
    "max_duration": "min_duration",
    "max_rating": "min_rating",
    "max_vote_count": "vote_count",
}


class Format(StrEnum):
    """How a result is written: a page of it as JSON, or all of it line by line."""

    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"


def few_fields(model: type[BaseModel], given: Any) -> Any:
    """Refuse at once what has far more fields than there are: to name each would take long."""
    if isinstance(given, dict) and len(given) > 2 * len(model.model_fields):
        raise ValueError(f"{len(given)} fields are given, and there are {len(model.model_fields)}")
    return given


class SearchCriteria(BaseModel):
    """Which films. All criteria must hold; an empty list asks for nothing.

    A film without a year, duration, rating or votes fails every criterion on it.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Pattern | None = None
    original_title: Pattern | None = None
    genre: Pattern | None = None
    person: Pattern | None = None
    ids: Annotated[list[FilmId], Field(max_length=MAX_IDS)] | None = Field(
        default=None, description="the film is one of these"
    )
    genres: Values | None = Field(default=None, description="the film has all of these genres")
    any_genres: Values | None = Field(default=None, description="it has one of these, or more")
    exclude_genres: Values | None = Field(default=None, description="it has none of these")
    persons: Values | None = Field(default=None, description="the film has all of these people")
    any_persons: Values | None = Field(default=None, description="it has one of these, or more")
    languages: Values | None = Field(
        default=None,
        description="it is spoken in one of these, or has a title in it: ISO 639 codes",
    )
    earliest_date: IsoDate | None = None
    latest_date: IsoDate | None = None
    min_duration: Count | None = Field(default=None, description="minutes")
    max_duration: Count | None = Field(default=None, description="minutes")
    min_rating: Rating | None = None
    max_rating: Rating | None = None
    vote_count: Count | None = Field(default=None, description="votes at least")
    max_vote_count: Count | None = Field(default=None, description="votes at most")

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:
        return few_fields(cls, given)

    @field_validator(*_RANGES)
    @classmethod
    def _is_not_below_its_minimum(cls, most: Any, info: ValidationInfo) -> Any:
        low = _RANGES[str(info.field_name)]
        least = info.data.get(low)
        if least is not None and most is not None and least > most:
            raise ValueError(f"{low} {least} is above {info.field_name} {most}")
        return most


class Search(SearchCriteria):
    """Which films, in which order, and which page of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "any_persons": ["Quentin Tarantino", "George Lucas"],
                    "earliest_date": "1979-01-01",
                    "latest_date": "2000-12-31",
                    "min_rating": 7,
                    "sort": "rating",
                    "order": "desc",
                }
            ]
        },
    )

    sort: Annotated[Sort, Field(strict=False)] = Sort.TITLE
    order: Annotated[Direction, Field(strict=False)] = Direction.ASCENDING
    limit: Limit = Field(default=MAX_FILMS, description="films at most")
    offset: Count = Field(default=0, description="films to pass over")
    format: Annotated[Format | None, Field(strict=False)] = Field(
        default=None,
        description="csv or jsonl: the whole result, line by line; else as Accept says",
    )
    cursor: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_CURSOR,
        description="where the page before ended: its X-Next-Cursor",
    )


class SearchQuery(Search):
    """A search in the form of a query string, in which numbers are texts, and ids stand by comma
    or one by one.
    """

    @model_validator(mode="before")
    @classmethod
    def _of_texts(cls, given: Any) -> Any:
        return query_values(cls, given)


def query_values(model: type[BaseModel], given: Any) -> Any:
    """What a query string gives for a search: numbers, and ids that stand by comma or one by one,
    in place of their texts.
    """
    found = numbers_of_texts(model, given)
    if isinstance(found, dict) and isinstance(found.get("ids"), list):
        ids = (one for part in found["ids"] for one in str(part).split(","))
        found["ids"] = [plain_integer(one) for one in ids]
    return found


def numbers_of_texts(model: type[BaseModel], given: Any) -> Any:
    """What a query string gives for a model, with numbers in place of their texts."""
    if not isinstance(given, dict):
        return given
    read = {int: plain_integer, float: plain_decimal}
    found = dict(given)
    for name, field in model.model_fields.items():
        number = _number_type(field.annotation)
        if number is not None and name in given:
            found[name] = read[number](given[name])
    return found


def _number_type(annotation: Any) -> type | None:
    """The type of a field that holds one number."""
    types = set(_parts(annotation)) - {NoneType}
    return next((number for number in (int, float) if types == {number}), None)


def _parts(annotation: Any) -> list[Any]:
    """The types that a union is made of, without what is noted on them."""
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        return [part for one in get_args(annotation) for part in _parts(one)]
    if get_origin(annotation) is Annotated:
        return _parts(get_args(annotation)[0])
    return [annotation]
