"""The service over tiny builds, asked over HTTP as a client would."""

import json
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from api.app import create_app
from api.middleware.body import MAX_BODY_BYTES
from api.settings import Settings
from filmkin.features import FieldShares, FilmFeatures, film_features
from filmkin.neighbours import InvertedIndex
from tests.service import WARS, problem, search, served
from tests.world import Film, feature_columns, film, publish


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("api"), WARS)


@pytest.fixture(scope="module")
def client(link: Path) -> Iterator[TestClient]:
    with served(link) as client:
        yield client


def test_the_server_says_that_it_runs(client: TestClient) -> None:
    assert client.get("/").json() == "Server is running."


def test_a_film_is_answered_in_full(client: TestClient) -> None:
    assert client.get("/film/11").json() == {
        "film_id": 11,
        "title": "Ember Wars II",
        "year": "2000-01-01",
        "duration": 100,
        "genres": ["Action"],
        "rating": 8.1,
        "vote_count": 1000,
        "persons": ["Ann Ash", "Bob O'Hara"],
        "original_title": "Ember Wars II",
        "person_ids": WARS[1]["person_ids"],
        "directors": [],
        "writers": [],
        "alternative_titles": [],
        "languages": [],
        "details": None,
    }


@pytest.mark.parametrize("row", WARS, ids=lambda row: str(row["title"]))
def test_every_row_of_the_database_can_be_returned(client: TestClient, row: Film) -> None:
    answer = client.get(f"/film/{row['film_id']}")
    assert answer.status_code == 200
    assert answer.json()["persons"] == row["persons"]


def test_an_id_of_more_digits_than_a_number_may_have_is_unknown(client: TestClient) -> None:
    digits = "9" * 5_000
    for path in (f"/film/{digits}", f"/film/tt{digits}/similar/0.5", f"/person/{digits}"):
        assert problem(client.get(path))[0] == 404
    assert client.get(f"/films?ids={digits[:1500]},10").json() == [client.get("/film/10").json()]
    assert client.get(f"/film/{'0' * 5_000}10").status_code == 200


@pytest.mark.parametrize("film_id", [0, 9, 2**31 - 1, 2**31, 2**63, 2**64, 10**30, 10**200])
def test_an_unknown_film_is_404(client: TestClient, film_id: int) -> None:
    for path in (f"/film/{film_id}", f"/film/{film_id}/similar/0.5"):
        status, detail, _ = problem(client.get(path))
        assert (status, detail) == (404, f"There is no film {film_id}.")


@pytest.mark.parametrize("film_id", ["abc", "-1", "1.5", "%00", "tt"])
def test_what_is_no_id_is_422(client: TestClient, film_id: str) -> None:
    status, _, fields = problem(client.get(f"/film/{film_id}"))
    assert (status, fields) == (422, ["film_id"])


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({}, [15, 10, 11, 12, 13, 14]),
        ({"title": "wars.*i"}, [11]),
        ({"title": "wars( ii)?$"}, [10, 11]),
        ({"title": "^EMBER"}, [10, 11]),
        ({"title": '"quoted'}, [12]),
        ({"title": "^up$"}, [13]),
        ({"genre": "^sci"}, [12]),
        ({"genre": "action.*war"}, []),
        ({"genres": ["WAR", "action"]}, [10]),
        ({"genres": ["Act"]}, []),
        ({"person": "o'hara$"}, [10, 11]),
        ({"person": "ash.*hara"}, []),
        ({"persons": ["ann ash", "BOB O'HARA"]}, [10, 11]),
        ({"persons": ["zoë ümit"]}, [12]),
        ({"persons": ["ZOË ÜMIT"]}, [12]),
        ({"persons": ["Ann Ash", "Cy"]}, []),
        ({"earliest_date": "1950-01-01", "latest_date": "1950-12-31"}, [12]),
        ({"latest_date": "1999-12-31"}, [12]),
        ({"min_duration": 101}, [14]),
        ({"max_duration": 51419}, [15, 10, 11, 12]),
        ({"min_rating": 0}, [15, 10, 11, 12, 14]),
        ({"min_rating": 8.1}, [11]),
        ({"max_rating": 8.09}, [15, 10, 12, 14]),
        ({"vote_count": 0}, [15, 10, 11, 12, 14]),
        ({"vote_count": 1001}, []),
        ({"max_vote_count": 1000}, [15, 10, 11, 12, 14]),
        ({"max_vote_count": 999}, []),
        ({"original_title": "^up$"}, [13]),
        ({"ids": [13, "tt0000010", 10**9]}, [10, 13]),
        ({"ids": []}, [15, 10, 11, 12, 13, 14]),
        ({"any_genres": ["war", "SCI-FI", "nothing"]}, [10, 12]),
        ({"exclude_genres": ["action", "Drama"]}, [15, 14]),
        ({"genres": ["Action"], "exclude_genres": ["war"]}, [11]),
        ({"any_persons": ["bob o'hara", "CY"]}, [10, 11, 14]),
        ({"any_persons": ["Nobody"]}, []),
        (
            {
                "any_persons": ["Cy", "Zoë Ümit"],
                "earliest_date": "1979-01-01",
                "latest_date": "2000-12-31",
                "min_rating": 7,
            },
            [14],
        ),
        ({"title": "."}, [15, 10, 11, 12, 13]),
        ({"person": "."}, [15, 10, 11, 12, 14]),
        ({"person": "an"}, [10, 11]),
        ({"person": "ZOË"}, [12]),
        ({"title": "x' OR 1=1 --"}, []),
        ({"title": "\u0000"}, []),
        ({"genres": ["x') OR 1=1 --"]}, []),
        ({"title": "wars", "genres": ["War"], "persons": ["Ann Ash"], "min_rating": 7}, [10]),
    ],
)
def test_a_search_answers_the_films_that_meet_all_criteria(
    client: TestClient, criteria: dict[str, Any], expected: list[int]
) -> None:
    assert search(client, **criteria) == expected


