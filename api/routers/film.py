"""Films: search, one film, the films similar to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query

from api.db import films
from api.dependencies import FilmDatabase
from api.errors import MEDIA_TYPE
from api.limits import LimitedRoute, limited
from api.models import DEFAULT_SIMILAR, MAX_FILMS, Film, Problem, SearchCriteria, SimilarFilm

_PROBLEM: dict[str, Any] = {"model": Problem, "content": {MEDIA_TYPE: {}}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: _PROBLEM | {"description": "no such film"}}

router = APIRouter(
    prefix="/film",
    route_class=LimitedRoute,
    tags=["films"],
    responses={
        422: _PROBLEM | {"description": "the request is wrong; the failing field is named"},
        429: _PROBLEM | {"description": "too many requests; Retry-After says when to come back"},
        503: _PROBLEM | {"description": "no database is published yet"},
    },
)

FilmId = Annotated[int, Path(ge=0, description="the digits of IMDb's tconst", examples=[99785])]


@router.post("/search")
@limited("search")
def search(
    database: FilmDatabase,
    criteria: Annotated[SearchCriteria, Body(default_factory=SearchCriteria)],
) -> list[Film]:
    """Films that meet all criteria, by title; at most 100."""
    with database.connection() as connection:
        rows = films.search(connection, criteria, MAX_FILMS)
    return [Film.model_validate(row) for row in rows]


@router.get("/{film_id}", responses=_UNKNOWN)
@limited("film")
def film(database: FilmDatabase, film_id: FilmId) -> Film:
    """One film."""
    with database.connection() as connection:
        row = films.film(connection, film_id)
    return Film.model_validate(row)


@router.get("/{film_id}/similar/{threshold}", responses=_UNKNOWN)
@limited("similar")
def similar(
    database: FilmDatabase,
    film_id: FilmId,
    threshold: Annotated[
        float, Path(ge=0, le=1, allow_inf_nan=False, description="similarity at least")
    ],
    limit: Annotated[int, Query(ge=1, le=MAX_FILMS, description="films at most")] = DEFAULT_SIMILAR,
) -> list[SimilarFilm]:
    """The films at or above a similarity, most similar first."""
    with database.connection() as connection:
        rows = films.similar(connection, film_id, threshold, limit)
    return [SimilarFilm.model_validate(row) for row in rows]
