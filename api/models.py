"""What goes over the wire. A response model is never stricter than the data."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

MAX_FILMS = 100
DEFAULT_SIMILAR = 10
MAX_TEXT = 500
MAX_VALUES = 50
MAX_INTEGER = 2**31 - 1


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _iso_date(value: Any) -> Any:
    # Left alone, a bare number would be read as seconds since 1970.
    if isinstance(value, date) or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise ValueError("write a date as YYYY-MM-DD")


def _encodable(value: Any) -> Any:
    """JSON can carry half a surrogate pair; no text that is stored has one."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("not a text: it holds half of a surrogate pair") from None
    return value


Text = Annotated[str, BeforeValidator(_encodable), Field(min_length=1, max_length=MAX_TEXT)]
Pattern = Annotated[Text, Field(description="a regular expression (RE2), upper or lower case")]
Values = Annotated[list[Text], Field(max_length=MAX_VALUES)]
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Count = Annotated[int, Field(ge=0, le=MAX_INTEGER)]
Rating = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


# The upper end of a range -> its lower end.
_RANGES = {
    "latest_date": "earliest_date",
    "max_duration": "min_duration",
    "max_rating": "min_rating",
}


class SearchCriteria(BaseModel):
    """Which films to list. All criteria must hold; without any, films are listed.

    A film without a year, duration or rating fails every criterion on it.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "wars.*i",
                    "genres": ["Adventure", "Action"],
                    "persons": ["George Lucas"],
                    "earliest_date": "1977-01-01",
                    "min_rating": 7,
                }
            ]
        },
    )

    title: Pattern | None = None
    genre: Pattern | None = None
    person: Pattern | None = None
    genres: Values | None = Field(default=None, description="the film has all of these genres")
    persons: Values | None = Field(default=None, description="the film has all of these people")
    earliest_date: IsoDate | None = None
    latest_date: IsoDate | None = None
    min_duration: Count | None = Field(default=None, description="minutes")
    max_duration: Count | None = Field(default=None, description="minutes")
    min_rating: Rating | None = None
    max_rating: Rating | None = None
    vote_count: Count | None = Field(default=None, description="votes at least")

    @field_validator(*_RANGES)
    @classmethod
    def _is_not_below_its_minimum(cls, most: Any, info: ValidationInfo) -> Any:
        low = _RANGES[str(info.field_name)]
        least = info.data.get(low)
        if least is not None and most is not None and least > most:
            raise ValueError(f"{low} {least} is above {info.field_name} {most}")
        return most


class Film(BaseModel):
    """A film, as the contract of the table `films` has it."""

    film_id: int = Field(description="the digits of IMDb's tconst", examples=[99785])
    title: str | None = Field(examples=["Home Alone"])
    year: date | None = Field(description="1 January of its first year", examples=["1990-01-01"])
    duration: int | None = Field(description="minutes", examples=[103])
    genres: list[str] = Field(examples=[["Comedy", "Family"]])
    rating: float | None = Field(description="mean vote, 1 to 10", examples=[7.7])
    vote_count: int | None = Field(examples=[286635])
    persons: list[str] = Field(
        description="names in billing order", examples=[["Macaulay Culkin", "Joe Pesci"]]
    )
    original_title: str | None = Field(examples=["Home Alone"])
    person_ids: list[int] = Field(
        description="digits of IMDb's nconst, parallel to persons", examples=[[346, 582]]
    )
    directors: list[str] = Field(examples=[["Chris Columbus"]])
    writers: list[str] = Field(examples=[["John Hughes"]])
    alternative_titles: list[str] = Field(examples=[["Mamma, ho perso l'aereo"]])
    languages: list[str] = Field(
        description="ISO 639-1 codes of its titles", examples=[["en", "it"]]
    )


class SharedToken(BaseModel):
    """Something that two films have in common."""

    field: str = Field(description="what it is of a film", examples=["people"])
    text: str = Field(examples=["Joe Pesci"])
    share: float = Field(
        description="what it adds to the similarity: the product of its weights in the two films",
        examples=[0.214],
    )


class SimilarFilm(Film):
    """A film with its similarity to the film asked about."""

    similarity: float = Field(description="cosine, above 0 and at most 1", examples=[0.756])
    shared: list[SharedToken] = Field(
        default_factory=list,
        description="with explain: all that they share, most first; the shares sum to similarity",
    )


class Problem(BaseModel):
    """An error, as RFC 9457 writes it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list["FieldProblem"] | None = None


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    field: str
    detail: str
