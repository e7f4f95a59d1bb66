"""The whole way on real films, where FILMKIN_REAL_DATA names them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from api.app import create_app
from api.settings import Settings
from filmkin.features import FieldShares
from filmkin.text import telling_words
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


def dense_cosines(films: list[dict[str, Any]]) -> np.ndarray:
    """All cosines by scikit-learn, with the shares that are shipped."""
    shares = FieldShares()

    def tf_idf(documents: list[list[str]]) -> np.ndarray:
        made = TfidfVectorizer(analyzer=list, dtype=np.float64).fit_transform(documents)
        return np.asarray(made.toarray())

    steps = np.zeros((len(films), 12))
    for row, film in enumerate(films):
        rating = float(film["rating"])
        steps[row, int(rating)] = 1 - rating % 1
        steps[row, int(rating) + 1] = rating % 1
    idf = np.log((1 + len(films)) / (1 + np.count_nonzero(steps, axis=0))) + 1
    fields = [
        (shares.title, tf_idf([sorted(set(telling_words(film["title"]))) for film in films])),
        (shares.genres, tf_idf([film["genres"] for film in films])),
        (shares.rating, normalize(steps * idf)),
        (shares.people, tf_idf([list(map(str, film["person_ids"])) for film in films])),
    ]
    vectors = normalize(np.hstack([np.sqrt(share) * field for share, field in fields]))
    return np.asarray(vectors @ vectors.T)


def test_stored_pairs_are_the_dense_oracles(batch: Batch) -> None:
    names = ("film_id", "title", "genres", "rating", "person_ids")
    rows = batch.rows(f"(SELECT {', '.join(names)} FROM films)")
    films: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    ids = np.array([film["film_id"] for film in films])
    oracle = dense_cosines(films)
    np.fill_diagonal(oracle, 0)
    pairs = np.array(batch.rows("films_cos_sim"), dtype=np.float64)
    stored = np.zeros_like(oracle)
    stored[np.searchsorted(ids, pairs[:, 0]), np.searchsorted(ids, pairs[:, 1])] = pairs[:, 2]
    there = stored > 0
    assert np.abs(stored - oracle)[there].max() < 1e-6
    assert not (there & (oracle < FLOOR - 1e-6)).any()
    assert not (~there & (oracle > FLOOR + 1e-6)).any()
    assert (stored == stored.T).all()
    assert there.any(axis=1).mean() > 0.9


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
