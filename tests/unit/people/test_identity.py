"""Who may read and change what a person rated."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from itsdangerous import TimestampSigner
from pydantic import ValidationError

from api.settings import Settings
from filmkin.ratings import LONGEST_USER_ID
from tests.service import (
    AS_PROGRAM,
    FINE,
    KEY,
    SECRET,
    new_person,
    problem,
    ratings_of,
    served,
    served_with_ratings,
)

FORMS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]


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
