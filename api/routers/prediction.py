"""Predictions: of a film that is told about, and of one of the catalogue beside the truth."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, HTTPException, Path, Response
from pydantic import BaseModel

from api import predicting
from api.db.prediction import known_film
from api.models.prediction import FilmPrediction, FilmToPredict, PredictionOfParts
from api.models.values import PathFilmId
from api.openapi import EVERYWHERE, UNCHANGED, WITH_BODY, answer, unknown
from api.route import BuildRoute, CurrentBuild, limited
from api.sending import JSON
from filmkin.errors import UnknownFilmError

router = APIRouter(route_class=BuildRoute, tags=["predictions"], responses=EVERYWHERE)


@router.post(
    "/film/predict",
    operation_id="predict_film",
    response_model=PredictionOfParts,
    responses=answer() | WITH_BODY,
)
@limited("predict")
async def predict(
    build: CurrentBuild,
    film: Annotated[FilmToPredict, Body(default_factory=FilmToPredict)],
) -> Response:
    """What a film will be rated, cost and take, by what is known before its release."""
    return _sent(predicting.of_parts(build, film))


@router.get("/film/predict", include_in_schema=False)
async def no_film() -> None:
    """Not the film of an id, which it would be taken for."""
    raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED)


@router.get(
    "/film/{film_id}/prediction",
    operation_id="get_film_prediction",
    response_model=FilmPrediction,
    responses=answer() | UNCHANGED | unknown("film"),
)
@limited("predict")
async def prediction(
    build: CurrentBuild,
    film_id: Annotated[PathFilmId, Path(description="IMDb's tconst or its digits")],
) -> Response:
    """The same for a film of the catalogue, by what its people did before, beside the truth."""
    if not build.index.has(film_id):
        raise UnknownFilmError(film_id)
    return _sent(predicting.of_film(build, film_id, known_film(build.at_once, film_id)))


def _sent(answer: BaseModel) -> Response:
    """As it is: FastAPI would check all of it once more, which takes as long as to predict it."""
    return Response(answer.model_dump_json(), media_type=JSON)
