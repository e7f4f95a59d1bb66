"""What becomes of ratings that people give."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.middleware.body import MAX_RATINGS_BYTES
from api.models.user import MAX_RATINGS
from filmkin.errors import StoreUnavailableError
from store import allowance
from store.group_commit import GroupCommit
from store.ratings import RatingStore, Write
from tests.service import (
    FINE,
    WARS,
    new_person,
    problem,
    ratings_of,
    served_with_ratings,
    until,
)
from tests.world import publish


def test_the_last_rating_of_a_film_counts_and_the_newest_stands_first(client: TestClient) -> None:
    url = f"/user/{new_person(client)}/ratings"
    before = datetime.now(UTC)
    stored = client.post(
        url,
        json=[
            {"film_id": "tt0000010", "rating": 1},
            {"film_id": 12, "rating": 0.5},
            {"film_id": 10, "rating": 2.75},
        ],
    )
    assert stored.json() == {"stored": 2}
    client.post(url, json=[{"film_id": 14, "rating": 5}])
    answer = client.get(url)
    assert [(one["film_id"], one["title"], one["rating"]) for one in answer.json()] == [
        (14, None, 5.0),
        (10, "Ember Wars", 2.75),
        (12, 'The "Quoted', 0.5),
    ]
    times = [datetime.fromisoformat(one["rated_at"]) for one in answer.json()]
    assert before <= times[-1] <= times[0] <= datetime.now(UTC)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Vary"] == "Cookie, Authorization"
    assert "ETag" not in answer.headers


def test_ratings_outlive_the_service_and_a_new_build(client: TestClient, tmp_path: Path) -> None:
    user_id = new_person(client)
    client.post(f"/user/{user_id}/ratings", json=[{"film_id": 10, "rating": 4}])
    cookies = client.cookies
    others = publish(tmp_path / "other", WARS[1:])
    with served_with_ratings(others, tmp_path) as another:
        another.cookies.update(cookies)
        assert [(one["film_id"], one["title"]) for one in another.get(f"/user/{user_id}/ratings").json()] == [(10, None)]  # fmt: skip


def test_a_person_may_be_forgotten(client: TestClient, tmp_path: Path) -> None:
    url = f"/user/{new_person(client)}/ratings"
    client.post(url, json=[{"film_id": film_id, "rating": 3} for film_id in (10, 11, 12)])
    assert client.delete(f"{url}/tt0000011").json() == {"forgotten": 1}
    assert client.delete(f"{url}/11").json() == {"forgotten": 0}
    assert client.delete(f"{url}/{10**30}").json() == {"forgotten": 0}
    assert client.delete(url).json() == {"forgotten": 2}
    assert client.get(url).json() == []
    with sqlite3.connect(tmp_path / "ratings.sqlite") as store:
        assert store.execute("SELECT count(*) FROM ratings").fetchone() == (0,)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ([FINE] * 1001, "body"),
        (FINE, "body"),
        ([FINE, {"film_id": 10, "rating": 0.4}], "1.rating"),
        ([FINE, {"film_id": 10, "rating": 5.1}], "1.rating"),
        ([FINE, {"film_id": 10, "rating": "4"}], "1.rating"),
        ([FINE, {"film_id": 10, "rating": True}], "1.rating"),
        ([{"film_id": 10}, FINE], "0.rating"),
        ([FINE, FINE, {"film_id": 9, "rating": 4}], "2.film_id"),
        ([FINE, {"film_id": 10**30, "rating": 4}], "1.film_id"),
        ([FINE, {"film_id": "nm1", "rating": 4}], "1.film_id"),
        ([FINE, {**FINE, "by": "me"}], "1.by"),
        ([FINE, 5], "1"),
    ],
)
def test_a_bad_rating_refuses_them_all_and_names_its_place(
    client: TestClient, body: Any, field: str
) -> None:
    url = f"/user/{new_person(client)}/ratings"
    status, _, fields = problem(client.post(url, json=body))
    assert (status, field in fields) == (422, True), fields
    assert client.get(url).json() == []


def test_who_has_rated_all_that_one_may_changes_that_and_adds_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "MOST_FILMS", 2)
    url = f"/user/{new_person(client)}/ratings"
    client.post(url, json=[FINE, {"film_id": 11, "rating": 1}])
    status, told, fields = problem(
        client.post(url, json=[{"film_id": 11, "rating": 5}, {"film_id": 12, "rating": 5}])
    )
    assert (status, fields) == (422, ["body"])
    assert "2 films are rated already, with these it would be 3, and 2 may be" in told
    assert client.post(url, json=[{"film_id": 11, "rating": 2}]).json() == {"stored": 1}
    assert {one["film_id"]: one["rating"] for one in client.get(url).json()} == {10: 4.0, 11: 2.0}


def test_a_rating_of_many_fields_is_refused_at_once(client: TestClient) -> None:
    """Each is not looked at: that would keep everybody waiting."""
    junk = {f"field {n}": 0 for n in range(5_000)}
    url = f"/user/{new_person(client)}/ratings"
    status, told, fields = problem(client.post(url, json=[FINE, {**FINE, **junk}]))
    assert (status, fields) == (422, ["1"])
    assert told == "1: 5002 fields are given, and there are 3"


def test_the_longest_ratings_are_read_and_longer_ones_are_not(client: TestClient) -> None:
    user_id = new_person(client)
    spaced = json.dumps([FINE] * MAX_RATINGS, indent=32)
    assert MAX_RATINGS_BYTES / 2 < len(spaced) < MAX_RATINGS_BYTES
    headers = {"Content-Type": "application/json"}
    for text, status in ((spaced, 200), (spaced + " " * MAX_RATINGS_BYTES, 413)):
        answer = client.post(f"/user/{user_id}/ratings", content=text, headers=headers)
        assert answer.status_code == status, answer.text


def test_a_rating_that_is_no_number_is_refused(client: TestClient) -> None:
    url = f"/user/{new_person(client)}/ratings"
    for rating in ("NaN", "Infinity", "null"):
        body = f'[{{"film_id": 10, "rating": {rating}}}]'
        headers = {"Content-Type": "application/json"}
        assert problem(client.post(url, content=body, headers=headers))[0] == 422


def test_a_store_that_cannot_be_reached_leaves_the_rest_serving(
    link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is used as soon as it can be."""
    monkeypatch.setattr("api.ratings._RETRY_SECONDS", 0.05)
    folder = tmp_path / "not there yet"
    with served_with_ratings(link, folder) as client:
        user_id = new_person(client)
        status, told, _ = problem(client.get(f"/user/{user_id}/ratings"))
        assert (status, str(tmp_path) in told) == (503, False)
        assert problem(client.post(f"/user/{user_id}/ratings", json=[FINE]))[0] == 503
        assert client.get("/health/ready").json() == {"status": "ready", "ratings": "unavailable"}
        assert client.get("/film/10").status_code == 200
        folder.mkdir()
        until(lambda: client.get("/health/ready").json()["ratings"] == "ready")
        assert client.post(f"/user/{user_id}/ratings", json=[FINE]).json() == {"stored": 1}


