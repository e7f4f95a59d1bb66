"""The page, and what it is made of: files of its own, and those of the packages that it uses."""

from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from api.openapi import FAULT
from api.route import has_answer
from filmkin.errors import UnknownFileError

router = APIRouter(tags=["service"], responses=FAULT)

_OWN = Path(__file__).parents[1] / "web"
_PACKAGES = Path(__file__).parents[2] / "node_modules"

# Nothing but these is handed out, by the name that the page uses.
_FILES = {
    **{
        name: _OWN / name
        for name in (
            "address.js",
            "app.js",
            "client.js",
            "film.js",
            "for-you.js",
            "icon.svg",
            "mine.js",
            "neighbourhood.js",
            "parts.js",
            "person.js",
            "ratings.js",
            "search.js",
            "stars.js",
            "style.css",
        )
    },
    "preact.js": _PACKAGES / "htm/preact/standalone.module.js",
    **{
        f"{name}.js": _PACKAGES / name / "dist" / f"{name}.min.js"
        for name in ("d3-dispatch", "d3-quadtree", "d3-timer", "d3-force")
    },
}
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# Asked for again each time, and mostly answered with 304: a new version is there at once.
_HEADERS = {"Cache-Control": "no-cache"}


@router.get("/", operation_id="get_root", response_model=str)
async def root(request: Request) -> Response:
    """The page for a browser; for others, that the server is running."""
    headers = {**_HEADERS, "Vary": "Accept"}
    if "text/html" in request.headers.get("accept", ""):
        return FileResponse(_OWN / "index.html", media_type="text/html", headers=headers)
    return JSONResponse("Server is running.", headers=headers)


@router.get("/page/{name}", include_in_schema=False)
async def file(request: Request, name: str) -> Response:
    """A file of the page."""
    path = _FILES.get(name)
    if path is None or not path.is_file():
        raise UnknownFileError(name)
    answer = FileResponse(
        path, media_type=_MEDIA_TYPES[path.suffix], headers=_HEADERS, stat_result=path.stat()
    )
    if has_answer(request, answer.headers["etag"]):
        kept = {name: answer.headers[name] for name in ("etag", "cache-control")}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return answer
