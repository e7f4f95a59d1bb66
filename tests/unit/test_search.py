"""Search: the films, their order and pages, what is counted, and how results are written."""

import base64
import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from api.db import facets, patterns, people
from filmkin import selection, words
from filmkin.catalogue import FILMS, TOLD_DETAILS
from tests.service import problem, search, served
from tests.world import Film, film, person_id, publish

GENRES = ("Action", "Drama", "Sci-Fi", "War")
NAMES = ("Ann Ash", "ann ash", "Bob O'Hara", "Zoë Ümit", "Sam Ss", "Kim")
WORDS = ("Ember", "WARS", "ii", "Amélie", "o'clock", "Straße", "x")


LANGUAGES = ("en", "fr", "yue")


def spoken(language: str | None) -> dict[str, Any]:
    return {"language": language}


@st.composite
def films(draw: st.DrawFn) -> list[Film]:
    ids = draw(st.lists(st.integers(1, 200), unique=True, min_size=1, max_size=25))
    return [
        film(
            film_id,
            draw(
                st.none() | st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
            ),
            original_title=draw(st.none() | st.sampled_from(WORDS)),
            year=draw(st.none() | st.integers(1950, 1960).map(lambda y: date(y, 1, 1))),
            duration=draw(st.none() | st.integers(60, 64)),
            rating=draw(st.none() | st.integers(10, 100).map(lambda r: Decimal(r) / 10)),
            vote_count=draw(st.none() | st.integers(0, 5)),
            genres=draw(st.lists(st.sampled_from(GENRES), unique=True, max_size=3)),
            persons=draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3)),
            languages=draw(st.lists(st.sampled_from(LANGUAGES), unique=True, max_size=2)),
            details=draw(st.none() | st.sampled_from((*LANGUAGES, None)).map(spoken)),
        )
        for film_id in ids
    ]


# Where RE2 and Python's `re` agree.
PATTERN = st.sampled_from(
    ["wars", "^Ember", "^ember x", "^o'c.*x", "^em.*wars", "^wars.*ii", "^W", "^Am", "^é", "^Stra(ss|ß)", "ii$", "o.c", "A|E", "(ss|ii)", "[a-e]m", "é", "STRASSE", "ß", "s+", ".", "W?x", "um*", "ash$"]
)  # fmt: skip


def listed(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    cased = st.sampled_from([*values, *(v.upper() for v in values if v.isascii()), "nothing"])
    return st.lists(cased, max_size=2)


def day() -> st.SearchStrategy[str]:
    return st.dates(date(1949, 6, 1), date(1961, 6, 1)).map(date.isoformat)


RANGES = [
    ("earliest_date", "latest_date"),
    ("min_duration", "max_duration"),
    ("min_rating", "max_rating"),
    ("vote_count", "max_vote_count"),
]


def in_range(criteria: dict[str, Any]) -> bool:
    return all(
        low not in criteria or high not in criteria or criteria[low] <= criteria[high]
        for low, high in RANGES
    )


EACH: dict[str, st.SearchStrategy[Any]] = {
    "title": PATTERN,
    "original_title": PATTERN,
    "genre": PATTERN,
    "person": PATTERN,
    "ids": st.lists(st.integers(1, 200), max_size=60),
    "genres": listed(GENRES),
    "any_genres": listed(GENRES),
    "exclude_genres": listed(GENRES),
    "persons": listed(NAMES),
    "any_persons": listed(NAMES),
    "languages": listed(LANGUAGES),
    "earliest_date": day(),
    "latest_date": day(),
    "min_duration": st.integers(59, 65),
    "max_duration": st.integers(59, 65),
    "min_rating": st.integers(0, 100).map(lambda r: r / 10),
    "max_rating": st.integers(0, 100).map(lambda r: r / 10),
    "vote_count": st.integers(0, 6),
    "max_vote_count": st.integers(0, 6),
}
CRITERIA: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=EACH).filter(
    in_range
)


