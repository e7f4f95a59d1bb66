"""Predictions over HTTP, of models made by hand whose answers can be told by heart."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from filmkin.errors import BuildError
from tests.prediction import model
from tests.service import problem, served
from tests.world import Film, film, person_id, publish

USA = {"country": "USA", "language": "en"}


def made(number: int, year: int, rating: str, **columns: Any) -> Film:
    return film(number, f"Film {number}", year=date(year, 1, 1), rating=Decimal(rating), **columns)


FILMS = [
    made(1, 1990, "6.0", directors=["Ann Ash"], persons=["Bo"], details={**USA, "budget": 10**6}),
    made(2, 1991, "6.0", directors=["Cy"], details={**USA, "budget": 10**6, "budget_currency": "EUR"}),
    made(3, 1995, "9.0", directors=["Ann Ash"], writers=["Ann Ash"], details={**USA, "budget": 10**8, "gross": 3 * 10**8}),
    made(4, 2001, "8.0", directors=["Ann Ash"], genres=["War"], details={"country": "France", "budget": 5 * 10**6, "budget_currency": "EUR"}),
    made(5, 2001, "5.0", directors=["Cy"]),
    film(6, "Undated", year=None),
]  # fmt: skip
DATED = FILMS[:5]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    models = [model("budget", DATED), model("rating", DATED)]
    link = publish(tmp_path_factory.mktemp("predicted"), FILMS, prediction=models)
    with served(link) as client:
        yield client


def predict(client: TestClient, **parts: Any) -> dict[str, Any]:
    answer = client.post("/film/predict", json=parts)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_film_is_predicted_by_what_is_known_of_it(client: TestClient) -> None:
    """After 1999: 6 + 0.5; and a director whose films came out well before: 0.5 * 1."""
    found = predict(client, directors=["Ann Ash"], year=2010, country="USA")
    assert (found["year"], found["unknown"]) == (2010, [])
    rating = found["rating"]
    assert (rating["value"], rating["low"], rating["high"]) == pytest.approx((7.0, 6.5, 7.5))
    assert (rating["level"], rating["coverage"]) == (0.8, 0.75)
    assert (rating["currency"], rating["usual"]) == (None, 6.125)
    reasons = {one["feature"]: one for one in rating["features"]}
    assert set(reasons) == {"year", "director_mean"}
    assert [reasons["year"]["value"], reasons["year"]["contribution"]] == [2010, 0.5]
    assert sum(one["contribution"] for one in rating["features"]) == pytest.approx(7.0 - 6.125)
    sizes = [abs(one["contribution"]) for one in rating["features"]]
    assert sizes == sorted(sizes, reverse=True)
    budget = found["budget"]
    assert (budget["value"], budget["low"], budget["high"]) == pytest.approx(
        (1e8, 10**7.5, 10**8.5)
    )
    assert (budget["currency"], budget["is_marked"], budget["note"]) == ("USD", False, None)


def test_a_target_without_a_model_is_null_and_says_why(client: TestClient) -> None:
    found = predict(client)
    assert found["gross"] is None
    assert list(found["reasons"]) == ["gross"]
    assert "no model of the gross" in found["reasons"]["gross"]


def test_of_a_film_without_a_year_all_films_are_earlier(client: TestClient) -> None:
    found = predict(client, directors=["Ann Ash"])
    assert found["year"] == 2002
    assert found["rating"] == predict(client, directors=["Ann Ash"], year=2002)["rating"]


def test_only_films_of_earlier_years_count(client: TestClient) -> None:
    """Ann's film of 1995 is the first that came out better than its time."""
    values = {year: predict(client, directors=["Ann Ash"], year=year)["rating"]["value"] for year in (1990, 1995, 1996)}  # fmt: skip
    assert values == {1990: 5.5, 1995: 5.5, 1996: 6.0}


def test_who_is_named_by_an_id_is_the_same(client: TestClient) -> None:
    number = person_id("Ann Ash")
    named = predict(client, directors=["ANN ASH"], year=2010)
    for one in (number, str(number), f"nm{number}"):
        assert predict(client, directors=[one], year=2010) == named
    assert predict(client, directors=[number], persons=["Cy", 2**40], year=2010)["unknown"] == [str(2**40)]  # fmt: skip


