"""Films: search, one film, the films similar to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from api.db import films, similarity
from api.dependencies import FilmDatabase
from api.errors import MEDIA_TYPE
from api.limits import LimitedRoute, limited
from api.models import (
    DEFAULT_SIMILAR,
    MAX_FILMS,
    MAX_INTEGER,
    Film,
    Problem,
    SearchCriteria,
    SimilarFilm,
)

_PROBLEM: dict[str, Any] = {"model": Problem, "content": {MEDIA_TYPE: {}}}
_UNKNOWN: dict[int | str, dict[str, Any]] = {404: _PROBLEM | {"description": "no such film"}}
_TOTAL = "X-Total-Count"
_COUNTED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            _TOTAL: {
                "description": "films at or above the threshold, on all pages",
                "schema": {"type": "integer", "minimum": 0},
            }
        }
    }
}

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


@router.get(
    "/{film_id}/similar/{threshold}",
    responses=_UNKNOWN | _COUNTED,
    response_model_exclude_unset=True,  # `shared` is there only when it was asked for
)
@limited("similar")
def similar(
    database: FilmDatabase,
    response: Response,
    film_id: FilmId,
    threshold: Annotated[
        float, Path(ge=0, le=1, allow_inf_nan=False, description="similarity at least")
    ],
    limit: Annotated[int, Query(ge=1, le=MAX_FILMS, description="films at most")] = DEFAULT_SIMILAR,
    offset: Annotated[
        int, Query(ge=0, le=MAX_INTEGER, description="films to pass over, of the most similar")
    ] = 0,
    explain: Annotated[bool, Query(description="say what each film shares")] = False,
) -> list[SimilarFilm]:
    """The films at or above a similarity, most similar first."""
    with database.reader() as reader:
        found = similarity.similar(reader, film_id, threshold, offset, limit, explain=explain)
    response.headers[_TOTAL] = str(found.total)
    return [SimilarFilm.model_validate(row) for row in found.rows]
