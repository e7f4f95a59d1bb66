"""Who may rate films, and what becomes of ratings."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from itsdangerous import TimestampSigner
from pydantic import ValidationError

from api.middleware.body import MAX_RATINGS_BYTES
from api.models.user import MAX_RATINGS
from api.settings import Settings
from filmkin.errors import StoreUnavailableError
from filmkin.ratings import LONGEST_USER_ID
from store import allowance
from store.group_commit import GroupCommit
from store.ratings import RatingStore, Write
from tests.service import (
    AS_PROGRAM,
    KEY,
    SECRET,
    WARS,
    new_person,
    problem,
    ratings_of,
    served,
    served_with_ratings,
    until,
)
from tests.world import publish

FORMS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("films"), WARS)


@pytest.fixture
def client(link: Path, tmp_path: Path) -> Iterator[TestClient]:
    with served_with_ratings(link, tmp_path) as client:
        yield client


def test_a_person_has_an_id_of_their_own_in_a_cookie_that_scripts_cannot_read(
    client: TestClient,
) -> None:
    assert client.get("/user").json() == {"user_id": None}
    made = client.post("/user")
    user_id = made.json()["user_id"]
    assert made.status_code == 201
    cookie = made.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=31536000"):
        assert part in cookie
    assert "Secure" not in cookie
    assert client.get("/user").json() == {"user_id": user_id}
    again = client.post("/user")
    assert (again.status_code, again.json()) == (200, {"user_id": user_id})
    assert new_person(client) != user_id


@pytest.mark.parametrize(
    ("trusted", "told", "is_secure"),
    [("", "https", False), ("127.0.0.0/8", "https", True), ("127.0.0.0/8", "http", False)],
)
def test_by_https_the_cookie_is_for_https_alone(
    link: Path, tmp_path: Path, trusted: str, told: str, is_secure: bool
) -> None:
    with served_with_ratings(link, tmp_path, trusted_proxies=trusted) as client:
        client._transport.client = ("127.0.0.1", 1)  # type: ignore[attr-defined]
        made = client.post("/user", headers={"X-Forwarded-Proto": told})
        assert ("Secure" in made.headers["set-cookie"]) is is_secure


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", "{user_id}", "{user_id}.x.y", "{forged}"])
def test_a_cookie_that_was_not_signed_here_is_nobodys(client: TestClient, broken: str) -> None:
    user_id = new_person(client)
    forged = TimestampSigner("another secret, as long as it must be", "filmkin").sign(user_id)
    client.cookies.clear()
    cookie = broken.format(user_id=user_id, forged=forged.decode())
    answer = client.get(f"/user/{user_id}/ratings", headers={"Cookie": f"filmkin={cookie}"})
    assert problem(answer)[0] == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("day", "is_known"), [(0, True), (364, True), (366, False)])
def test_a_cookie_is_good_for_a_year(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, day: int, *, is_known: bool
) -> None:
    user_id = new_person(client)
    cookie = f"filmkin={client.cookies['filmkin']}"
    let_pass(day, monkeypatch)
    found = client.get("/user", headers={"Cookie": cookie})
    assert found.json() == {"user_id": user_id if is_known else None}


def let_pass(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many days since now, by the clock that signs cookies."""
    later = int((datetime.now(UTC) + timedelta(days=days)).timestamp())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)


