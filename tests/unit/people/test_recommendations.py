"""What a person is offered over HTTP, from the first star on."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from filmkin.content import EMPHASIS, worth
from filmkin.features import FieldShares, film_features
from filmkin.neighbours import InvertedIndex
from filmkin.offers import Offers, Rated, popularity
from filmkin.recommender import Recommender
from tests.recommending import recommendation, recommender_of
from tests.service import (
    AS_PROGRAM,
    new_person,
    problem,
    ratings_of,
    served_with_ratings,
    until,
)
from tests.world import Film, feature_columns, film, publish

FILMS: list[Film] = [
    film(
        n,
        f"Film {n}",
        persons=[f"Actor {n % 7}", f"Other {n % 5}"],
        genres=["Drama", "War"][: 1 + n % 2],
        year=date(1990 + n % 10, 1, 1),
        details={"language": ("en", "fr")[n % 2]},
        vote_count=n,
    )
    for n in range(1, 201)
]
# Half of the catalogue is rated, and two films that are not in it.
KNOWN = [*range(1, 101), 1001, 1002]
COUNTS = [*(n % 50 for n in range(100)), 40, 40]
PEOPLE = {1: [(1001, 5.0), (1, 4.5), (2, 1.0)], 2: [(150, 3.0)]}


@pytest.fixture(scope="module")
def recommender() -> Recommender:
    return recommender_of(KNOWN, COUNTS)


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory, recommender: Recommender) -> Path:
    folder = tmp_path_factory.mktemp("films")
    return publish(
        folder, FILMS, recommendation=recommendation(folder / "learnt", recommender, FILMS, PEOPLE)
    )


def rate(client: TestClient, user_id: str, **films: float) -> None:
    items = [{"film_id": name[1:], "rating": stars} for name, stars in films.items()]
    answer = client.post(f"/user/{user_id}/ratings", json=items)
    assert answer.status_code == 200, answer.text


def top(client: TestClient, user_id: str, count: int = 10, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/user/{user_id}/ratings/top/{count}", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_the_very_next_answer_reflects_a_rating(
    client: TestClient, recommender: Recommender
) -> None:
    user_id = new_person(client)
    assert {one["source"] for one in top(client, user_id)} == {"popular"}
    rated: dict[int, float] = {}
    for film_id, stars in ((7, 5.0), (3, 0.5), (120, 4.0), (7, 1.0), (1001, 4.5)):
        rate(client, user_id, **{f"f{film_id}": stars})
        rated.pop(film_id, None)
        rated = {film_id: stars, **rated}
        person = recommender.person(np.array(list(rated)), np.array(list(rated.values())))
        scores = dict(zip(KNOWN, person.scores().tolist(), strict=True))
        predicted = dict(zip(KNOWN, person.predicted().tolist(), strict=True))
        found = top(client, user_id)
        assert not {one["film_id"] for one in found} & set(rated)
        by_ratings = [one for one in found if one["source"] == "ratings"]
        counts = dict(zip(KNOWN, COUNTS, strict=True))
        enough = [n for n in KNOWN if counts[n] >= 25 and n not in rated and n <= 200]
        expected = sorted(enough, key=lambda n: -scores[n])[: len(by_ratings)]
        assert [one["film_id"] for one in by_ratings] == expected
        for one in by_ratings:
            assert one["predicted_rating"] == pytest.approx(predicted[one["film_id"]], abs=0.006)
            assert one["ratings"] == counts[one["film_id"]]


def test_what_is_popular_is_popular_here_then_at_imdb(client: TestClient) -> None:
    """Films 101 to 200 are known to IMDb alone; each film has as many votes as its number."""
    user_id = new_person(client)
    by_ratings = sorted(range(2, 101), key=lambda n: (-COUNTS[n - 1], -n))
    rated_here = [n for n in by_ratings if COUNTS[n - 1]]
    listed = [one["film_id"] for one in top(client, user_id, 100)]
    assert listed == [*rated_here, 200, 199]
    few = [one["film_id"] for one in top(client, user_id, 5, vote_count=99)]
    assert few == [100, 99, 200, 199, 198]


def test_a_film_that_is_offered_is_the_film_and_why(client: TestClient) -> None:
    user_id = new_person(client)
    rate(client, user_id, f7=5, f1001=4.5)
    found = top(client, user_id, 20)
    told = {"predicted_rating", "ratings", "source", "because"}
    documents = client.get("/films", params={"ids": ",".join(str(one["film_id"]) for one in found)})
    without = [{name: value for name, value in one.items() if name not in told} for one in found]
    assert without == documents.json()
    reasons = {7: ("Film 7", 5.0), 1001: ("Film 1001 at MovieLens", 4.5)}
    named = [reason for one in found for reason in one["because"]]
    assert {reason["film_id"] for reason in named} == {7, 1001}
    for reason in named:
        assert (reason["title"], reason["rating"]) == reasons[reason["film_id"]]
    assert all(one["because"] for one in found if one["source"] == "content")


def offers_of(recommender: Recommender) -> Offers:
    """The domain's own, of the same films."""
    features = film_features(feature_columns(FILMS), FieldShares())
    vectors = features.matrix.tocoo()
    film_ids = features.film_ids[vectors.row]
    ratings = np.array([float(one["rating"]) for one in FILMS])
    votes = np.array([float(one["vote_count"]) for one in FILMS])
    here = np.array([3.5 * count for count in [*COUNTS[:100], *[0] * 100]])
    return Offers(
        features.film_ids,
        recommender,
        InvertedIndex(film_ids, vectors.col.astype(np.int32), vectors.data),
        popularity(here, votes * ratings),
        worth(ratings, votes),
        np.array([EMPHASIS.get(field, 1.0) for field in features.token_fields]),
    )


