"""What every list of films is, whoever ranks it: similar ones, those found, those for a person."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from tests.recommending import recommendation, recommender_of
from tests.service import AS_PROGRAM, problem, served_with_ratings
from tests.world import Film, film, publish

FILMS: list[Film] = [
    film(n, f"Ember Wars {n}", persons=[f"Actor {n % 5}", f"Other {n % 3}"], vote_count=100 + n)
    for n in range(1, 41)
]
GIVEN = 7  # the film that is asked about, or rated


class Ranker(NamedTuple):
    """Where so many films are asked for, where something is that there is not, what it ranks by,
    and whether it lists the film that it is given.
    """

    path: str
    unknown: str
    score: str | None
    lists_given: bool


RANKERS = [
    Ranker(f"/film/{GIVEN}/similar/0?limit={{}}", "/film/99/similar/0", "similarity", False),
    Ranker("/search?q=ember+wars&limit={}", "/film/99", "score", True),
    Ranker("/user/ann/ratings/top/{}", "/user/ml-99/ratings/top/5", None, False),
    Ranker("/user/ann/ratings/recent/{}", "/user/ml-99/ratings/recent/5", None, False),
]

each_ranker = pytest.mark.parametrize("ranker", RANKERS, ids=lambda ranker: ranker.path)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("films")
    learnt = recommendation(folder / "learnt", recommender_of(list(range(1, 21)), [30] * 20), FILMS)
    link = publish(folder, FILMS, recommendation=learnt)
    with served_with_ratings(link, folder) as client:
        client.headers.update(AS_PROGRAM)
        client.post("/user/ann/ratings", json=[{"film_id": GIVEN, "rating": 5}])
        yield client


def ranked(client: TestClient, ranker: Ranker, count: int) -> list[dict[str, Any]]:
    answer = client.get(ranker.path.format(count))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    found: list[dict[str, Any]] = body["hits"] if isinstance(body, dict) else body
    return found


@each_ranker
def test_a_list_has_as_many_as_are_asked_for_each_once(client: TestClient, ranker: Ranker) -> None:
    every = len(FILMS) - (not ranker.lists_given)
    for count in (1, 2, 5, 39, 40, 100):
        found = [one["film_id"] for one in ranked(client, ranker, count)]
        assert len(found) == len(set(found)) == min(count, every)
        assert (GIVEN in found) <= ranker.lists_given


@each_ranker
def test_a_shorter_list_is_how_a_longer_one_begins(client: TestClient, ranker: Ranker) -> None:
    longest = ranked(client, ranker, 40)
    for count in (1, 4, 5, 6, 20):
        assert ranked(client, ranker, count) == longest[:count]


@each_ranker
def test_the_best_stands_first(client: TestClient, ranker: Ranker) -> None:
    found = ranked(client, ranker, 40)
    if ranker.score is not None:
        scores = [one[ranker.score] for one in found]
        assert scores == sorted(scores, reverse=True)
        return
    # What content and what others' ratings speak for stands in one list; a part is as it is alone.
    sources = [one["source"] for one in found]
    assert sources[:10] == (["ratings"] * 4 + ["content"]) * 2


@each_ranker
def test_what_is_not_there_is_a_problem(client: TestClient, ranker: Ranker) -> None:
    assert problem(client.get(ranker.unknown))[0] == 404
