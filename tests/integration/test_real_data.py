"""The whole way on real films, where FILMKIN_REAL_DATA names them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from api.app import create_app
from api.settings import Settings
from filmkin.features import FieldShares
from filmkin.text import in_the_singular, series_name, telling_words
from tests.batch import Batch

HOME_ALONE, HOME_ALONE_2 = 99785, 104431
FLOOR = 0.1


@pytest.fixture(scope="module")
def batch(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    batch = Batch(tmp_path_factory.mktemp("real"), str(real_data / "imdb5000"))
    batch.run()
    return batch


@pytest.fixture(scope="module")
def film_ids(batch: Batch) -> list[object]:
    return [row[0] for row in batch.rows("(SELECT film_id FROM films)")]


# After film_ids: one process opens a database in one way only, and the service's is its own.
@pytest.fixture(scope="module")
def client(batch: Batch, film_ids: list[object]) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=batch.link, rate_limits=False))) as client:
        yield client


NAMES = ("film_id", "title", "genres", "rating", "year", "person_ids")


@pytest.fixture(scope="module")
def films(batch: Batch) -> list[dict[str, Any]]:
    rows = batch.rows(f"(SELECT {', '.join(NAMES)} FROM films ORDER BY film_id)")
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def oracle(films: list[dict[str, Any]]) -> np.ndarray:
    """All cosines by scikit-learn, with the shares that are shipped; 0 for a film with itself."""
    shares = FieldShares()

    def tf_idf(documents: list[list[str]]) -> np.ndarray:
        made = TfidfVectorizer(analyzer=list, dtype=np.float64).fit_transform(documents)
        return np.asarray(made.toarray())

    def steps(values: list[float], width: int) -> np.ndarray:
        closeness = np.zeros((len(values), int(max(values)) // width + 2))
        for row, value in enumerate(values):
            step, rest = divmod(value / width, 1)
            closeness[row, int(step)] = 1 - rest
            closeness[row, int(step) + 1] = rest
        idf = np.log((1 + len(values)) / (1 + np.count_nonzero(closeness, axis=0))) + 1
        return np.asarray(normalize(closeness * idf))

    series = [in_the_singular(series_name(film["title"])) for film in films]
    people = CountVectorizer(analyzer=list).fit_transform(
        [list(map(str, film["person_ids"])) for film in films]
    )
    count = np.sqrt([len(film["person_ids"]) for film in films])
    fields = [
        (shares.title, tf_idf([sorted(set(telling_words(film["title"]))) for film in films])),
        (shares.series, tf_idf([[name] if name else [] for name in series])),
        (
            shares.people,
            normalize(people.toarray().astype(float)) * np.sqrt(count / count.mean())[:, None],
        ),
        (shares.genres, tf_idf([film["genres"] for film in films])),
        (shares.rating, steps([float(film["rating"]) for film in films], 1)),
        (shares.year, steps([film["year"].year for film in films], 5)),
    ]
    vectors = normalize(np.hstack([np.sqrt(share) * field for share, field in fields]))
    cosines = np.asarray(vectors @ vectors.T)
    np.fill_diagonal(cosines, 0)
    return cosines


def test_stored_pairs_are_the_dense_oracles(
    batch: Batch, films: list[dict[str, Any]], oracle: np.ndarray
) -> None:
    ids = np.array([film["film_id"] for film in films])
    pairs = np.array(batch.rows("films_cos_sim"), dtype=np.float64)
    stored = np.zeros_like(oracle)
    stored[np.searchsorted(ids, pairs[:, 0]), np.searchsorted(ids, pairs[:, 1])] = pairs[:, 2]
    there = stored > 0
    assert np.abs(stored - oracle)[there].max() < 1e-6
    assert not (there & (oracle < FLOOR - 1e-6)).any()
    assert not (~there & (oracle > FLOOR + 1e-6)).any()
    assert (stored == stored.T).all()
    assert there.any(axis=1).mean() > 0.9


def test_every_threshold_is_answered_and_explained_as_by_the_dense_oracle(
    films: list[dict[str, Any]], oracle: np.ndarray, client: TestClient
) -> None:
    ids = np.array([film["film_id"] for film in films])
    random = np.random.default_rng(1)
    for row in random.choice(len(films), 60, replace=False):
        threshold = float(random.choice([0.0, 0.03, *random.random(2) ** 2]))
        url = f"/film/{ids[row]}/similar/{threshold}"
        response = client.get(url, params={"limit": 100, "explain": True})
        certain = int(np.count_nonzero(oracle[row] > max(threshold + 1e-6, 1e-6)))
        possible = int(np.count_nonzero(oracle[row] > max(threshold - 1e-6, 1e-12)))
        assert certain <= int(response.headers["X-Total-Count"]) <= possible
        found = response.json()
        assert min(certain, 100) <= len(found) <= min(possible, 100)
        best = np.sort(oracle[row])[::-1]
        for place, film in enumerate(found):
            exact = oracle[row, np.searchsorted(ids, film["film_id"])]
            assert film["similarity"] == pytest.approx(exact, abs=1e-6)
            assert film["similarity"] == pytest.approx(best[place], abs=1e-6)
            assert sum(t["share"] for t in film["shared"]) == pytest.approx(exact, abs=1e-6)


def test_home_alone_and_its_sequel_find_each_other(client: TestClient) -> None:
    assert client.get(f"/film/{HOME_ALONE}").json()["title"] == "Home Alone"
    for film, sibling in ((HOME_ALONE, HOME_ALONE_2), (HOME_ALONE_2, HOME_ALONE)):
        assert client.get(f"/film/{film}/similar/0.3").json()[0]["film_id"] == sibling


def test_five_star_wars_films_are_found(client: TestClient) -> None:
    criteria = {
        "title": "wars.*i",
        "genres": ["Adventure", "Action"],
        "persons": ["George Lucas"],
    }
    found = client.post("/film/search", json=criteria).json()
    assert len(found) == 5
    assert all(film["title"].startswith("Star Wars: Episode") for film in found)


def test_every_film_can_be_returned(film_ids: list[object], client: TestClient) -> None:
    assert {client.get(f"/film/{film_id}").status_code for film_id in film_ids} == {200}