def meets(row: Film, criteria: dict[str, Any]) -> bool:
    """The criteria said again in plain Python."""

    def matches(pattern: str, *texts: str | None) -> bool:
        return any(t is not None and re.search(pattern, t, re.IGNORECASE) for t in texts)

    def among(values: list[str]) -> set[str]:
        return {value.lower() for value in values}

    genres, persons = among(row["genres"]), among(row["persons"])
    languages = {*row["languages"], (row["details"] or {}).get("language")}
    tests = {
        "title": lambda p: matches(p, row["title"]),
        "original_title": lambda p: matches(p, row["original_title"]),
        "genre": lambda p: matches(p, *row["genres"]),
        "person": lambda p: matches(p, *row["persons"]),
        "ids": lambda ids: not ids or row["film_id"] in ids,
        "genres": lambda v: among(v) <= genres,
        "any_genres": lambda v: not v or bool(among(v) & genres),
        "exclude_genres": lambda v: not among(v) & genres,
        "persons": lambda v: among(v) <= persons,
        "any_persons": lambda v: not v or bool(among(v) & persons),
        "languages": lambda v: not v or bool(among(v) & languages),
        "earliest_date": lambda d: row["year"] is not None and row["year"].isoformat() >= d,
        "latest_date": lambda d: row["year"] is not None and row["year"].isoformat() <= d,
        "min_duration": lambda n: row["duration"] is not None and row["duration"] >= n,
        "max_duration": lambda n: row["duration"] is not None and row["duration"] <= n,
        "min_rating": lambda r: row["rating"] is not None and float(row["rating"]) >= r,
        "max_rating": lambda r: row["rating"] is not None and float(row["rating"]) <= r,
        "vote_count": lambda n: row["vote_count"] is not None and row["vote_count"] >= n,
        "max_vote_count": lambda n: row["vote_count"] is not None and row["vote_count"] <= n,
    }
    return all(tests[name](value) for name, value in criteria.items())


def in_order(rows: list[Film], sort: str, order: str) -> list[int]:
    """By the value, equals by film_id the same way; what has none last."""
    descending = order == "desc"

    def key(row: Film) -> Any:
        value = row[sort]
        # Upper and lower case alike; what the titles here are made of has no more forms than two.
        return (value.lower().encode() if isinstance(value, str) else value, row["film_id"])

    known = sorted((r for r in rows if r[sort] is not None), key=key, reverse=descending)
    rest = sorted((r["film_id"] for r in rows if r[sort] is None), reverse=descending)
    return [row["film_id"] for row in known] + rest


SORTS = st.sampled_from(["title", "year", "rating", "vote_count", "duration"])
ORDERS = st.sampled_from(["asc", "desc"])


@pytest.fixture(scope="module")
def worlds(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[tuple[list[Film], TestClient]]]:
    """Some worlds, drawn once: to build one takes longer than a hundred searches."""
    drawn: list[list[Film]] = []

    @settings(max_examples=6, database=None, derandomize=True)
    @given(films())
    def draw(rows: list[Film]) -> None:
        drawn.append(rows)

    draw()
    made = sorted(drawn, key=len)[-3:]
    links = [publish(tmp_path_factory.mktemp("world"), rows) for rows in made]
    with served(links[0]) as one, served(links[1]) as two, served(links[2]) as three:
        yield list(zip(made, (one, two, three), strict=True))


@contextmanager
def as_in_large_worlds(*, are_few: int) -> Iterator[None]:
    """What is few, or little work, elsewhere is much here: the ways of a large catalogue are gone."""
    with pytest.MonkeyPatch.context() as patch:
        for module, names in {
            patterns: ("FEW", "_MOST_ONE_BY_ONE"),
            words: ("FEW",),
            selection: ("_FEW_MEMBERS", "_FEW_OF_FILMS"),
            facets: ("_FEW_FILMS",),
            people: ("_FEW_PEOPLE",),
        }.items():
            for name in names:
                patch.setattr(module, name, are_few)
        patch.setattr(patterns, "_MOST_STEPS", 30 * are_few)
        patch.setattr(patterns, "_HANDED", are_few / 2)
        patch.setattr(patterns.AtOnce, "most_postings", are_few)
        patch.setattr(words, "_FEW_OF_MANY", float(are_few))
        patch.setattr(words, "_OFTEN", 1)
        yield


WAYS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "small": nullcontext,
    "large": partial(as_in_large_worlds, are_few=1),
    "larger": partial(as_in_large_worlds, are_few=0),
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=200, deadline=None)
@given(criteria=CRITERIA, sort=SORTS, order=ORDERS, world=st.integers(0, 2), as_link=st.booleans())
def test_the_answer_is_that_of_a_plain_filter_over_the_same_rows(
    worlds: list[tuple[list[Film], TestClient]],
    way: str,
    criteria: dict[str, Any],
    sort: str,
    order: str,
    world: int,
    as_link: bool,
) -> None:
    rows, client = worlds[world]
    asked = {**criteria, "sort": sort, "order": order}
    expected = in_order([row for row in rows if meets(row, criteria)], sort, order)
    with WAYS[way]():
        if as_link:
            answer = client.get(f"/film/search?{urlencode(asked, doseq=True)}")
        else:
            answer = client.post("/film/search", json=asked)
    assert answer.status_code == 200, answer.text
    assert [found["film_id"] for found in answer.json()] == expected
    assert answer.headers["X-Total-Count"] == str(len(expected))