def test_a_list_is_as_the_domain_makes_it(client: TestClient, recommender: Recommender) -> None:
    """With criteria, and with another least number of ratings."""
    user_id = new_person(client)
    rate(client, user_id, f9=3.5)
    rate(client, user_id, f8=2)
    rate(client, user_id, f7=5)
    rated = Rated(np.array([7, 8, 9], np.int32), np.array([5, 2, 3.5]))
    personal = offers_of(recommender).of(rated)
    asked = {"genres": "War", "languages": "fr", "earliest_date": "1993-01-01"}
    wanted = np.array([n % 2 == 1 and n % 10 >= 3 for n in range(1, 201)])
    sources = set()
    for least in (0, 25, 45, 50):
        expected = personal.top(wanted, 60, least)
        found = top(client, user_id, 60, min_ratings=least, **asked)
        assert [told(one) for one in found] == [told(one._asdict()) for one in expected]
        assert [one["predicted_rating"] for one in found] == [
            one.predicted_rating and pytest.approx(one.predicted_rating, abs=0.006)
            for one in expected
        ]
        sources |= {one.source for one in expected}
    assert sources == {"ratings", "content", "popular"}


def told(one: dict[str, Any]) -> list[Any]:
    """What an offer says, but for the predicted rating and the shares of its reasons."""
    reasons = [r["film_id"] if isinstance(r, dict) else r.film_id for r in one["because"]]
    return [one["film_id"], one["source"], one["ratings"], reasons]


def test_the_newest_are_of_the_newest_years(client: TestClient) -> None:
    user_id = new_person(client)
    rate(client, user_id, f7=5)
    answer = client.get(f"/user/{user_id}/ratings/recent/100")
    years = {one["year"][:4] for one in answer.json()}
    assert len(answer.json()) == 100
    # 20 films a year, of which one of the newest but two is rated.
    assert years == {"1999", "1998", "1997", "1996", "1995", "1994"}
    few = client.get(f"/user/{user_id}/ratings/recent/5", params={"genres": "War"}).json()
    assert len(few) == 5


def test_one_film_has_the_own_rating_beside_a_prediction_without_it(client: TestClient) -> None:
    user_id = new_person(client)
    rate(client, user_id, f7=5, f8=2)
    url = f"/user/{user_id}/ratings"
    before = client.get(f"{url}/30").json()
    assert before["rating"] is None
    assert before["source"] == "ratings"
    rate(client, user_id, f30=0.5)
    assert client.get(f"{url}/tt0000030").json() == {**before, "rating": 0.5}
    content = client.get(f"{url}/147").json()
    assert (content["source"], content["predicted_rating"], content["ratings"]) == (
        "content",
        None,
        0,
    )
    assert client.get(f"{url}/30", params={"min_ratings": 40}).json()["predicted_rating"] is None
    outside = client.get(f"{url}/1002").json()
    assert (outside["title"], outside["source"]) == ("Film 1002 at MovieLens", "ratings")
    for unknown in ("999", "1003", str(10**30)):
        assert problem(client.get(f"{url}/{unknown}"))[0] == 404


