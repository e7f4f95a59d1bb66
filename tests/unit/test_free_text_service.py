"""Free-text search over HTTP: hits and their pages, filters, what is marked, suggestions."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.db import free_text
from tests.service import problem, served
from tests.world import film, person_id, publish

PLOT = f"{'Once upon a time. ' * 20}A shark eats Amélie's dog. {'And on it goes. ' * 20}"
FILMS = [
    film(1, "Home Alone", persons=["Ann Ash", "Tom Hanks"], genres=["Comedy"], vote_count=9000, year=date(1990, 1, 1), details={"language": "en", "keywords": ["burglar", "home alone"]}),
    film(2, "Home Alone 2", persons=["Ann Ash"], genres=["Comedy", "War"], vote_count=100, year=date(1992, 1, 1), rating=Decimal("10.00")),
    film(3, "The Dog", original_title="Le chien", persons=["Zoë Home"], vote_count=5, year=date(2001, 1, 1), languages=["fr"], details={"overview": PLOT}),
    film(4, None, original_title=None, year=None, rating=None, duration=None, vote_count=None),
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with served(publish(tmp_path_factory.mktemp("films"), FILMS)) as client:
        yield client


@pytest.fixture(params=["at once", "in a thread"], autouse=True)
def ranked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few films are ranked at once, many in a thread."""
    if request.param != "at once":
        monkeypatch.setattr(free_text, "_MOST_AT_ONCE", 0)


