"""The service itself: is it there, can it answer, what is it made of."""

from fastapi import APIRouter, Request, Response

from api.db.database import Database
from api.metrics import MEDIA_TYPE, Metrics
from api.models.service import About, AboutBuild, Health, Readiness
from api.openapi import FAULT, problem
from api.ratings import Ratings
from api.version import API_VERSION, code_version
from filmkin.errors import UnavailableError

router = APIRouter(tags=["service"], responses=FAULT)


@router.get("/health/live", operation_id="is_live")
async def live() -> Health:
    """The process answers."""
    return Health(status="live")


@router.get(
    "/health/ready",
    operation_id="is_ready",
    responses={503: problem("there is no build to answer from; the detail says why")},
)
async def ready(request: Request) -> Readiness:
    """There is a build to answer from; without the ratings store, everything else goes on."""
    database: Database = request.app.state.database
    assert database.build  # raises when there is none
    ratings: Ratings | None = request.app.state.ratings
    if ratings is None:
        return Readiness(status="ready", ratings="off")
    is_usable = await ratings.is_usable()
    return Readiness(status="ready", ratings="ready" if is_usable else "unavailable")


@router.get(
    "/metrics",
    operation_id="get_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Requests, latencies, the age of the build, connections: for Prometheus."""
    figures: Metrics = request.app.state.metrics
    figures.look_at(request.app.state.database)
    return Response(figures.text(), media_type=MEDIA_TYPE)


@router.get("/about", operation_id="get_about")
async def about(request: Request) -> About:
    """The versions of API, code and build."""
    return About(
        api_version=API_VERSION,
        code_version=code_version(),
        ratings=request.app.state.ratings is not None,
        build=_build(request.app.state.database),
    )


def _build(database: Database) -> AboutBuild | None:
    try:
        build = database.build
    except UnavailableError:
        return None
    facts = build.facts
    return AboutBuild(
        build_id=facts.build_id,
        created=facts.created,
        code_version=facts.code_version,
        films=len(build.index.film_ids),
    )