def test_a_store_that_fails_is_told_without_its_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailableError("postgresql://host/base: it is gone")

    user_id = new_person(client)
    monkeypatch.setattr(RatingStore, "of", fail)
    monkeypatch.setattr(GroupCommit, "put", fail)
    for answer in (
        client.get(f"/user/{user_id}/ratings"),
        client.post(f"/user/{user_id}/ratings", json=[FINE]),
    ):
        assert problem(answer)[:2] == (503, "The ratings store cannot be reached now. Ask again.")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_is_deleted_or_replaced_loses_nothing_that_is_written_afterwards(
    client: TestClient, link: Path, tmp_path: Path, *, is_replaced: bool
) -> None:
    user_id = new_person(client)
    url, cookies = f"/user/{user_id}/ratings", client.cookies
    client.post(url, json=[FINE])
    file, other = tmp_path / "ratings.sqlite", tmp_path / "other.sqlite"
    put_there = RatingStore(f"sqlite:///{other}")
    put_there.put([Write(user_id, 12, 2.0, datetime.now(UTC))])
    put_there.close()
    for one in tmp_path.glob(f"{file.name}*"):
        one.unlink()
    if is_replaced:
        other.rename(file)
    before = {12: 2.0} if is_replaced else {}
    assert ratings_of(client, user_id) == before
    assert client.get("/health/ready").json()["ratings"] == "ready"
    assert client.post(url, json=[{"film_id": 11, "rating": 5}]).json() == {"stored": 1}
    with served_with_ratings(link, tmp_path) as another:
        another.cookies.update(cookies)
        assert ratings_of(another, user_id) == before | {11: 5.0}


def test_each_kind_of_route_has_its_limit(link: Path, tmp_path: Path) -> None:
    limits = {"limit_rate": "2/minute", "limit_user": "3/minute", "limit_identity": "1/minute"}
    with served_with_ratings(link, tmp_path, rate_limits=True, **limits) as client:
        url = f"/user/{new_person(client)}/ratings"
        assert [client.post("/user").status_code for _ in range(2)] == [429, 429]
        assert [client.post(url, json=[FINE]).status_code for _ in range(2)] == [200, 200]
        assert problem(client.delete(url))[0] == 429
        assert [client.get(url).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_ratings_are_counted(client: TestClient) -> None:
    url = f"/user/{new_person(client)}/ratings"
    client.post(url, json=[FINE, {"film_id": 11, "rating": 2}])
    client.delete(f"{url}/10")
    told = client.get("/metrics").text
    assert "filmkin_ratings_stored_total 2.0" in told
    assert "filmkin_ratings_forgotten_total 1.0" in told
