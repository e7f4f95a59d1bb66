"""Films: search, one film, the films similar to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query

from api.db import films
from api.dependencies import FilmDatabase
from api.errors import MEDIA_TYPE
from api.limits import limited
from api.models import DEFAULT_SIMILAR, MAX_FILMS, Film, Problem, SearchCriteria, SimilarFilm

_PROBLEM: dict[str, Any] = {"model": Problem, "content": {MEDIA_TYPE: {}}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: _PROBLEM | {"description": "no such film"}}

router = APIRouter(
    prefix="/film",
    tags=["films"],
    responses={
        422: _PROBLEM | {"description": "the request is wrong; the failing field is named"},
        429: _PROBLEM | {"description": "too many requests; Retry-After says when to come back"},
        503: _PROBLEM | {"description": "no database is published yet"},
    },
)

FilmId = Annotated[int, Path(ge=0, description="the digits of IMDb's tconst", examples=[99785])]


@router.post("/search", dependencies=[Depends(limited("search"))])
def search(
    database: FilmDatabase,
    criteria: Annotated[SearchCriteria, Body(default_factory=SearchCriteria)],
) -> list[Film]:
    """Films that meet all criteria, by title; at most 100."""
    return [Film.model_validate(row) for row in films.search(database, criteria, MAX_FILMS)]


@router.get("/{film_id}", dependencies=[Depends(limited("film"))], responses=_UNKNOWN)
def film(database: FilmDatabase, film_id: FilmId) -> Film:
    """One film."""
    return Film.model_validate(films.film(database, film_id))


@router.get(
    "/{film_id}/similar/{threshold}",
    dependencies=[Depends(limited("similar"))],
    responses=_UNKNOWN,
)
def similar(
    database: FilmDatabase,
    film_id: FilmId,
    threshold: Annotated[
        float, Path(ge=0, le=1, allow_inf_nan=False, description="similarity at least")
    ],
    limit: Annotated[int, Query(ge=1, le=MAX_FILMS, description="films at most")] = DEFAULT_SIMILAR,
) -> list[SimilarFilm]:
    """The films at or above a similarity, most similar first."""
    rows = films.similar(database, film_id, threshold, limit)
    return [SimilarFilm.model_validate(row) for row in rows]