def test_what_is_in_no_film_is_said(client: TestClient) -> None:
    found = predict(
        client, directors=["Nobody", "Cy"], persons=[9], genres=["war", "Opera"], language="xx"
    )
    assert found["unknown"] == ["Nobody", "9", "Opera", "xx"]


def test_money_of_another_country_is_marked(client: TestClient) -> None:
    found = predict(client, country="France")
    assert found["budget"]["is_marked"]
    assert found["budget"]["note"] == "learnt on films of the USA; this is one of France"
    assert not found["rating"]["is_marked"]
    assert not predict(client, country="usa")["budget"]["is_marked"]
    assert (
        predict(client, country="France")["budget"]["value"] == predict(client)["budget"]["value"]
    )


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"duration": 0}, "duration"),
        ({"year": 1492}, "year"),
        ({"year": "soon"}, "year"),
        ({"rating": 11}, "rating"),
        ({"genres": "War"}, "genres"),
        ({"directors": [None]}, "directors.0"),
        ({"directors": ["x"] * 51}, "directors"),
        ({"budget": 1}, "budget"),
    ],
)
def test_a_wrong_field_is_refused_by_name(
    client: TestClient, parts: dict[str, Any], field: str
) -> None:
    status, _, fields = problem(client.post("/film/predict", json=parts))
    assert status == 422
    assert fields
    assert all(name.startswith(field) for name in fields)


def test_a_film_of_the_catalogue_is_predicted_beside_the_truth(client: TestClient) -> None:
    found = client.get("/film/tt0000004/prediction").json()
    assert (found["film_id"], found["year"]) == (4, 2001)
    assert found["rating"]["value"] == pytest.approx(7.0)
    assert found["truth"] == {"rating": 8.0, "budget": 5000000, "budget_currency": "EUR", "gross": None, "gross_currency": None}  # fmt: skip
    assert found["budget"]["is_marked"]
    assert found["learnt_from"] == ["rating"]
    third = client.get("/film/3/prediction").json()
    assert third["rating"]["value"] == pytest.approx(5.5)  # what came before it was no better
    assert third["truth"]["budget_currency"] == "USD"
    assert third["learnt_from"] == ["rating", "budget"]


def test_a_film_without_a_year_has_no_prediction_and_says_why(client: TestClient) -> None:
    found = client.get("/film/6/prediction").json()
    assert [found[name] for name in ("year", "rating", "budget", "gross", "learnt_from")] == [None, None, None, None, []]  # fmt: skip
    assert set(found["reasons"].values()) == {"the year of the film is not known"}


def test_a_film_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert problem(client.get("/film/12345/prediction"))[:2] == (404, "There is no film 12345.")
    assert client.get(f"/film/{2**40}/prediction").status_code == 404


def test_a_build_without_models_answers_with_reasons(tmp_path: Path) -> None:
    with served(publish(tmp_path, FILMS)) as client:
        for found in (predict(client, genres=["War"]), client.get("/film/1/prediction").json()):
            assert [found[name] for name in ("rating", "budget", "gross")] == [None] * 3
            assert set(found["reasons"]) == {"rating", "budget", "gross"}


def test_a_model_of_other_features_is_not_served(tmp_path: Path) -> None:
    known = model("rating", DATED)
    other = known._replace(names=("votes", *known.names[1:]))
    with served(publish(tmp_path, FILMS, prediction=[other])) as client:
        status, detail, _ = problem(client.get("/film/1"))
        assert (status, "cannot be read" in detail) == (503, True)


def test_trees_that_lead_astray_are_not_published(tmp_path: Path) -> None:
    known = model("rating", DATED)
    lefts = known.trees.lefts.copy()
    lefts[3] = 0  # to another tree, and back
    astray = known._replace(trees=known.trees._replace(lefts=lefts))
    with pytest.raises(BuildError, match="prediction_nodes: each leads further on.*: 1 rows"):
        publish(tmp_path, FILMS, prediction=[astray])