def test_who_comes_again_within_the_year_never_loses_their_cookie(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With whichever request they come; of several on one day, one hands it out."""
    user_id = new_person(client)
    client.post(f"/user/{user_id}/ratings", json=[FINE])
    for day, path in ((364, "/user"), (600, f"/user/{user_id}/ratings"), (960, "/user")):
        let_pass(day, monkeypatch)
        made = client.get(path).headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=31536000"):
            assert part in made
        assert "set-cookie" not in client.get(path).headers
    assert ratings_of(client, user_id) == {10: 4.0}
    let_pass(960 + 366, monkeypatch)
    assert client.get("/user").json() == {"user_id": None}


def test_a_cookie_that_is_due_is_handed_out_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_id = new_person(client)
    let_pass(2, monkeypatch)
    again = client.post("/user")
    assert again.json() == {"user_id": user_id}
    assert len(again.headers.get_list("set-cookie")) == 1


def test_nobody_sees_or_changes_what_another_rated(client: TestClient) -> None:
    first = new_person(client)
    client.post(f"/user/{first}/ratings", json=[{"film_id": 10, "rating": 4}])
    second = new_person(client)
    rating = [{"film_id": 11, "rating": 1}]
    assert problem(client.get(f"/user/{first}/ratings"))[0] == 403
    assert problem(client.post(f"/user/{first}/ratings", json=rating))[0] == 403
    assert problem(client.delete(f"/user/{first}/ratings"))[0] == 403
    assert problem(client.delete(f"/user/{first}/ratings/10"))[0] == 403
    client.cookies.clear()
    assert problem(client.get(f"/user/{first}/ratings"))[0] == 401
    client.headers.update(AS_PROGRAM)
    assert ratings_of(client, first) == {10: 4.0}
    assert ratings_of(client, second) == {}


def test_a_program_with_a_key_reads_and_writes_for_anyone(client: TestClient) -> None:
    client.headers.update(AS_PROGRAM)
    made = client.post("/user")
    assert "set-cookie" not in made.headers
    for user_id in ("anyone", made.json()["user_id"]):
        stored = client.post(f"/user/{user_id}/ratings", json=[{"film_id": 10, "rating": 5}])
        assert stored.json() == {"stored": 1}
        assert ratings_of(client, user_id) == {10: 5.0}


@pytest.mark.parametrize(
    "given", ["Bearer x", "Bearer a key of the test", "Bearer a key of the tests2", "Bearer", "",
              "Basic a key of the tests", "Bearer ü"],
)  # fmt: skip
def test_a_wrong_key_is_nobodys(client: TestClient, given: str) -> None:
    user_id = new_person(client)
    answer = client.get(
        f"/user/{user_id}/ratings", headers=[(b"Authorization", given.encode("latin-1"))]
    )
    assert problem(answer)[0] == 401


def test_what_movielens_people_rated_nobody_changes(client: TestClient) -> None:
    rating = [{"film_id": 10, "rating": 4}]
    new_person(client)
    for headers in ({}, AS_PROGRAM):
        for answer in (
            client.post("/user/ml-1/ratings", json=rating, headers=headers),
            client.delete("/user/ml-1/ratings", headers=headers),
        ):
            assert problem(answer)[0] == 403


def test_the_longest_id_of_a_person_is_one(client: TestClient) -> None:
    user_id = "a" * LONGEST_USER_ID
    client.headers.update(AS_PROGRAM)
    assert client.post(f"/user/{user_id}/ratings", json=[FINE]).json() == {"stored": 1}
    assert ratings_of(client, user_id) == {10: 4.0}


def test_without_a_secret_all_of_it_answers_503_and_the_rest_goes_on(link: Path) -> None:
    with served(link, api_keys=KEY) as client:
        for answer in (
            client.post("/user"),
            client.get("/user"),
            client.get("/user/x/ratings", headers=AS_PROGRAM),
            client.delete("/user/x/ratings"),
        ):
            status, told, _ = problem(answer)
            assert (status, "FILMKIN_SECRET" in told) == (503, True)
        assert client.get("/film/10").status_code == 200
        assert client.get("/health/ready").json() == {"status": "ready", "ratings": "off"}
        assert client.get("/about").json()["ratings"] is False


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


FINE = {"film_id": 10, "rating": 4}


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


@pytest.mark.parametrize("user_id", ["a b", "é", "a" * (LONGEST_USER_ID + 1), "x;y", "%00"])
def test_what_is_no_id_of_a_person_is_422(client: TestClient, user_id: str) -> None:
    answer = client.get(f"/user/{user_id}/ratings", headers=AS_PROGRAM)
    assert problem(answer)[2] == ["user_id"]


@pytest.mark.parametrize("media_type", FORMS)
def test_a_form_of_a_page_elsewhere_changes_nothing(client: TestClient, media_type: str) -> None:
    """Even with the cookie, which a browser would not send along, and to a new identity."""
    url = f"/user/{new_person(client)}/ratings"
    client.post(url, json=[FINE])
    headers = {"Content-Type": media_type, "Origin": "https://elsewhere.example"}
    body = '[{"film_id": 11, "rating": 1}]'
    for method, path in (("POST", url), ("DELETE", url), ("POST", "/user")):
        answer = client.request(method, path, content=body, headers=headers)
        assert problem(answer)[0] == 415
        assert "set-cookie" not in answer.headers
    assert [one["film_id"] for one in client.get(url).json()] == [10]


def test_pages_of_other_origins_never_come_with_a_cookie(link: Path, tmp_path: Path) -> None:
    with served_with_ratings(link, tmp_path, cors_origins="*") as client:
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "DELETE"}
        assert client.options("/user/x/ratings", headers=asked).status_code == 400
        answer = client.get("/user", headers={"Origin": "https://elsewhere.example"})
        assert "Access-Control-Allow-Credentials" not in answer.headers


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


@pytest.mark.parametrize(
    "setting",
    [{"secret": SECRET[:31]}, {"api_keys": "a key"}, {"api_keys": "long enough for a key,short"}],
)
def test_a_secret_that_could_be_guessed_is_refused(setting: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(**setting)  # type: ignore[arg-type]
    assert not any(value in str(refused.value) for value in setting.values())


@pytest.mark.parametrize("key", ["schlüssel-der-lang-genug-ist", "a tab\tin a key that is long"])
def test_a_key_that_no_header_carries_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="ASCII letters, digits and signs") as refused:
        Settings(api_keys=key)
    assert key not in str(refused.value)


def test_what_is_secret_is_not_shown() -> None:
    settings = Settings(secret=SECRET, api_keys=KEY)
    assert SECRET not in repr(settings)
    assert KEY not in repr(settings)
