"""The service over tiny builds, asked over HTTP as a client would."""

import json
import os
import threading
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import DBAPIError

from api.app import create_app
from api.body import MAX_BODY_BYTES
from api.db.connection import Database
from api.settings import Settings
from filmkin.features import FieldShares, film_features
from tests.world import Film, feature_columns, film, provenance, publish
from workflow import load

WARS: list[Film] = [
    film(10, "Ember Wars", persons=["Ann Ash", "Bob O'Hara"], genres=["Action", "War"]),
    film(11, "Ember Wars II", persons=["Ann Ash", "Bob O'Hara"], genres=["Action"], rating=Decimal("8.10")),
    film(12, 'The "Quoted', persons=["Zoë Ümit"], genres=["Drama", "Sci-Fi"], year=date(1950, 1, 1)),
    film(13, "Up", persons=[], duration=None, year=None, rating=None, vote_count=None),
    film(14, None, persons=["Cy"], genres=["Documentary"], duration=51420),
    film(15, "A", persons=[f"Person {n}" for n in range(75)], genres=["Comedy"]),
]  # fmt: skip


@contextmanager
def served(link: Path, **settings: Any) -> Iterator[TestClient]:
    settings = {"rate_limits": False, "poll_seconds": 0.02} | settings
    app = create_app(Settings(database=link, **settings))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("api"), WARS)


@pytest.fixture(scope="module")
def client(link: Path) -> Iterator[TestClient]:
    with served(link) as client:
        yield client


def search(client: TestClient, **criteria: Any) -> list[int]:
    answer = client.post("/film/search", json=criteria)
    assert answer.status_code == 200, answer.text
    return [found["film_id"] for found in answer.json()]