@pytest.mark.parametrize("field", ["title", "genre", "person"])
@pytest.mark.parametrize("pattern", ["[", "x') OR 1=1 --", "*", "(?P<a", "a{2000}", r"\8"])
def test_a_bad_regular_expression_is_422_with_the_reason(
    client: TestClient, field: str, pattern: str
) -> None:
    status, detail, fields = problem(client.post("/film/search", json={field: pattern}))
    assert (status, fields) == (422, [field])
    assert detail.startswith(f"{field}: not a regular expression: ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"title": "' + b"x" * 10_000 + b'"}', "title"),
        (b'{"min_rating": NaN}', "min_rating"),
        (b'{"min_rating": 1e999}', "min_rating"),
        (b'{"vote_count": 99999999999999999999999999999999999999999999}', "vote_count"),
        (b'{"title": "\\ud800"}', "title"),
        (b'{"titel": "x"}', "titel"),
        (b'{"title": ', "body"),
        (b"[]", "body"),
        (b"\xff", "body"),
        (b'{"min_duration": 9, "max_duration": 1}', "max_duration"),
        (b'{"' + b"x" * 10_000 + b'": 1}', "x" * 100),
    ],
)
def test_a_bad_search_is_422_and_names_the_field(
    client: TestClient, body: bytes, field: str
) -> None:
    answer = client.post("/film/search", content=body, headers={"Content-Type": "application/json"})
    status, _, fields = problem(answer)
    assert (status, fields) == (422, [field])


def test_a_body_that_is_announced_too_large_is_413_before_it_comes(client: TestClient) -> None:
    for announced in (str(3 << 20), "9" * 5_000):
        headers = {"Content-Length": announced}
        answer = client.post("/film/search", content=b"{}", headers=headers)
        assert problem(answer)[0] == 413
        assert answer.headers["Connection"] == "close"


def test_a_body_without_end_is_413(client: TestClient) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_BODY_BYTES:
            sent += 1 << 16
            yield b" " * (1 << 16)

    assert problem(client.post("/film/search", content=endless()))[0] == 413
    assert search(client, title="^up$") == [13]


def test_the_longest_search_is_read(client: TestClient) -> None:
    lists = ("genres", "any_genres", "exclude_genres", "persons", "any_persons")
    longest = json.dumps({name: ["🎬" * 500] * 50 for name in lists})
    assert MAX_BODY_BYTES / 2 < len(longest) < MAX_BODY_BYTES
    headers = {"Content-Type": "application/json"}
    answer = client.post("/film/search", content=longest, headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])


def test_no_more_than_100_films_are_listed(tmp_path: Path) -> None:
    with served(publish(tmp_path, [film(n, f"Film {n:03}") for n in range(1, 131)])) as client:
        assert search(client) == list(range(1, 101))


