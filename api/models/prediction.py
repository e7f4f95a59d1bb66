"""What is known of a film before its release, as it is asked with, and what is predicted of it."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator

from api.models.search import few_fields
from api.models.values import MAX_TEXT, Rating, Text, Values, person_number, whole
from filmkin.prediction.films import Target

_LATEST_YEAR = 2200
_MOST_MINUTES = 100_000


def _reference(value: Any) -> Any:
    """The number of an id; a text that is too long for a name is no id either."""
    is_long = isinstance(value, str) and len(value) > MAX_TEXT
    return value if is_long else person_number(value)


# The digits of an id are one, whoever writes them as a text; any other text is a name.
PersonRef = Annotated[
    Annotated[int, Field(ge=0)] | Text, BeforeValidator(_reference), BeforeValidator(whole)
]
Year = Annotated[int, Field(ge=1800, le=_LATEST_YEAR), Strict(), BeforeValidator(whole)]
Minutes = Annotated[int, Field(ge=1, le=_MOST_MINUTES), Strict(), BeforeValidator(whole)]
People = Annotated[list[PersonRef], Field(max_length=50)]


class FilmToPredict(BaseModel):
    """What is known of a film; everything may be left out."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "directors": ["Chris Columbus"],
                    "writers": ["John Hughes"],
                    "persons": ["Macaulay Culkin", "nm0000582"],
                    "genres": ["Comedy", "Family"],
                    "year": 1992,
                    "duration": 120,
                    "language": "en",
                    "country": "USA",
                }
            ]
        },
    )

    directors: People = Field(default_factory=list, description="names, or IMDb's nconsts")
    writers: People = Field(default_factory=list, description="names, or IMDb's nconsts")
    persons: People = Field(default_factory=list, description="who acts: names, or IMDb's nconsts")
    genres: Values = Field(default_factory=list, examples=[["Comedy", "Family"]])
    year: Year | None = Field(
        default=None, description="of its release; else the one after the catalogue's last"
    )
    duration: Minutes | None = Field(default=None, description="minutes")
    language: Text | None = Field(default=None, description="an ISO 639 code", examples=["en"])
    country: Text | None = Field(
        default=None, description="where it is made; money is learnt on films of the USA alone"
    )
    rating: Annotated[Rating, Field(ge=1)] | None = Field(
        default=None, description="for the budget alone: how it was rated", examples=[7.1]
    )

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:
        return few_fields(cls, given)


class Reason(BaseModel):
    """A feature that mattered."""

    feature: str = Field(examples=["director_mean"])
    meaning: str = Field(examples=["who directs: how the earlier films of each came out"])
    value: float = Field(examples=[0.31])
    contribution: float = Field(
        description="what it adds: points of a rating; of money, powers of ten", examples=[0.12]
    )


class Prediction(BaseModel):
    """What is predicted: a rating in points of 1 to 10, or an amount of money."""

    value: float = Field(examples=[51000000.0])
    low: float = Field(description="lower end of the interval", examples=[17000000.0])
    high: float = Field(description="upper end of the interval", examples=[152000000.0])
    level: float = Field(
        description="share of films whose truth the interval is meant to hold", examples=[0.8]
    )
    coverage: float = Field(
        description="share of the latest films whose truth such an interval held, of a model that"
        " had learnt from earlier films alone",
        examples=[0.79],
    )
    currency: str | None = Field(description="of an amount: always USD", examples=["USD"])
    usual: float = Field(
        description="what is predicted where no feature says anything", examples=[16000000.0]
    )
    features: list[Reason] = Field(description="those that mattered most, the largest first")
    is_marked: bool = Field(
        description="whether it is less sure than it says; the note says why", examples=[False]
    )
    note: str | None = Field(examples=["learnt on films of the USA; this is one of France"])


class Predictions(BaseModel):
    """Of each target a prediction, or null where reasons say why there is none."""

    year: int | None = Field(description="the year that it was predicted for", examples=[1992])
    rating: Prediction | None = Field(description="mean vote, 1 to 10")
    budget: Prediction | None = Field(description="what it costs")
    gross: Prediction | None = Field(description="what it takes")
    reasons: dict[Target, str] = Field(
        description="why there is no prediction, by target",
        examples=[{"gross": "this build has no model of the gross"}],
    )


class PredictionOfParts(Predictions):
    """The predictions, and what of the question nothing is known of."""

    unknown: list[str] = Field(
        description="names, ids, genres and languages that are in no film", examples=[["Nobody"]]
    )


class Truth(BaseModel):
    """What came of a film; null where nobody says it."""

    rating: float | None = Field(examples=[7.7])
    budget: int | None = Field(examples=[18000000])
    budget_currency: str | None = Field(
        description="ISO 4217 code; USD of unmarked amounts of the USA", examples=["USD"]
    )
    gross: int | None = Field(examples=[285761243])
    gross_currency: str | None = Field(
        description="ISO 4217 code; USD of unmarked amounts of the USA", examples=["USD"]
    )


class FilmPrediction(Predictions):
    """The predictions for a film of the catalogue beside the truth.

    What people did is looked at up to the year before it; what that means, the model has learnt
    from the films of all years.
    """

    film_id: int = Field(examples=[99785])
    truth: Truth
    learnt_from: list[Target] = Field(
        description="targets whose model learnt from this very film: nearer to the truth than"
        " the prediction for a new film would be",
        examples=[["rating"]],
    )
