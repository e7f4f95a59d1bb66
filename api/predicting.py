"""A film as it is asked about -> what is predicted of it."""

from collections.abc import Sequence

import numpy as np

from api.db.build import Build
from api.db.index import SearchIndex
from api.db.prediction import KnownFilm
from api.models.prediction import (
    FilmPrediction,
    FilmToPredict,
    Prediction,
    PredictionOfParts,
    Reason,
    Truth,
)
from api.models.values import MAX_INTEGER
from filmkin.prediction.films import COUNTRY, CURRENCY, MONEY, TARGETS, FilmParts, Target
from filmkin.prediction.predictor import Predictor

_MOST_REASONS = 8


def of_parts(build: Build, asked: FilmToPredict) -> PredictionOfParts:
    """The predictions for a film of which these parts are known."""
    unknown: list[str] = []
    listed = {"director": asked.directors, "writer": asked.writers, "cast": asked.persons}
    known = _known(build.index, [one for of in listed.values() for one in of])
    people = {role: _persons(build.index, of, known, unknown) for role, of in listed.items()}
    genres = _genres(build, asked.genres, unknown)
    language = _language(build, asked.language, unknown)
    year = asked.year or _next_year(build)
    parts = FilmParts.of_lists(
        [year], [asked.duration], [asked.rating], [genres], [language],
        {role: [ids] for role, ids in people.items()},
    )  # fmt: skip
    made, missing = _predictions(build, parts, asked.country)
    return PredictionOfParts(year=year, **made, reasons=missing, unknown=unknown)


def of_film(build: Build, film_id: int, film: KnownFilm) -> FilmPrediction:
    """The predictions for a film of the catalogue, from the films of earlier years."""
    (budget, budget_currency), (gross, gross_currency) = (_amount(film, name) for name in MONEY)
    truth = Truth(
        rating=film.rating,
        budget=budget,
        budget_currency=budget_currency,
        gross=gross,
        gross_currency=gross_currency,
    )
    made: dict[Target, Prediction | None] = dict.fromkeys(TARGETS)
    missing: dict[Target, str] = dict.fromkeys(TARGETS, "the year of the film is not known")
    learnt: list[Target] = []
    if film.year is not None:
        parts = FilmParts.of_lists(
            [film.year], [film.duration], [film.rating], [film.genres], [film.language],
            {role: [ids] for role, ids in film.people.items()},
        )  # fmt: skip
        made, missing = _predictions(build, parts, film.country)
        learnt = [name for name in TARGETS if made[name] and _is_learnt_from(film, name)]
    return FilmPrediction(
        film_id=film_id, year=film.year, **made, reasons=missing, truth=truth, learnt_from=learnt
    )


def _predictions(
    build: Build, parts: FilmParts, country: str | None
) -> tuple[dict[Target, Prediction | None], dict[Target, str]]:
    made: dict[Target, Prediction | None] = {}
    missing: dict[Target, str] = {}
    for name in TARGETS:
        model = build.predictors.get(name)
        made[name] = _prediction(model, parts, country) if model else None
        if model is None:
            missing[name] = f"this build has no model of the {name}: too few films tell of it"
    return made, missing


def _prediction(model: Predictor, parts: FilmParts, country: str | None) -> Prediction:
    found = model.predict(parts, _MOST_REASONS)
    note = None
    if model.target in MONEY and country is not None and country.casefold() != COUNTRY.casefold():
        note = f"learnt on films of the {COUNTRY}; this is one of {country}"
    return Prediction(
        value=found.value,
        low=found.low,
        high=found.high,
        level=model.level,
        coverage=model.coverage,
        currency=CURRENCY if model.target in MONEY else None,
        usual=found.usual,
        features=[Reason(**one._asdict()) for one in found.reasons],
        is_marked=note is not None,
        note=note,
    )


def _known(index: SearchIndex, named: Sequence[int | str]) -> set[int]:
    """Those of the ids that are someone's; looked for together, for all people are looked at."""
    asked = {one for one in named if isinstance(one, int) and one <= MAX_INTEGER}
    if not asked:
        return asked
    return set(index.person_ids[np.isin(index.person_ids, list(asked))].tolist())


def _persons(
    index: SearchIndex, named: Sequence[int | str], known: set[int], unknown: list[str]
) -> list[int]:
    """The ids of people; of namesakes, who worked on most films, then the lowest id."""
    found = {one for one in named if one in known}
    for one in named:
        rows = () if isinstance(one, int) else index.names.equal_to(one)
        if len(rows):
            best = np.lexsort((index.person_ids[rows], -index.films_of_people[rows]))[0]
            found.add(int(index.person_ids[rows[best]]))
        elif one not in known:
            unknown.append(str(one))
    return sorted(found)


def _genres(build: Build, named: Sequence[str], unknown: list[str]) -> list[str]:
    rows = {name: build.index.genres_named(name) for name in named}
    unknown += [name for name, found in rows.items() if not len(found)]
    return sorted({build.index.genres[found[0]] for found in rows.values() if len(found)})


def _language(build: Build, code: str | None, unknown: list[str]) -> str | None:
    if code is None:
        return None
    rows = build.index.languages_named(code)
    if not len(rows):
        unknown.append(code)
        return None
    return str(build.index.languages[rows[0]])


def _next_year(build: Build) -> int:
    """The one after the last of the films: to a film to come, all of them are earlier."""
    years = build.index.numbers["year"]
    last = build.index.year_of(int(np.nanargmax(years))) if not np.isnan(years).all() else None
    return (last or 0) + 1


def _amount(film: KnownFilm, name: str) -> tuple[int | None, str | None]:
    """What it cost or took, and in which currency; an unmarked one of the USA is in USD."""
    amount, currency = getattr(film, name), getattr(film, f"{name}_currency")
    if amount is not None and currency is None and film.country == COUNTRY:
        currency = CURRENCY
    return amount, currency


def _is_learnt_from(film: KnownFilm, name: str) -> bool:
    if name not in MONEY:
        return film.rating is not None
    amount, currency = _amount(film, name)
    return amount is not None and film.country == COUNTRY and currency == CURRENCY