@pytest.mark.parametrize("threshold", ["nan", "inf", "-1", "-0.0001", "1.0001", "30", "x", "0,5"])
def test_a_threshold_outside_0_to_1_is_422(client: TestClient, threshold: str) -> None:
    status, _, fields = problem(client.get(f"/film/10/similar/{threshold}"))
    assert (status, fields) == (422, ["threshold"])


@pytest.mark.parametrize("limit", ["0", "101", str(10**30), "x"])
def test_a_limit_outside_1_to_100_is_422(client: TestClient, limit: str) -> None:
    status, _, fields = problem(client.get(f"/film/10/similar/0.5?limit={limit}"))
    assert (status, fields) == (422, ["limit"])


@pytest.mark.parametrize("offset", ["-1", "x", str(2**31), str(2**63), str(10**30)])
def test_an_offset_that_means_nothing_is_422(client: TestClient, offset: str) -> None:
    status, _, fields = problem(client.get(f"/film/10/similar/0.5?offset={offset}"))
    assert (status, fields) == (422, ["offset"])


def test_beyond_the_last_film_the_list_is_empty_and_the_total_stands(client: TestClient) -> None:
    assert similar_to(client, 10, 0.3, offset=1) == ([], 1)
    assert similar_to(client, 10, 0.3, offset=2**31 - 1) == ([], 1)


def test_a_film_without_similar_films_answers_an_empty_list(client: TestClient) -> None:
    assert similar_to(client, 12, 1) == ([], 0)


def test_similar_films_are_found_from_both_sides(client: TestClient) -> None:
    assert [f["film_id"] for f in client.get("/film/10/similar/0.5").json()] == [11]
    assert [f["film_id"] for f in client.get("/film/11/similar/0.5").json()] == [10]


WOODS = [
    *(
        film(n, f"{'Ash' if n % 3 else 'Oak'} {'Lake' if n % 2 else 'Hill'}", persons=[f"P{n % 5}", f"Q{n % 7}"],
             genres=["Drama", "War"][: 1 + n % 2], rating=Decimal(6 + n % 3))
        for n in range(1, 41)
    ),
    film(41, None, genres=[], rating=None, year=None),
]  # fmt: skip
WOODS_FLOOR = 0.3
WOODS_CAP = 5


@cache
def wood_features() -> FilmFeatures:
    return film_features(feature_columns(WOODS), FieldShares())


@cache
def wood_cosines() -> NDArray[np.float64]:
    """(films, films): the dense product, token after token."""
    vectors = wood_features().matrix.toarray()
    sums = np.zeros((len(vectors), len(vectors)))
    for weights in vectors.T:
        sums += np.outer(weights, weights)
    return np.minimum(np.round(sums, 9), 1.0)