@settings(max_examples=60, deadline=None)
@given(sort=SORTS, order=ORDERS, limit=st.integers(1, 7), world=st.integers(0, 2))
def test_pages_put_together_are_the_whole(
    worlds: list[tuple[list[Film], TestClient]], sort: str, order: str, limit: int, world: int
) -> None:
    rows, client = worlds[world]
    expected = in_order(rows, sort, order)
    by_number = [
        film_id
        for offset in range(0, len(rows), limit)
        for film_id in search(client, sort=sort, order=order, limit=limit, offset=offset)
    ]
    assert by_number == expected
    by_link: list[int] = []
    link: str | None = f"/film/search?sort={sort}&order={order}&limit={limit}"
    while link:
        answer = client.get(link)
        by_link += [found["film_id"] for found in answer.json()]
        link = answer.links.get("next", {}).get("url")
    assert by_link == expected


@pytest.mark.parametrize("pattern", ["^Film(?<n>.?)", "(?<n>F)ilm", "Nothing (?<n>x)"])
def test_what_not_all_versions_of_re2_take_is_always_refused(tmp_path: Path, pattern: str) -> None:
    with served(publish(tmp_path, [film(1, "Film 1")])) as client:
        assert client.post("/film/search", json={"title": pattern}).status_code == 422
        assert search(client, title=r"^Film|\(?<") == [1]


def test_the_links_of_a_page(tmp_path: Path) -> None:
    rows = [film(n, f"Film {n}", genres=["War"]) for n in range(1, 8)]
    with served(publish(tmp_path, rows)) as client:
        middle = client.post("/film/search", json={"genres": ["War"], "limit": 2, "offset": 2})
        links = {name: link["url"] for name, link in middle.links.items()}
        asked = "/film/search?genres=War&limit=2"
        assert links["first"] == asked
        assert links["prev"] == asked
        zero = client.get("/film/search?min_rating=0&max_vote_count=0&limit=1").links
        assert zero["first"]["url"] == "/film/search?min_rating=0.0&max_vote_count=0&limit=1"
        assert links["last"] == f"{asked}&offset=6"
        assert [f["film_id"] for f in client.get(links["next"]).json()] == [5, 6]
        assert [f["film_id"] for f in client.get(links["last"]).json()] == [7]
        whole = client.get("/film/search?limit=7")  # full, and the last
        assert "next" not in whole.links
        beyond = client.get(f"{asked}&offset=2147483647").links
        assert beyond["prev"]["url"] == links["last"]
        end = client.get(links["last"])
        assert "next" not in end.links
        assert "X-Next-Cursor" not in end.headers


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", ["title", "rating"])
def test_a_cursor_holds_over_a_new_build(tmp_path: Path, sort: str, order: str) -> None:
    def world(*gone: int, more: int = 0) -> list[Film]:
        kept = [
            film(
                n, None if n % 5 == 0 else f"T{n:02}", rating=None if n % 5 == 0 else Decimal(n % 4)
            )
            for n in range(10, 40)
            if n not in gone
        ]
        return kept + [film(n, f"T{n:03}", rating=Decimal(n % 4)) for n in range(100, 100 + more)]

    unchanged = {row["film_id"] for row in world(12, 17, 20)}
    link, seen, cursor, builds = publish(tmp_path, world()), [], None, 0
    with served(link) as client:
        while True:
            body = {"sort": sort, "order": order, "limit": 4} | (
                {"cursor": cursor} if cursor else {}
            )
            answer = client.post("/film/search", json=body)
            seen += [found["film_id"] for found in answer.json()]
            cursor = answer.headers.get("X-Next-Cursor")
            if cursor is None:
                break
            builds += 1
            before = client.get("/about").json()["build"]["build_id"]
            rows = world(12, 17, 20, more=builds) if builds % 2 else world(more=2 * builds)
            publish(tmp_path, rows, build_id=f"b{builds}")
            while client.get("/about").json()["build"]["build_id"] == before:
                pass
    counts = Counter(film_id for film_id in seen if film_id in unchanged)
    assert counts == dict.fromkeys(unchanged, 1)


