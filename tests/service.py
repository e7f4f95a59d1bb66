"""The service over tiny builds, asked over HTTP as a client would."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.world import Film, film

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


def eventually(client: TestClient, path: str, status: int) -> None:
    until(lambda: client.get(path).status_code == status)


def until(happened: Callable[[], bool]) -> None:
    for _ in range(200):
        if happened():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it never happened")


SECRET = "a secret of the tests that is long enough"
KEY = "a key of the tests"
AS_PROGRAM = {"Authorization": f"Bearer {KEY}"}
FINE = {"film_id": 10, "rating": 4}  # a rating as a request has it


def with_ratings(folder: Path) -> dict[str, Any]:
    """Settings of a service in which people rate films; it keeps their ratings in a folder."""
    store = f"sqlite:///{folder}/ratings.sqlite"
    return {"secret": SECRET, "api_keys": KEY, "store": store}


@contextmanager
def served_with_ratings(link: Path, folder: Path, **settings: Any) -> Iterator[TestClient]:
    with served(link, **with_ratings(folder) | settings) as client:
        yield client


def new_person(client: TestClient) -> str:
    """Makes an id, whose cookie the client has from then on."""
    client.cookies.clear()
    answer = client.post("/user")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["user_id"])


def ratings_of(client: TestClient, user_id: str) -> dict[int, float]:
    answer = client.get(f"/user/{user_id}/ratings")
    assert answer.status_code == 200, answer.text
    return {one["film_id"]: one["rating"] for one in answer.json()}
