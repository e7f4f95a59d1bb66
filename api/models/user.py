"""A person, what they rated, and what they say of it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.models.values import FilmId
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

    film_id: FilmId
    rating: Stars


NewRatings = Annotated[list[NewRating], Field(min_length=1, max_length=MAX_RATINGS)]


class RatedFilm(BaseModel):
    """A film that a person rated."""

    film_id: int = Field(examples=[99785])
    title: str | None = Field(description="null where it is not known", examples=["Home Alone"])
    rating: float = Field(description="stars, 0.5 to 5", examples=[4.5])
    rated_at: datetime


class StoredRatings(BaseModel):
    """What became of ratings."""

    stored: int = Field(description="films whose rating is on the disk now", examples=[1])


class Forgotten(BaseModel):
    """What became of ratings."""

    forgotten: int = Field(description="ratings that are gone for good", examples=[1])
