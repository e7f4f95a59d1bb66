"""Error -> application/problem+json (RFC 9457): one table, one way out."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.middleware.observe import REQUEST_ID
from api.models.problem import FieldProblem, Problem
from filmkin.errors import (
    FilmkinError,
    ForbiddenError,
    InvalidQueryError,
    NotFoundError,
    TooManyRequestsError,
    UnavailableError,
    UnidentifiedError,
)

log = logging.getLogger(__name__)

# Of a request that is wrong in a thousand places, and of a name that is a megabyte long.
_MAX_PROBLEMS = 20
_MAX_NAME = 100

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[FilmkinError], HTTPStatus], ...] = (
    (ForbiddenError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (InvalidQueryError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TooManyRequestsError, HTTPStatus.TOO_MANY_REQUESTS),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
)


def install_handlers(app: FastAPI) -> None:
    """Answer every error as a problem."""
    for kind in (FilmkinError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer)


async def answer(request: Request, error: Exception) -> Response:
    """The problem that an error is."""
    match error:
        case RequestValidationError():
            fields = [_field_problem(problem) for problem in error.errors()[:_MAX_PROBLEMS]]
            detail = "; ".join(f"{field.field}: {field.detail}" for field in fields)
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, fields=fields)
        case HTTPException(status_code=HTTPStatus.BAD_REQUEST):  # FastAPI's own: no text at all
            fields = [FieldProblem(field="body", detail=error.detail)]
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"body: {error.detail}", fields=fields)
        case HTTPException(status_code=HTTPStatus.METHOD_NOT_ALLOWED):
            allowed = {"Allow": ", ".join(_methods_at(request) or ("GET", "HEAD"))}
            return _problem(HTTPStatus.METHOD_NOT_ALLOWED, error.detail, headers=allowed)
        case HTTPException():
            return _problem(HTTPStatus(error.status_code), error.detail, headers=error.headers)
        case InvalidQueryError():
            field = FieldProblem(field=error.field, detail=error.problem)
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), fields=[field])
        case UnidentifiedError():
            how = {"WWW-Authenticate": "Bearer"}
            return _problem(HTTPStatus.UNAUTHORIZED, str(error), headers=how)
        case TooManyRequestsError():
            wait = {"Retry-After": str(error.retry_after)}
            return _problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers=wait)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return _problem(status, str(error))
    failed = (request.method, request.url.path, request.scope.get(REQUEST_ID))
    log.error("%s %s failed, request %s", *failed, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The server made a mistake; it is logged.")


def _problem(
    status: HTTPStatus,
    detail: str,
    *,
    fields: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    problem = Problem(title=status.phrase, status=status, detail=detail, errors=fields)
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def _methods_at(request: Request) -> list[str]:
    """What the path of a request can be asked with, over all its routes.

    A path that the document names to the letter is no other's: /film/predict is not the film of an
    id.
    """
    named = request.app.openapi()["paths"].get(request.scope["path"])
    methods = [
        method
        for method in ("DELETE", "GET", "PATCH", "POST", "PUT")
        if (named is None and _is_routed(request, method)) or (named and method.lower() in named)
    ]
    return sorted({*methods, "HEAD"} if "GET" in methods else set(methods))


def _is_routed(request: Request, method: str) -> bool:
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _field_problem(problem: Mapping[str, Any]) -> FieldProblem:
    """What pydantic found, without the input: that may be anything, of any size."""
    if problem["type"] == "json_invalid":
        reason = problem.get("ctx", {}).get("error", "")
        return FieldProblem(field="body", detail=f"not JSON: {reason}")
    # `("body", "genres", 0)` is `genres.0`; where nothing follows, it is the body itself.
    where, *parts = (str(part) for part in problem["loc"])
    return FieldProblem(
        field=(".".join(parts) or where)[:_MAX_NAME],
        detail=problem["msg"].removeprefix("Value error, "),
    )
