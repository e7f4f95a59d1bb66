"""Free-text search as it is asked and answered."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.models.facets import Facets
from api.models.film import Film
from api.models.search import Direction, SearchCriteria, Sort, few_fields, query_values
from api.models.values import Count, FreeText, Limit, QueryLimit

DEFAULT_HITS = 20
DEFAULT_SUGGESTIONS = 8


class Ranked(StrEnum):
    """What hits are listed by."""

    RELEVANCE = "relevance"
    TITLE = Sort.TITLE
    YEAR = Sort.YEAR
    RATING = Sort.RATING
    VOTE_COUNT = Sort.VOTE_COUNT
    DURATION = Sort.DURATION


class FreeTextQuery(SearchCriteria):
    """What a person types, and criteria that the films must meet besides."""

    q: FreeText = Field(
        default="",
        description='words, "phrases", -excluded ones, person: title: genre: keyword: plot: before'
        " either, year:1990..1999; without any, all films, the best known first",
        examples=["star wars 1977 ford"],
    )
    sort: Annotated[Ranked, Field(strict=False)] = Field(
        default=Ranked.RELEVANCE, description="relevance: the best match first, whatever the order"
    )
    order: Annotated[Direction, Field(strict=False)] = Direction.DESCENDING
    limit: Limit = Field(default=DEFAULT_HITS, description="films at most")
    offset: Count = Field(default=0, description="films to pass over")

    @model_validator(mode="before")
    @classmethod
    def _of_texts(cls, given: Any) -> Any:
        return query_values(cls, given)


class SuggestQuery(BaseModel):
    """What a person is typing."""

    model_config = ConfigDict(extra="forbid", strict=True)

    q: FreeText = Field(examples=["hom al"])
    limit: QueryLimit = Field(default=DEFAULT_SUGGESTIONS, description="suggestions at most")

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:
        return few_fields(cls, given)


class TextPart(BaseModel):
    """A piece of a text."""

    text: str = Field(examples=["Home"])
    matched: bool = Field(description="whether it is what was looked for", examples=[True])


class Highlight(BaseModel):
    """A text of a film that was found; its pieces put together are the text, or an excerpt."""

    field: str = Field(description="which text of the film it is", examples=["title"])
    parts: list[TextPart]


class FoundFilm(Film):
    """A film that answers a query."""

    score: float = Field(
        description="how well it answers; compares the hits of one query alone", examples=[18.5]
    )
    highlights: list[Highlight]


class FreeTextAnswer(BaseModel):
    """The films that answer a query."""

    total: int = Field(description="films that answer, on all pages", examples=[39])
    hits: list[FoundFilm]
    facets: Facets = Field(description="of all films that answer")
    suggestions: list[str] = Field(
        description="other queries: where words were typed that no film has, or nothing is found",
        examples=[["home alone"]],
    )


class Suggestion(BaseModel):
    """A film or a person that may be meant."""

    kind: Literal["film", "person"] = Field(description="which of them it is")
    id: int = Field(description="film_id or person_id", examples=[99785])
    text: str = Field(description="the title or the name", examples=["Home Alone"])
    year: int | None = Field(description="of a film", examples=[1990])
    parts: list[TextPart] = Field(description="the text, with what was typed matched")