@pytest.mark.parametrize(
    ("cursor", "told"),
    [
        ("x", "no cursor"),
        ("%%%", "no cursor"),
        ("eyJhIjoxfQ", "no cursor"),
        ("bnVsbA", "no cursor"),
        ("WyJ5ZWFyIiwiYXNjIiwxLDFd", "sort year"),
        ("WyJ0aXRsZSIsImFzYyIsMSwxXQ", "no cursor"),
        ("WyJ0aXRsZSIsImFzYyIsIngiLCIxIl0", "no cursor"),
        *(
            (base64.urlsafe_b64encode(told.encode()).decode(), "no cursor")
            for told in (
                "[" * 2500,
                f'["rating","asc",{"9" * 2500},1]',
                '["rating","asc",NaN,1]',
                r'["\ud800","asc",1,1]',
                r'["title","asc","\ud800",1]',
                '["title","asc","x",-5]',
            )
        ),
    ],
)
def test_a_cursor_that_is_none_is_422(
    worlds: list[tuple[list[Film], TestClient]], cursor: str, told: str
) -> None:
    status, detail, fields = problem(worlds[0][1].post("/film/search", json={"cursor": cursor}))
    assert (status, fields) == (422, ["cursor"])
    assert told in detail


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("titel=x", "titel"),
        ("min_rating=%2B7", "min_rating"),
        ("min_rating=nan", "min_rating"),
        ("min_duration=1_0", "min_duration"),
        ("min_duration=9&max_duration=1", "max_duration"),
        ("vote_count=3&max_vote_count=2", "max_vote_count"),
        ("limit=+7", "limit"),
        ("limit=0", "limit"),
        ("sort=name", "sort"),
        ("order=up", "order"),
        ("format=xml", "format"),
        ("ids=1,x", "ids.1"),
        ("earliest_date=1990", "earliest_date"),
        (f"ids={'1,' * 1000}1", "ids"),
    ],
)
def test_a_bad_query_is_422_and_names_the_field(
    worlds: list[tuple[list[Film], TestClient]], query: str, field: str
) -> None:
    status, _, fields = problem(worlds[0][1].get(f"/film/search?{query}"))
    assert (status, fields) == (422, [field])


