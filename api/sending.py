"""Films on their way out: JSON, and whole results as CSV or JSON Lines.

A film's JSON is stored as it is sent (`film_documents`); here it is only put together.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

from api.db.build import Build
from api.db.documents import documents as read_documents
from api.db.free_text import Found, highlights
from api.db.similarity import SimilarFilms
from api.models.facets import Facets
from api.models.search import Format
from api.models.user import RatedReason
from filmkin.catalogue import FILMS, TOLD_DETAILS
from filmkin.offers import Offer

JSON = "application/json"
_CHUNK = 200  # films read at a time
# The details' own columns: a film has a year and a duration by IMDb as well.
_HEADER = (*FILMS.column_names, *(f"details.{column.name}" for column in TOLD_DETAILS))
_BETWEEN = "|"  # of the parts of a list in a CSV field


MEDIA_TYPES = {
    Format.JSON: JSON,
    Format.CSV: "text/csv",
    Format.JSONL: "application/x-ndjson",
}


def accepted(accept: str) -> Format:
    """The format that an Accept header prefers; JSON where it names none of them."""
    by_type = {media_type: form for form, media_type in MEDIA_TYPES.items()}
    by_type |= {"*/*": Format.JSON, "application/*": Format.JSON}
    best, found = 0.0, Format.JSON
    for part in accept.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = min((_quality(one) for one in parameters), default=1.0)
        form = by_type.get(media_type)
        if form is not None and quality > best:
            best, found = quality, form
    return found


def _quality(parameter: str) -> float:
    """What q says, from 0 to 1; 1 for another parameter."""
    name, _, value = parameter.partition("=")
    try:
        return min(float(value), 1.0) if name == "q" else 1.0
    except ValueError:
        return 1.0


def json_list(documents: Iterable[str]) -> str:
    """Objects as a list."""
    return f"[{','.join(documents)}]"


def similar_list(found: SimilarFilms) -> str:
    """Films with their similarity, and with what they share where that was asked for."""

    def sent(film_id: int, similarity: float) -> str:
        more: dict[str, Any] = {"similarity": similarity}
        if found.shared is not None:
            more["shared"] = [token._asdict() for token in found.shared[film_id]]
        return f"{found.documents[film_id][:-1]},{json.dumps(more)[1:]}"

    pairs = zip(found.film_ids, found.similarities, strict=True)
    return json_list(sent(film_id, similarity) for film_id, similarity in pairs)


def offer_list(
    offers: Sequence[Offer],
    documents: Mapping[int, str],
    reasons: Mapping[int, RatedReason],
) -> str:
    """Films for a person; `reasons` holds those that they rated, by film_id."""

    def sent(offer: Offer) -> str:
        more = offered(offer, reasons)
        return f"{documents[offer.film_id][:-1]},{json.dumps(more)[1:]}"

    return json_list(sent(offer) for offer in offers)


def offered(offer: Offer, reasons: Mapping[int, RatedReason]) -> dict[str, Any]:
    """What is said of a film that is offered, beside what it is."""
    predicted = offer.predicted_rating
    return {
        "predicted_rating": None if predicted is None else round(predicted, _STARS_DECIMALS),
        "ratings": offer.ratings,
        "source": offer.source,
        "because": [reasons[reason.film_id].model_dump() for reason in offer.because],
    }


_STARS_DECIMALS = 2


def answer_of(found: Found, documents: Mapping[int, str], facets: Facets) -> str:
    """A FreeTextAnswer."""

    def sent(film_id: int, score: float) -> str:
        document = documents[film_id]
        shown = highlights(json.loads(document), found.terms) if found.terms else []
        marks = [
            {"field": one.field, "parts": [part._asdict() for part in one.parts]} for one in shown
        ]
        more = {"score": round(score, _SCORE_DECIMALS), "highlights": marks}
        return f"{document[:-1]},{json.dumps(more)[1:]}"

    pairs = zip(found.film_ids, found.scores, strict=True)
    hits = json_list(sent(film_id, score) for film_id, score in pairs)
    suggestions = json.dumps(list(found.suggestions))
    return (
        f'{{"total":{facets.total},"hits":{hits},"facets":{facets.model_dump_json()},'
        f'"suggestions":{suggestions}}}'
    )


_SCORE_DECIMALS = 3


async def lines(build: Build, film_ids: Sequence[int], form: Format) -> AsyncIterator[str]:
    """All the films, some hundreds at a time, in a format of lines."""
    if form is Format.CSV:
        yield _as_csv([_HEADER])
    for start in range(0, len(film_ids), _CHUNK):
        some = film_ids[start : start + _CHUNK]
        found = await build.connections.ask(read_documents, some)
        documents = [found[film_id] for film_id in some]
        if form is Format.CSV:
            yield _as_csv(_fields(document) for document in documents)
        else:
            yield "".join(f"{document}\n" for document in documents)


def _as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Rows as RFC 4180 writes them."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _fields(document: str) -> list[object]:
    film = json.loads(document)
    details = film["details"] or {}
    of_film = (film[name] for name in FILMS.column_names)
    values = (*of_film, *(details.get(column.name) for column in TOLD_DETAILS))
    return [_BETWEEN.join(map(str, v)) if isinstance(v, list) else v for v in values]
