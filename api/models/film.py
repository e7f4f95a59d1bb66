"""Films as they are sent."""

from datetime import date

from pydantic import BaseModel, Field


class Details(BaseModel):
    """What IMDb's files do not say of a film; null where no file of details says it."""

    overview: str | None = Field(description="the plot in a few sentences")
    tagline: str | None = Field(examples=["A family comedy without the family."])
    keywords: list[str] | None = Field(examples=[["8 year old", "burglar", "christmas"]])
    language: str | None = Field(
        description="that it is spoken in: an ISO 639 code", examples=["en"]
    )
    country: str | None = Field(examples=["USA"])
    year: int | None = Field(description="of its release", examples=[1990])
    duration: int | None = Field(description="minutes", examples=[103])
    budget: int | None = Field(examples=[18000000])
    budget_currency: str | None = Field(
        description="ISO 4217 code, or null where the amount is unmarked", examples=["USD"]
    )
    gross: int | None = Field(examples=[285761243])
    gross_currency: str | None = Field(
        description="ISO 4217 code, or null where the amount is unmarked", examples=["USD"]
    )
    metascore: int | None = Field(description="0 to 100", examples=[63])
    num_reviews: int | None = Field(description="reviews by users", examples=[264])
    num_critics: int | None = Field(description="reviews by critics", examples=[74])
    thumbnail: str | None = Field(description="address of a small picture")


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
    details: Details | None = Field(description="null for a film that no file of details names")


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
