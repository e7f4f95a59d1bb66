"""What the OpenAPI document says of answers, said once."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from api.errors import MEDIA_TYPE
from api.middleware.observe import REQUEST_ID
from api.models.film import Film, SimilarFilm
from api.models.free_text import FreeTextAnswer
from api.models.problem import Problem
from api.models.user import OfferedFilm

Responses = dict[int | str, dict[str, Any]]

_SCHEMA = "#/components/schemas/{}"


def _header(description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": description, "schema": schema or {"type": "string"}}


_COUNT = {"type": "integer", "minimum": 0}
_STANDING = {
    "RateLimit-Limit": _header("requests that the limit allows", _COUNT),
    "RateLimit-Remaining": _header("requests that are left of it", _COUNT),
    "RateLimit-Reset": _header("seconds until there are more", _COUNT),
    "RateLimit-Policy": _header("the limit and its window in seconds, as 10;w=1"),
}
_CACHING = {
    "ETag": _header("the build that the answer is made of"),
    "Cache-Control": _header("how long it may be kept"),
}
_ID = {REQUEST_ID: _header("the request's id in the log")}
TOTAL = "X-Total-Count"
NEXT = "X-Next-Cursor"
LINK = "Link"


def problem(description: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """An answer that is a problem."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMA.format("Problem")}}},
        "headers": {**_ID, **(headers or {})},
    }


def answer(
    headers: dict[str, Any] | None = None, content: dict[str, Any] | None = None
) -> Responses:
    """An answer of a build; `content` are media types beside JSON."""
    described: dict[str, Any] = {"headers": {**_ID, **_STANDING, **_CACHING, **(headers or {})}}
    return {200: described | ({"content": content} if content else {})}


def private(headers: dict[str, Any] | None = None) -> Responses:
    """An answer for one person alone."""
    kept = {"Cache-Control": _header("that nobody keeps it")}
    return {200: {"headers": {**_ID, **_STANDING, **kept, **(headers or {})}}}


def counted(what: str) -> dict[str, Any]:
    """The header that says how many there are on all pages."""
    return {TOTAL: _header(what, _COUNT)}


PAGES = {
    **counted("films that meet the criteria, on all pages"),
    LINK: _header("the first, previous, next and last page (RFC 8288), as GET requests"),
    NEXT: _header("the cursor of the next page; there is none behind the last"),
}

_TEXT = {"schema": {"type": "string"}}
#: the formats of a whole result
LINES = {"text/csv": _TEXT, "application/x-ndjson": _TEXT}

WAIT = {"Retry-After": _header("seconds to wait", {"type": "integer", "minimum": 1})}

#: what every route may say
FAULT: Responses = {
    500: problem("a fault of the service; what went wrong is in its log, by the request's id"),
}
#: what every route that answers from a build may say
EVERYWHERE: Responses = {
    **FAULT,
    422: problem("the request is wrong; the failing fields are named", _STANDING),
    429: problem("too many requests", _STANDING | WAIT),
    503: problem("no database is published yet, or it is too busy or too slow to answer"),
}
UNCHANGED: Responses = {
    304: {
        "description": "what If-None-Match names is still so",
        "headers": {**_ID, **_STANDING, **_CACHING},
    }
}
#: what every route of a person may say
OF_A_PERSON: Responses = {
    **EVERYWHERE,
    401: problem(
        "nobody says who asks: by the cookie of POST /user, or by an API key",
        _STANDING | {"WWW-Authenticate": _header("Bearer")},
    ),
    403: problem("it is for another person, or for reading alone", _STANDING),
    503: problem("no secret is set, the ratings store cannot be reached, or there is no build"),
}
#: a form of a page elsewhere is refused
NO_FORM: Responses = {415: problem("it is a form; send JSON", _STANDING)}
WITH_BODY: Responses = {
    408: problem("the body came too slowly"),
    413: problem("the body is too large"),
}


def unknown(what: str) -> Responses:
    """That there is no such thing."""
    return {404: problem(f"there is no such {what}", _STANDING)}


def complete(app: FastAPI) -> None:
    """Have the document hold the models that are sent without FastAPI's help."""
    made = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = made()
            _, schemas = models_json_schema(
                [
                    (model, "serialization")
                    for model in (Problem, Film, SimilarFilm, FreeTextAnswer, OfferedFilm)
                ],
                ref_template=_SCHEMA.replace("{}", "{model}"),
            )
            known = described.setdefault("components", {}).setdefault("schemas", {})
            known.update({name: known.get(name, s) for name, s in schemas["$defs"].items()})
            for unused in ("HTTPValidationError", "ValidationError"):
                known.pop(unused, None)
        return app.openapi_schema or {}

    app.openapi = document  # type: ignore[method-assign]
