"""A person, what they rated, and what they say of it."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.models.film import Film
from api.models.search import SearchCriteria, few_fields, query_values
from api.models.values import Count, FilmId, MovieId
from filmkin.offers import MIN_RATINGS, Source
from filmkin.ratings import LEAST, MOST

MAX_RATINGS = 1_000

Stars = Annotated[float, Field(ge=LEAST, le=MOST, allow_inf_nan=False, examples=[4.5])]


class User(BaseModel):
    """Who asks."""

    user_id: str | None = Field(
        description="null for who has no id yet", examples=["9f86d081884c7d659a2feaa0c55ad015"]
    )


class NewUser(BaseModel):
    """A person who may rate films."""

    user_id: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015"])


class NewRating(BaseModel):
    """What a person thinks of a film."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"film_id": 99785, "rating": 4.5}]},
    )

    film_id: FilmId | None = Field(default=None, description="the digits of IMDb's tconst")
    movie_id: MovieId | None = Field(default=None, description="or MovieLens' number")
    rating: Stars

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:
        return few_fields(cls, given)

    @model_validator(mode="after")
    def _names_one_film(self) -> "NewRating":
        if (self.film_id is None) == (self.movie_id is None):
            raise ValueError("name a film by one of film_id and movie_id")
        return self


NewRatings = Annotated[list[NewRating], Field(min_length=1, max_length=MAX_RATINGS)]


class RatedFilm(BaseModel):
    """A film that a person rated."""

    film_id: int = Field(examples=[99785])
    title: str | None = Field(description="null where it is not known", examples=["Home Alone"])
    rating: float = Field(description=f"stars, {LEAST:g} to {MOST:g}", examples=[4.5])
    rated_at: datetime


class OfferQuery(SearchCriteria):
    """Which films are offered: those that meet the criteria of a search."""

    min_ratings: Count = Field(
        default=MIN_RATINGS,
        description="ratings that a film needs for its rating to be predicted; one that has fewer"
        " is found by its content",
    )

    @model_validator(mode="before")
    @classmethod
    def _of_texts(cls, given: Any) -> Any:
        return query_values(cls, given)


class RatedReason(BaseModel):
    """A film that the person rated, and that speaks for another."""

    film_id: int = Field(examples=[99785])
    title: str | None = Field(description="null where it is not known", examples=["Home Alone"])
    rating: float = Field(description="stars that the person gave it", examples=[4.5])


class _Offered(BaseModel):
    predicted_rating: float | None = Field(
        description="stars that the person would perhaps give; null where too few have rated it",
        examples=[4.21],
    )
    ratings: int = Field(description="how many people have rated it", examples=[312])
    source: Source = Field(
        description="what speaks for it: what others rated, its content, or that it is popular"
    )
    because: list[RatedReason] = Field(
        description="the films that speak for it most, the first most"
    )


class OfferedFilm(Film, _Offered):
    """A film for a person."""


class PredictedFilm(_Offered):
    """A film, as a person rated it and would perhaps have rated it."""

    film_id: int = Field(examples=[99785])
    title: str | None = Field(description="null where it is not known", examples=["Home Alone"])
    rating: float | None = Field(description="stars that the person gave it, or null")


class StoredRatings(BaseModel):
    """What became of ratings."""

    stored: int = Field(description="films whose rating is on the disk now", examples=[1])


class Forgotten(BaseModel):
    """What became of ratings."""

    forgotten: int = Field(description="ratings that are gone for good", examples=[1])
