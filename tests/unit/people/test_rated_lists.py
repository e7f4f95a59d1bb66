"""What a person rated may be long: it is gone through in threads, and never where all requests
wait.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from api import rated
from api.models.user import RatedFilm
from api.routers import recommendations
from tests.service import WARS, new_person

FILMS = [film["film_id"] for film in WARS]


def rate_all(client: TestClient) -> str:
    """A person's ratings of all films; where they are."""
    url = f"/user/{new_person(client)}/ratings"
    client.post(url, json=[{"film_id": film_id, "rating": 3} for film_id in FILMS])
    return url


def is_in_the_loop() -> bool:
    """Whether this is the thread of the event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def watched(call: Callable[..., Any], seen: list[bool]) -> Callable[..., Any]:
    """The same, which notes where it is called."""

    def noted(*values: Any) -> Any:
        seen.append(is_in_the_loop())
        return call(*values)

    return noted


class WatchedAdapter:
    """Makes JSON of films, and notes of how many at a time, and where."""

    def __init__(self) -> None:
        self.made: list[tuple[int, bool]] = []

    def dump_json(self, films: list[RatedFilm]) -> bytes:
        self.made.append((len(films), is_in_the_loop()))
        return TypeAdapter(list[RatedFilm]).dump_json(films)


def test_a_long_list_is_made_some_films_at_a_time(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = rate_all(client)
    at_once = client.get(url)
    adapter = WatchedAdapter()
    monkeypatch.setattr(rated, "_AT_A_TIME", 4)
    monkeypatch.setattr(rated, "_FILMS", adapter)
    by_and_by = client.get(url)
    assert adapter.made == [(4, False), (2, False)]
    assert by_and_by.json() == at_once.json()
    assert [one["film_id"] for one in at_once.json()] == FILMS
    for name in ("Cache-Control", "Content-Type"):
        assert by_and_by.headers[name] == at_once.headers[name]


def test_titles_of_many_films_are_sought_in_a_thread(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(rated, "_AT_A_TIME", len(FILMS) - 1)
    monkeypatch.setattr(rated, "_titles", watched(rated._titles, seen))
    assert client.get(rate_all(client)).status_code == 200
    assert seen == [False]


@pytest.mark.parametrize("path", ["/top/5", "/recent/5", f"/{FILMS[0]}"])
def test_what_a_person_rated_is_gone_through_in_threads(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(recommendations, "as_rated", watched(rated.as_rated, seen))
    assert client.get(f"{rate_all(client)}{path}").status_code == 200
    assert seen == [False]