def similar_woods(film_id: int, threshold: float) -> list[tuple[int, float]]:
    """(film_id, similarity) of all that is to be found."""
    cosines = wood_cosines()[film_id - 1].tolist()
    found = [
        (other_id, cosine)
        for other_id, cosine in enumerate(cosines, start=1)
        if other_id != film_id and cosine >= threshold and cosine > 0
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def similar_to(
    client: TestClient, film_id: int, threshold: float, **query: Any
) -> tuple[list[tuple[int, float]], int]:
    """((film_id, similarity) of each film of the answer, how many it says that there are)."""
    answer = client.get(f"/film/{film_id}/similar/{threshold}", params=query)
    assert answer.status_code == 200, answer.text
    found = [(film["film_id"], film["similarity"]) for film in answer.json()]
    return found, int(answer.headers["X-Total-Count"])


@st.composite
def wood_questions(draw: st.DrawFn) -> tuple[int, float]:
    """A film and a threshold, which is often the similarity of a pair."""
    film_id = draw(st.integers(1, len(WOODS)))
    cosines = wood_cosines()[film_id - 1].tolist()
    return film_id, draw(st.floats(0, 1) | st.sampled_from(cosines))


@pytest.fixture(scope="module", params=[None, WOODS_CAP], ids=["all stored", "few stored"])
def woods(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("woods")
    with served(publish(folder, WOODS, floor=WOODS_FLOOR, max_similar=request.param)) as client:
        yield client


@given(wood_questions(), st.integers(1, 100), st.integers(0, 41))
def test_every_threshold_and_page_gets_the_exact_answer(
    woods: TestClient, question: tuple[int, float], limit: int, offset: int
) -> None:
    expected = similar_woods(*question)
    found, total = similar_to(woods, *question, limit=limit, offset=offset)
    assert (found, total) == (expected[offset : offset + limit], len(expected))


@pytest.mark.parametrize("threshold", [0, 0.02, WOODS_FLOOR, 0.6])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_pages_put_together_are_the_whole(woods: TestClient, threshold: float, limit: int) -> None:
    expected = similar_woods(20, threshold)
    pages = [
        similar_to(woods, 20, threshold, limit=limit, offset=offset)
        for offset in range(0, len(expected) + limit, limit)
    ]
    assert [film for page, _ in pages for film in page] == expected
    assert {total for _, total in pages} == {len(expected)}


def test_ten_films_are_answered_when_no_number_is_named(woods: TestClient) -> None:
    assert similar_to(woods, 20, 0)[0] == similar_woods(20, 0)[:10]


@pytest.mark.parametrize(
    ("max_similar", "threshold", "stored"),
    [
        (None, 1.0, True),
        (None, WOODS_FLOOR, True),
        (None, np.nextafter(WOODS_FLOOR, 0), False),
        (None, 0.0, False),
        (len(WOODS), WOODS_FLOOR, True),  # no film has that many
        (WOODS_CAP, 1.0, True),
        (WOODS_CAP, "above the last stored", True),
        (WOODS_CAP, "the last stored", False),
        (WOODS_CAP, WOODS_FLOOR, False),
    ],
)
def test_the_vectors_are_asked_only_for_what_the_stored_pairs_do_not_hold(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    max_similar: int | None,
    threshold: float | str,
    stored: bool,
) -> None:
    last = similar_woods(20, WOODS_FLOOR)[WOODS_CAP - 1][1]
    named = {"the last stored": last, "above the last stored": float(np.nextafter(last, 1))}
    asked = named[threshold] if isinstance(threshold, str) else float(threshold)
    monkeypatch.setattr(InvertedIndex, "neighbours", lambda *_: 1 / 0)
    link = publish(tmp_path, WOODS, floor=WOODS_FLOOR, max_similar=max_similar)
    with served(link) as client:
        status = client.get(f"/film/20/similar/{asked}").status_code
    assert status == (200 if stored else 500)


@given(wood_questions())
def test_an_explanation_names_all_that_two_films_share_and_what_it_adds(
    woods: TestClient, question: tuple[int, float]
) -> None:
    film_id, threshold = question
    path, features = f"/film/{film_id}/similar/{threshold}", wood_features()
    plain = woods.get(path).json()
    explained = woods.get(path, params={"explain": True}).json()
    vectors = features.matrix.toarray()
    for found in explained:
        shares = vectors[film_id - 1] * vectors[found["film_id"] - 1]
        tokens = sorted(np.flatnonzero(shares).tolist(), key=lambda token: (-shares[token], token))
        shared = found.pop("shared")
        assert shared == [
            {
                "field": features.token_fields[token],
                "text": features.token_texts[token],
                "share": shares[token],
            }
            for token in tokens
        ]
        assert sum(token["share"] for token in shared) == pytest.approx(
            found["similarity"], abs=1e-6
        )
    assert explained == plain


def test_without_being_asked_no_film_is_explained(client: TestClient) -> None:
    for query in ("", "?explain=false"):
        (found,) = client.get(f"/film/10/similar/0.3{query}").json()
        assert set(found) == {*WARS[0], "similarity"}


def test_a_film_of_which_nothing_is_known_is_similar_to_none(woods: TestClient) -> None:
    assert similar_to(woods, 41, 0) == ([], 0)
    assert similar_to(woods, 41, 0, explain=True) == ([], 0)


def test_the_documentation_names_the_total(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    answer = paths["/film/{film_id}/similar/{threshold}"]["get"]["responses"]["200"]
    assert answer["headers"]["X-Total-Count"]["schema"]["type"] == "integer"
    assert answer["content"]["application/json"]["schema"]["type"] == "array"


def test_a_limit_counts_per_client_and_route_and_says_when_to_come_back(link: Path) -> None:
    with served(link, rate_limits=True, limit_film="3/minute", limit_search="1/minute") as client:
        assert [client.get("/film/10").status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = client.get("/film/10")
        status, detail, _ = problem(refused)
        assert status == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert "3 per 1 minute" in detail
        assert client.get("/film/10/similar/0.5").status_code == 200
        assert client.post("/film/search", content=b"{").status_code == 422
        assert client.post("/film/search", json={}).status_code == 429


def test_forwarded_addresses_do_not_make_a_new_client(link: Path) -> None:
    with served(link, rate_limits=True, limit_film="1/minute") as client:
        statuses = [
            client.get("/film/10", headers={"X-Forwarded-For": f"10.0.0.{n}"}).status_code
            for n in range(3)
        ]
    assert statuses == [200, 429, 429]


def test_more_clients_than_threads_and_connections_are_all_answered(link: Path) -> None:
    with served(link, connections=2) as client, ThreadPoolExecutor(100) as clients:
        statuses = clients.map(lambda _: client.get("/film/10").status_code, range(200))
        assert set(statuses) == {200}


def test_a_client_that_does_not_read_holds_no_connection(link: Path) -> None:
    """The only connection is free again when an answer begins to be sent."""
    app = create_app(Settings(database=link, rate_limits=False, connections=1))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    free: list[bool] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            free.append(not app.state.database.build.connections.used)

    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/film/search", "raw_path": b"/film/search", "query_string": b"title=w.rs",
             "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http",
             "root_path": "", "http_version": "1.1"}  # fmt: skip

    async def asked() -> None:
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)

    anyio.run(asked)
    assert free == [True]


def test_a_search_that_takes_too_long_is_stopped_and_the_connection_serves_on(
    tmp_path: Path,
) -> None:
    # Of several vectors, for the database looks between two of them whether it is to stop.
    films = [film(n, "Letters " * 30 + str(n)) for n in range(1, 5001)]
    link = publish(tmp_path, films, max_similar=1)
    costly = {"title": r"(\pL|\pN| ){1,20}Q"}
    with served(link, connections=1, database_seconds=0.05) as client:
        status, detail, _ = problem(client.post("/film/search", json=costly))
        assert status == 503
        assert "0.05 s" in detail
        assert search(client, ids=[17], title=" 17$") == [17]


def test_a_pattern_that_makes_too_large_an_automaton_is_422(client: TestClient) -> None:
    huge = r"(\pL|\pN| ){1,400}Q"
    status, detail, fields = problem(client.post("/film/search", json={"title": huge}))
    assert (status, fields) == (422, ["title"])
    assert "repeats too much" in detail
    # Read in all the ways that there are, these would take longer than the sun will last.
    for unclosed in ("[" + r"\p{a}" * 90, "(" * 400, "[[:a:" * 90):
        assert problem(client.get("/film/search", params={"title": unclosed}))[0] == 422


def test_a_body_of_too_many_fields_is_422(client: TestClient) -> None:
    body = {str(n): 0 for n in range(50_000)}
    status, detail, _ = problem(client.post("/film/search", json=body))
    assert (status, "50000 fields" in detail) == (422, True)


def test_limits_can_be_switched_off(link: Path) -> None:
    with served(link, rate_limits=False, limit_film="1/minute") as client:
        assert {client.get("/film/10").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_the_documentation_needs_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    sources = [
        part.split('"')[1] for part in page.text.replace('src="', 'href="').split("href=")[1:]
    ]
    assert len(sources) > 1
    for source in sources:
        assert client.get(source).status_code == 200, source


def test_an_unknown_path_and_a_wrong_method_are_problems(client: TestClient) -> None:
    assert problem(client.get("/nothing"))[0] == 404
    assert problem(client.get("/film/search/x"))[0] == 404
    wrong = client.put("/film/10")
    assert problem(wrong)[0] == 405
    assert wrong.headers["Allow"] == "GET, HEAD"
    assert client.delete("/film/search").headers["Allow"] == "GET, HEAD, POST"


def test_a_fault_of_ours_shows_nothing_of_the_inside(
    link: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app: FastAPI = create_app(Settings(database=link, rate_limits=False))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
        counted = client.get("/metrics").text
    assert problem(answer)[0] == 500
    assert "secret" not in answer.text
    assert answer.headers["X-Request-ID"] in caplog.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'filmkin_requests_total{method="GET",route="/broken",status="500"} 1.0' in counted
