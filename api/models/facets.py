"""What a search result is made of, counted."""

from pydantic import BaseModel, Field


class GenreCount(BaseModel):
    genre: str = Field(examples=["Drama"])
    films: int = Field(examples=[1204])


class DecadeCount(BaseModel):
    decade: int = Field(description="its first year", examples=[1990])
    films: int = Field(examples=[731])


class RatingCount(BaseModel):
    rating: int = Field(description="from this to below the next; 10 is with 9", examples=[7])
    films: int = Field(examples=[512])


class DurationCount(BaseModel):
    minutes: int = Field(description="from so many to 29 more", examples=[90])
    films: int = Field(examples=[812])


class LanguageCount(BaseModel):
    language: str = Field(description="ISO 639 code", examples=["en"])
    films: int = Field(examples=[930])


class PersonCount(BaseModel):
    person_id: int = Field(examples=[184])
    name: str = Field(examples=["George Lucas"])
    films: int = Field(examples=[12])


class Facets(BaseModel):
    """The whole result of a search, not a page of it."""

    total: int = Field(description="films that meet the criteria", examples=[2051])
    genres: list[GenreCount] = Field(description="most films first, then by name")
    decades: list[DecadeCount] = Field(description="the earliest first; films without a year miss")
    ratings: list[RatingCount] = Field(description="the lowest first; films without one miss")
    durations: list[DurationCount] = Field(description="the shortest first, by half hours")
    languages: list[LanguageCount] = Field(description="most films first, then by code")
    people: list[PersonCount] = Field(description="the 20 with most films, then by person_id")
