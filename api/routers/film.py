"""Films: search, one film, several, the films similar to one."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from api.db import facets as counts
from api.db import search as searching
from api.db import similarity
from api.models.facets import Facets
from api.models.film import Film, SimilarFilm
from api.models.search import Search, SearchQuery
from api.models.values import (
    DEFAULT_SIMILAR,
    MAX_FILMS,
    PathFilmId,
    PathShare,
    QueryCount,
    QueryFlag,
    QueryLimit,
    film_number,
)
from api.openapi import (
    EVERYWHERE,
    LINES,
    PAGES,
    TOTAL,
    UNCHANGED,
    WITH_BODY,
    answer,
    counted,
    unknown,
)
from api.results import result
from api.route import BuildRoute, CurrentBuild, limited
from api.sending import JSON, json_list, similar_list
from filmkin.errors import InvalidQueryError, UnknownFilmError

router = APIRouter(route_class=BuildRoute, tags=["films"], responses=EVERYWHERE)

FilmId = Annotated[PathFilmId, Path(description="IMDb's tconst or its digits")]


@router.post(
    "/film/search",
    operation_id="search_films",
    response_model=list[Film],
    responses=answer(PAGES, LINES) | WITH_BODY,
)
@limited("search")
async def search(
    request: Request,
    build: CurrentBuild,
    search: Annotated[Search, Body(default_factory=Search)],
) -> Response:
    """Films that meet all criteria: a page as JSON, or all of them as CSV or JSON Lines."""
    return await result(request, build, search)


@router.get(
    "/film/search",
    operation_id="find_films",
    response_model=list[Film],
    responses=answer(PAGES, LINES) | UNCHANGED,
)
@limited("search")
async def find(
    request: Request, build: CurrentBuild, search: Annotated[SearchQuery, Query()]
) -> Response:
    """The same search as an address, for links and caches."""
    return await result(request, build, search)


@router.post("/film/search/facets", operation_id="count_facets", responses=answer() | WITH_BODY)
@limited("search")
async def facets(
    build: CurrentBuild, search: Annotated[Search, Body(default_factory=Search)]
) -> Facets:
    """Genres, decades and people of all films that meet the criteria, whatever the page."""
    return await counts.facets(build, await searching.choose(build, search))


@router.get(
    "/film/{film_id}",
    operation_id="get_film",
    response_model=Film,
    responses=answer() | UNCHANGED | unknown("film"),
)
@limited("film")
async def film(build: CurrentBuild, film_id: FilmId) -> Response:
    """One film."""
    if not build.index.has(film_id):
        raise UnknownFilmError(film_id)
    documents = await build.documents([film_id])
    return Response(documents[film_id], media_type=JSON)


@router.get(
    "/film/{film_id}/similar/{threshold}",
    operation_id="get_similar_films",
    response_model=list[SimilarFilm],
    responses=answer(counted("films at or above the threshold, on all pages"))
    | UNCHANGED
    | unknown("film"),
)
@limited("similar")
async def similar(
    build: CurrentBuild,
    film_id: FilmId,
    threshold: Annotated[PathShare, Path(description="similarity at least")],
    limit: Annotated[QueryLimit, Query(description="films at most")] = DEFAULT_SIMILAR,
    offset: Annotated[QueryCount, Query(description="films to pass over, of the most similar")] = 0,
    explain: Annotated[QueryFlag, Query(description="say what each film shares")] = False,
) -> Response:
    """The films at or above a similarity, most similar first."""
    found = await similarity.similar(build, film_id, threshold, offset, limit, explain=explain)
    return Response(similar_list(found), media_type=JSON, headers={TOTAL: str(found.total)})


@router.get(
    "/films",
    operation_id="get_films",
    response_model=list[Film],
    responses=answer() | UNCHANGED,
)
@limited("film")
async def films(
    build: CurrentBuild,
    ids: Annotated[
        str,
        Query(
            pattern=r"^(tt)?[0-9]+(,(tt)?[0-9]+)*$",
            max_length=2_000,
            description=f"tconsts or their digits, by comma, {MAX_FILMS} at most",
            examples=["tt0099785,76759"],
        ),
    ],
) -> Response:
    """Several films at once, in the order asked for; those that there are."""
    asked = list(dict.fromkeys(film_number(film_id) for film_id in ids.split(",")))
    if len(asked) > MAX_FILMS:
        raise InvalidQueryError("ids", f"{len(asked)} films are asked for, {MAX_FILMS} at most")
    known = [film_id for film_id in asked if build.index.has(film_id)]
    documents = await build.documents(known) if known else {}
    return Response(json_list(documents[film_id] for film_id in known), media_type=JSON)