@pytest.mark.parametrize(
    "body",
    [
        {"min_rating": "7"}, {"limit": "7"}, {"limit": True}, {"min_duration": 1.5},
        {"genres": "Drama"}, {"title": 5}, {"earliest_date": 19900101}, {"ids": [True]}, {"ids": ["x1"]},
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_422(
    worlds: list[tuple[list[Film], TestClient]], body: dict[str, Any]
) -> None:
    assert problem(worlds[0][1].post("/film/search", json=body))[0] == 422


def test_a_whole_result_is_written_line_by_line(
    worlds: list[tuple[list[Film], TestClient]],
) -> None:
    rows, client = worlds[2]
    expected = in_order(rows, "rating", "desc")
    asked = {"sort": "rating", "order": "desc", "limit": 1}
    for how in (
        {"json": {**asked, "format": "jsonl"}},
        {
            "json": asked,
            "headers": {"Accept": "text/csv;Q=0.5, application/x-ndjson;v=1, */*;q=0.1"},
        },
    ):
        answer = client.post("/film/search", **how)
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        assert answer.headers["X-Total-Count"] == str(len(rows))
        found = [json.loads(line) for line in answer.text.splitlines()]
        assert [one["film_id"] for one in found] == expected
    answer = client.get("/film/search?sort=rating&order=desc&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [int(row["film_id"]) for row in table] == expected
    told = [f"details.{column.name}" for column in TOLD_DETAILS]
    assert list(table[0]) == [*FILMS.column_names, *told]
    by_id = {row["film_id"]: row for row in rows}
    for row in table:
        source = by_id[int(row["film_id"])]
        assert row["genres"] == "|".join(source["genres"])
        assert row["title"] == (source["title"] or "")
        assert row["details.language"] == ((source["details"] or {}).get("language") or "")


def test_more_films_than_are_read_at_a_time_are_all_written(tmp_path: Path) -> None:
    rows = [film(n, f"Film {n}") for n in range(1, 451)]
    with served(publish(tmp_path, rows, max_similar=1)) as client:
        answer = client.get("/film/search?format=jsonl")
        assert len(answer.text.splitlines()) == 450


@pytest.mark.parametrize("way", WAYS)
def test_facets_count_the_whole_result(
    worlds: list[tuple[list[Film], TestClient]], way: str
) -> None:
    rows, client = worlds[2]
    criteria = {"exclude_genres": ["War"]}
    kept = [row for row in rows if "War" not in row["genres"]]
    with WAYS[way]():
        found = client.post("/film/search/facets", json={**criteria, "limit": 1}).json()
    assert found["total"] == len(kept)
    genres = Counter(genre for row in kept for genre in row["genres"])
    assert found["genres"] == [
        {"genre": g, "films": n} for g, n in sorted(genres.items(), key=lambda i: (-i[1], i[0]))
    ]
    decades = Counter(row["year"].year // 10 * 10 for row in kept if row["year"])
    assert found["decades"] == [{"decade": d, "films": n} for d, n in sorted(decades.items())]
    people = Counter((person_id(name), name) for row in kept for name in row["persons"])
    assert found["people"] == [
        {"person_id": number, "name": name, "films": n}
        for (number, name), n in sorted(people.items(), key=lambda i: (-i[1], i[0][0]))
    ]


CAST = [
    film(1, "One", persons=["Ann", "Bob"], directors=["Ann"], year=date(1990, 1, 1)),
    film(2, "Two", persons=["Ann", "Cy"], year=date(1995, 1, 1), rating=None),
    film(3, "Three", persons=["Bob", "Ann"], year=None),
    film(4, "Four", persons=["Dee"]),
]


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(publish(tmp_path_factory.mktemp("cast"), CAST)) as client:
        yield client


def test_a_person_has_films_by_role_and_collaborators(cast: TestClient) -> None:
    ann = person_id("Ann")
    one = {"film_id": 1, "title": "One", "year": 1990, "rating": 7.0}
    assert cast.get(f"/person/{ann}").json() == {
        "person_id": ann,
        "name": "Ann",
        "roles": [
            {
                "role": "actor",
                "films": [
                    {"film_id": 2, "title": "Two", "year": 1995, "rating": None},
                    one,
                    {"film_id": 3, "title": "Three", "year": None, "rating": 7.0},
                ],
            },
            {"role": "director", "films": [one]},
        ],
        "collaborators": [
            {"person_id": person_id("Bob"), "name": "Bob", "films": 2},
            {"person_id": person_id("Cy"), "name": "Cy", "films": 1},
        ],
    }
    assert cast.get(f"/person/nm{ann:010}").json()["name"] == "Ann"


@pytest.mark.parametrize("number", ["1", "nm0000001", str(2**31), str(10**30)])
def test_an_unknown_person_is_404(cast: TestClient, number: str) -> None:
    assert problem(cast.get(f"/person/{number}"))[0] == 404


@pytest.mark.parametrize("way", WAYS)
def test_people_are_found_by_name_those_of_most_films_first(cast: TestClient, way: str) -> None:
    with WAYS[way]():
        answer = cast.post("/person/search", json={"name": "^[a-c]", "limit": 2})
        rest = cast.get("/person/search?name=%5E%5Ba-c%5D&limit=2&offset=2")
        every = cast.post("/person/search")
        bad = cast.post("/person/search", json={"name": "["})
    assert [(p["name"], p["films"]) for p in answer.json()] == [("Ann", 3), ("Bob", 2)]
    assert answer.headers["X-Total-Count"] == "3"
    assert [p["name"] for p in rest.json()] == ["Cy"]
    assert len(every.json()) == 4
    assert problem(bad)[::2] == (422, ["name"])


def test_a_film_is_found_by_its_tconst_and_several_at_once(cast: TestClient) -> None:
    assert cast.get("/film/tt0000002").json() == cast.get("/film/2").json()
    assert cast.get("/film/tt0000001/similar/0.1").json() == cast.get("/film/1/similar/0.1").json()
    assert [f["film_id"] for f in cast.get("/films?ids=3,tt0000001,99,3").json()] == [3, 1]
    for wrong in ("", "x", "1,,2", "1;2"):
        assert problem(cast.get(f"/films?ids={wrong}"))[::2] == (422, ["ids"])
    assert problem(cast.get(f"/films?ids={','.join(map(str, range(101)))}"))[::2] == (422, ["ids"])
