"""Free-text search: films for what a person types, and what may be meant while it is typed."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.db import facets, free_text
from api.models.free_text import FreeTextAnswer, FreeTextQuery, Suggestion, SuggestQuery
from api.openapi import EVERYWHERE, TOTAL, UNCHANGED, answer, counted
from api.route import BuildRoute, CurrentBuild, limited
from api.sending import JSON, answer_of

router = APIRouter(route_class=BuildRoute, tags=["search"], responses=EVERYWHERE)


@router.get(
    "/search",
    operation_id="search_by_words",
    response_model=FreeTextAnswer,
    responses=answer(counted("films that answer, on all pages")) | UNCHANGED,
)
@limited("search")
async def search(build: CurrentBuild, asked: Annotated[FreeTextQuery, Query()]) -> Response:
    """The films that answer what a person types, the best match first."""
    found = await free_text.find(build, asked)
    counts = await facets.facets(build, found.chosen)
    documents = await build.documents(found.film_ids) if found.film_ids else {}
    body = answer_of(found, documents, counts)
    return Response(body, media_type=JSON, headers={TOTAL: str(counts.total)})


@router.get("/search/suggest", operation_id="suggest", responses=answer() | UNCHANGED)
@limited("suggest")
async def suggest(build: CurrentBuild, asked: Annotated[SuggestQuery, Query()]) -> list[Suggestion]:
    """Films and people whose title or name has words that begin as those that are typed."""
    return free_text.suggest(build, asked.q, asked.limit)