def ask(client: TestClient, q: str = "", **more: Any) -> dict[str, Any]:
    answer = client.get("/search", params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["X-Total-Count"] == str(body["total"]) == str(body["facets"]["total"])
    return body


def ids(body: dict[str, Any]) -> list[int]:
    return [hit["film_id"] for hit in body["hits"]]


def test_hits_are_whole_films_the_best_first(client: TestClient) -> None:
    body = ask(client, "home alone")
    assert ids(body) == [1, 2]  # the third has the lesser part of the words
    assert body["total"] == 2
    scores = [hit["score"] for hit in body["hits"]]
    assert scores == sorted(scores, reverse=True)
    one = client.get("/film/1").json()
    assert {name: body["hits"][0][name] for name in one} == one


def test_without_words_all_films_the_best_known_first(client: TestClient) -> None:
    body = ask(client)
    assert ids(body) == [1, 2, 3, 4]
    assert [hit["highlights"] for hit in body["hits"]] == [[], [], [], []]


def test_pages_put_together_are_the_whole(client: TestClient) -> None:
    for q, sort in (("home", "relevance"), ("", "relevance"), ("home", "year"), ("", "title")):
        whole = ids(ask(client, q, sort=sort))
        pages = [ids(ask(client, q, sort=sort, limit=1, offset=n)) for n in range(len(whole) + 1)]
        assert [film_id for page in pages for film_id in page] == whole
        assert pages[-1] == []


@pytest.mark.parametrize(
    ("sort", "order", "expected"),
    [
        ("year", "desc", [3, 2, 1]),
        ("year", "asc", [1, 2, 3]),
        ("title", "asc", [1, 2, 3]),
        ("rating", "desc", [2, 3, 1]),
        ("vote_count", "desc", [1, 2, 3]),
        ("relevance", "asc", [1, 2, 3]),
    ],
)
def test_hits_are_listed_by_other_things(
    client: TestClient, sort: str, order: str, expected: list[int]
) -> None:
    body = ask(client, "home", sort=sort, order=order)
    assert ids(body) == expected
    by_relevance = {hit["film_id"]: hit["score"] for hit in ask(client, "home")["hits"]}
    assert {hit["film_id"]: hit["score"] for hit in body["hits"]} == by_relevance


@pytest.mark.parametrize(
    ("q", "filters", "expected"),
    [
        ("home", {"genres": "war"}, [2]),
        ("home", {"min_rating": "7.5"}, [2]),
        ("home", {"languages": "EN"}, [1]),
        ("", {"languages": ["fr", "en"]}, [1, 3]),
        ("home", {"earliest_date": "1991-01-01", "latest_date": "1999-12-31"}, [2]),
        ("home year:1991..1999", {}, [2]),
        ("year:199", {}, [1, 2]),
        ("year:..1991 home", {}, [1]),
        ("home -year:1990 -year:2001", {}, [2]),
        ("home", {"title": "2$"}, [2]),
        ("person:ash -2", {}, [1]),
        ("home", {"ids": "tt2,3"}, [2, 3]),
    ],
)
def test_films_must_meet_the_criteria_besides(
    client: TestClient, q: str, filters: dict[str, Any], expected: list[int]
) -> None:
    body = ask(client, q, **filters)
    assert sorted(ids(body)) == expected
    assert body["total"] == len(expected)


def test_what_was_found_is_marked(client: TestClient) -> None:
    def shown(q: str, film_id: int) -> dict[str, str]:
        (hit,) = [hit for hit in ask(client, q)["hits"] if hit["film_id"] == film_id]
        return {
            mark["field"]: "".join(
                f"[{part['text']}]" if part["matched"] else part["text"] for part in mark["parts"]
            )
            for mark in hit["highlights"]
        }

    assert shown("hme aloen hanks", 1) == {
        "title": "[Home] [Alone]",
        "persons": "Tom [Hanks]",
        "keywords": "[home] [alone]",
    }
    found = shown("amelies shark chien", 3)
    assert found["original_title"] == "Le [chien]"
    assert "A [shark] eats [Amélie's] dog." in found["overview"]
    assert found["overview"].startswith("… ")
    assert len(found["overview"]) < len(PLOT) / 2
    assert shown("zoe", 3) == {"persons": "[Zoë] Home"}


def test_facets_are_of_all_that_answer(client: TestClient) -> None:
    facets = ask(client, "home", limit=1)["facets"]
    assert facets["genres"] == [
        {"genre": "Comedy", "films": 2}, {"genre": "Drama", "films": 1}, {"genre": "War", "films": 1},
    ]  # fmt: skip
    assert facets["decades"] == [{"decade": 1990, "films": 2}, {"decade": 2000, "films": 1}]
    assert facets["ratings"] == [{"rating": 7, "films": 2}, {"rating": 9, "films": 1}]
    assert facets["durations"] == [{"minutes": 90, "films": 3}]
    assert facets["languages"] == [{"language": "en", "films": 1}, {"language": "fr", "films": 1}]


def test_other_queries_are_told_where_words_are_unknown(client: TestClient) -> None:
    assert ask(client, "hme aloen ")["suggestions"] == ["home alone"]
    assert ask(client, "home alone")["suggestions"] == []
    nothing = ask(client, '"dog alone"')
    assert nothing["hits"] == []
    assert nothing["suggestions"] == ["dog alone", "dog", "alone"]
    assert ask(client, "qqqq")["total"] == 0


def test_what_may_be_meant_is_suggested(client: TestClient) -> None:
    def suggested(q: str, **more: Any) -> list[dict[str, Any]]:
        answer = client.get("/search/suggest", params={"q": q, **more})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    first, second, person = suggested("ho")
    assert (first["kind"], first["id"], first["text"], first["year"]) == (
        "film",
        1,
        "Home Alone",
        1990,
    )
    assert first["parts"][0] == {"text": "Home", "matched": True}
    assert second["id"] == 2
    assert (person["kind"], person["id"], person["year"]) == ("person", person_id("Zoë Home"), None)
    assert [one["text"] for one in suggested("ho al")] == ["Home Alone", "Home Alone 2"]
    assert [one["text"] for one in suggested("chi")] == ["The Dog"]
    assert [one["id"] for one in suggested("ho", limit=1)] == [1]
    assert [one["text"] for one in suggested("zoe", limit=1)] == ["Zoë Home"]
    assert suggested("") == suggested("...") == suggested("qqqq") == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/search?q=a&limit=0", "limit"),
        ("/search?q=a&offset=-1", "offset"),
        ("/search?q=a&sort=fame", "sort"),
        ("/search?q=a&genre=(", "genre"),
        ("/search?q=a&what=1", "what"),
        (f"/search?q={'a' * 501}", "q"),
        ("/search/suggest", "q"),
        ("/search/suggest?q=a&limit=1000", "limit"),
    ],
)
def test_a_bad_question_is_422_and_names_the_field(
    client: TestClient, path: str, field: str
) -> None:
    status, _, fields = problem(client.get(path))
    assert (status, fields) == (422, [field])


@pytest.mark.parametrize("path", ["/search?q=home", "/search/suggest?q=home"])
def test_an_answer_is_kept_until_the_next_build(client: TestClient, path: str) -> None:
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("q", ['"', "-", "year:", "person:", "%00", "😀", "'; DROP TABLE films", "(", "a" * 500, "é" * 200, " ".join("ab" * n for n in range(1, 30))])  # fmt: skip
def test_any_text_is_answered(client: TestClient, q: str) -> None:
    ask(client, q[:500])
    assert client.get("/search/suggest", params={"q": q[:500]}).status_code == 200
