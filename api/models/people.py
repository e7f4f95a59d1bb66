"""People as they are sent, and what a search for them asks."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.models.search import few_fields, numbers_of_texts
from api.models.values import Count, Limit, Pattern


class CreditedFilm(BaseModel):
    """A film in someone's filmography."""

    model_config = ConfigDict(from_attributes=True)

    film_id: int = Field(examples=[99785])
    title: str | None = Field(examples=["Home Alone"])
    year: int | None = Field(examples=[1990])
    rating: float | None = Field(examples=[7.7])


class Role(BaseModel):
    """The films in which someone had a role, the newest first."""

    role: str = Field(description="IMDb's category", examples=["actor"])
    films: list[CreditedFilm]


class Collaborator(BaseModel):
    """Someone who worked on the same films."""

    model_config = ConfigDict(from_attributes=True)

    person_id: int = Field(examples=[582])
    name: str = Field(examples=["Joe Pesci"])
    films: int = Field(description="films in common", examples=[2])


class Person(BaseModel):
    """Someone who worked on films."""

    person_id: int = Field(description="the digits of IMDb's nconst", examples=[346])
    name: str = Field(examples=["Macaulay Culkin"])
    roles: list[Role] = Field(description="the filmography by role, the role of most films first")
    collaborators: list[Collaborator] = Field(
        description="who shares most films, at most 20, then by person_id"
    )


class FoundPerson(BaseModel):
    """Someone in a list."""

    person_id: int = Field(examples=[184])
    name: str = Field(examples=["George Lucas"])
    films: int = Field(description="how many films they worked on", examples=[12])


class PersonSearch(BaseModel):
    """Which people; who worked on most films comes first, then by person_id."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "^george lucas$"}]}
    )

    name: Pattern | None = None
    limit: Limit = Field(default=20, description="people at most")
    offset: Count = Field(default=0, description="people to pass over")

    @model_validator(mode="before")
    @classmethod
    def _has_few_fields(cls, given: Any) -> Any:
        return few_fields(cls, given)


class PersonQuery(PersonSearch):
    """The same in the form of a query string."""

    @model_validator(mode="before")
    @classmethod
    def _of_texts(cls, given: Any) -> Any:
        return numbers_of_texts(cls, given)