def problem(answer: Any) -> tuple[int, str, list[str]]:
    """(status, detail, failing fields); asserts the form of RFC 9457."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["type"]
    assert body["title"]
    return answer.status_code, body["detail"], [error["field"] for error in body.get("errors", [])]


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
    }


@pytest.mark.parametrize("row", WARS, ids=lambda row: str(row["title"]))
def test_every_row_of_the_database_can_be_returned(client: TestClient, row: Film) -> None:
    answer = client.get(f"/film/{row['film_id']}")
    assert answer.status_code == 200
    assert answer.json()["persons"] == row["persons"]


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
    longest = json.dumps({"genres": ["🎬" * 500] * 50, "persons": ["🎬" * 500] * 50})
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


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_limit_outside_1_to_100_is_422(client: TestClient, limit: str) -> None:
    status, _, fields = problem(client.get(f"/film/10/similar/0.5?limit={limit}"))
    assert (status, fields) == (422, ["limit"])


def test_a_film_without_similar_films_answers_an_empty_list(client: TestClient) -> None:
    answer = client.get("/film/12/similar/1")
    assert (answer.status_code, answer.json()) == (200, [])


def test_similar_films_are_found_from_both_sides(client: TestClient) -> None:
    assert [f["film_id"] for f in client.get("/film/10/similar/0.5").json()] == [11]
    assert [f["film_id"] for f in client.get("/film/11/similar/0.5").json()] == [10]


WOODS = [
    film(n, f"{'Ash' if n % 3 else 'Oak'} {'Lake' if n % 2 else 'Hill'}", persons=[f"P{n % 5}", f"Q{n % 7}"],
         genres=["Drama", "War"][: 1 + n % 2], rating=Decimal(6 + n % 3))
    for n in range(1, 41)
]  # fmt: skip


@pytest.mark.parametrize("threshold", [0, 0.02, 0.1, 0.25, 0.3, 0.6, 1])
@pytest.mark.parametrize("limit", [1, 10, 100])
def test_every_threshold_gets_the_exact_answer(
    tmp_path: Path, threshold: float, limit: int
) -> None:
    """Also below the stored floor, where the answer is computed from the vectors."""
    matrix = film_features(feature_columns(WOODS), FieldShares()).matrix.toarray()
    cosines = np.round(matrix @ matrix.T, 9)
    with served(publish(tmp_path, WOODS, floor=0.3)) as client:
        for film_id in (1, 20, 40):
            row = cosines[film_id - 1]
            expected = [
                (other + 1, row[other])
                for other in np.lexsort((np.arange(len(row)), -row))
                if other + 1 != film_id and row[other] >= threshold and row[other] > 0
            ][:limit]
            answer = client.get(f"/film/{film_id}/similar/{threshold}?limit={limit}").json()
            found = [(f["film_id"], f["similarity"]) for f in answer]
            assert [f for f, _ in found] == [f for f, _ in expected]
            assert [s for _, s in found] == pytest.approx([s for _, s in expected], abs=1e-9)


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
            with app.state.database.connection():
                free.append(True)

    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/film/10", "raw_path": b"/film/10", "query_string": b"",
             "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "scheme": "http",
             "root_path": "", "http_version": "1.1"}  # fmt: skip
    with TestClient(app):
        anyio.run(lambda: app(scope, receive, send))
    assert free == [True]


def test_a_search_that_takes_too_long_is_stopped_and_the_connection_serves_on(
    tmp_path: Path,
) -> None:
    films = [film(n, "Letters " * 40 + str(n)) for n in range(1, 3001)]
    with served(publish(tmp_path, films), connections=1, database_seconds=0.2) as client:
        costly = {"title": r"(\pL|\pN| ){1,400}Q"}
        status, detail, _ = problem(client.post("/film/search", json=costly))
        assert status == 503
        assert "0.2 s" in detail
        assert search(client, title=" 17$") == [17]


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
    assert wrong.headers["Allow"] == "GET"


def test_a_fault_of_ours_shows_nothing_of_the_inside(link: Path) -> None:
    app: FastAPI = create_app(Settings(database=link, rate_limits=False))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert problem(answer)[0] == 500
    assert "secret" not in answer.text


def test_without_a_build_it_says_so_and_serves_once_there_is_one(tmp_path: Path) -> None:
    with served(tmp_path / "films.duckdb") as client:
        status, detail, _ = problem(client.get("/film/10"))
        assert (status, "No film database" in detail) == (503, True)
        assert client.get("/").status_code == 200
        publish(tmp_path, WARS)
        _eventually(client, "/film/10", 200)


def test_a_new_build_is_served_and_a_corrupt_one_is_not(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS, build_id="one")
    with served(link) as client:
        assert client.get("/film/99").status_code == 404
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        _eventually(client, "/film/99", 200)
        bad = tmp_path / "builds" / "films-bad.duckdb"
        bad.write_bytes(b"not a database" * 1000)
        link.unlink()
        link.symlink_to(bad)
        threading.Event().wait(0.2)
        assert client.get("/film/99").status_code == 200


def test_a_look_for_a_build_that_fails_is_logged_and_not_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with served(publish(tmp_path, WARS, build_id="one")) as client:
        with monkeypatch.context() as broken:
            broken.setattr(Database, "refresh", lambda _: 1 / 0)
            threading.Event().wait(0.2)
        assert "looking for a new build failed" in caplog.text
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        _eventually(client, "/film/99", 200)


def test_a_build_that_is_not_checked_is_not_served(tmp_path: Path) -> None:
    publish(tmp_path, WARS, build_id="one")
    half = load.build_file(tmp_path / "builds", "half")
    load.create_films(half, tmp_path / "parquet/films", provenance("half"))
    link = tmp_path / "half.duckdb"
    link.symlink_to(load.unchecked_file(half))
    with served(link) as client:
        assert client.get("/film/10").status_code == 503


def test_a_request_finishes_on_the_build_that_it_began_with(tmp_path: Path) -> None:
    link = publish(tmp_path, [film(1, "Old")], build_id="one")
    database = Database(link, connections=2, seconds=2)
    database.refresh()
    with database.connection() as old:
        publish(tmp_path, [film(1, "New")], build_id="two")
        database.refresh()
        with database.connection() as new:
            titles = [c.exec_driver_sql("SELECT title FROM films").scalar_one() for c in (old, new)]
    database.close()
    assert titles == ["Old", "New"]


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("SELECT * FROM read_text('{file}')", "disabled by configuration"),
        ("COPY films TO '{file}.csv'", "disabled by configuration"),
        ("ATTACH '{file}.duckdb'", "disabled by configuration"),
        ("INSTALL httpfs", "disabled"),
        ("SET enable_external_access = true", "configuration has been locked|Cannot"),
        ("SET threads = 1", "configuration has been locked"),
        ("DELETE FROM films", "read-only"),
    ],
)
def test_a_connection_can_read_this_database_and_do_nothing_else(
    link: Path, tmp_path: Path, sql: str, refusal: str
) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    database = Database(link, connections=1, seconds=2)
    database.refresh()
    with database.connection() as connection, pytest.raises(DBAPIError, match=refusal):
        connection.exec_driver_sql(sql.format(file=file))
    database.close()
    assert os.listdir(tmp_path) == ["secret.txt"]


def _eventually(client: TestClient, path: str, status: int) -> None:
    for _ in range(200):
        if client.get(path).status_code == status:
            return
        threading.Event().wait(0.02)
    raise AssertionError(f"{path} never answered {status}")