def test_films_are_rated_by_movielens_number_too(client: TestClient) -> None:
    user_id = new_person(client)
    url = f"/user/{user_id}/ratings"
    items = [{"movie_id": 4999, "rating": 4}, {"movie_id": 3999, "rating": 2}]
    assert client.post(url, json=items).json() == {"stored": 2}
    assert ratings_of(client, user_id) == {1: 4.0, 1001: 2.0}
    # Two numbers of one film: the last rating counts, by whichever it is given.
    others = [{"movie_id": 9001, "rating": 1}, {"movie_id": 10001, "rating": 5}, items[1]]
    assert client.post(url, json=others).json() == {"stored": 2}
    assert ratings_of(client, user_id) == {1: 1.0, 1001: 2.0}
    for wrong, field in (
        ({"movie_id": 1, "rating": 4}, "1.movie_id"),
        ({"movie_id": 10**30, "rating": 4}, "1.movie_id"),
        ({"movie_id": "4999", "rating": 4}, "1.movie_id"),
        ({"movie_id": 4999, "film_id": 1, "rating": 4}, "1"),
        ({"rating": 4}, "1"),
    ):
        status, _, fields = problem(client.post(url, json=[items[0], wrong]))
        assert (status, fields) == (422, [field])


def test_movielens_people_are_read_by_whoever_says_who_they_are(
    client: TestClient, recommender: Recommender
) -> None:
    assert problem(client.get("/user/ml-1/ratings"))[0] == 401
    new_person(client)
    listed = client.get("/user/ml-1/ratings").json()
    assert [(one["film_id"], one["title"], one["rating"]) for one in listed] == [
        (1001, "Film 1001 at MovieLens", 5.0), (1, "Film 1", 4.5), (2, "Film 2", 1.0),
    ]  # fmt: skip
    assert listed[0]["rated_at"] == "1970-01-01T00:01:40Z"
    found = top(client, "ml-1")
    assert not {one["film_id"] for one in found} & {1001, 1, 2}
    person = recommender.person(np.array([1001, 1, 2]), np.array([5.0, 4.5, 1.0]))
    first = KNOWN.index(found[0]["film_id"])
    assert found[0]["predicted_rating"] == pytest.approx(person.predicted()[first], abs=0.006)
    for unknown in ("ml-3", "ml-", "ml-x", "ml--1", f"ml-{2**31}", "ml-1_0"):
        for path in ("", "/top/3", "/recent/3", "/1"):
            answer = client.get(f"/user/{unknown}/ratings{path}", headers=AS_PROGRAM)
            assert problem(answer)[0] == 404, unknown


def test_a_new_build_takes_over_between_two_answers(
    tmp_path: Path, recommender: Recommender
) -> None:
    """What was learnt of the films of one build is never put to those of another."""
    learnt = recommendation(tmp_path / "one", recommender, FILMS)
    link = publish(tmp_path, FILMS, build_id="one", recommendation=learnt)
    with served_with_ratings(link, tmp_path) as client:
        user_id = new_person(client)
        rate(client, user_id, f7=5, f1001=2)
        before = top(client, user_id)
        other = recommender_of([*range(50, 201), 1001], [30] * 152, seed=1)
        learnt = recommendation(tmp_path / "other", other, FILMS[20:])
        publish(tmp_path, FILMS[20:], build_id="other", recommendation=learnt)
        until(lambda: top(client, user_id) != before)
        found = top(client, user_id)
    person = other.person(np.array([7, 1001]), np.array([5.0, 2.0]))
    scores = dict(zip(other.film_ids.tolist(), person.scores().tolist(), strict=True))
    by_ratings = [one["film_id"] for one in found if one["source"] == "ratings"]
    assert by_ratings == sorted(range(50, 201), key=lambda n: -scores[n])[: len(by_ratings)]


@pytest.mark.parametrize("count", ["0", "101", "-1", "x", "1.5"])
def test_a_count_outside_1_to_100_is_422(client: TestClient, count: str) -> None:
    new_person(client)
    for kind in ("top", "recent"):
        status, _, fields = problem(client.get(f"/user/ml-1/ratings/{kind}/{count}"))
        assert (status, fields) == (422, ["count"])


def test_a_bad_criterion_is_422(client: TestClient) -> None:
    new_person(client)
    for asked, field in (
        ({"min_ratings": "-1"}, "min_ratings"),
        ({"title": "["}, "title"),
        ({"colour": "red"}, "colour"),
    ):
        status, _, fields = problem(client.get("/user/ml-1/ratings/top/5", params=asked))
        assert (status, fields) == (422, [field])


def test_nobody_keeps_what_is_offered(client: TestClient) -> None:
    new_person(client)
    for path in ("top/3", "recent/3", "1", ""):
        answer = client.get(f"/user/ml-1/ratings/{path}".rstrip("/"))
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
