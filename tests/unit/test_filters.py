"""Criteria -> SQL and parameters, without a database."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from api.db.filters import where
from api.models import SearchCriteria


@pytest.mark.parametrize(
    ("criteria", "sql", "parameters"),
    [
        ({}, "true", {}),
        ({"title": "x"}, "regexp_matches(title, :title, 'i')", {"title": "x"}),
        (
            {"genre": "dra"},
            "len(list_filter(genres, lambda x: regexp_matches(x, :genre, 'i'))) > 0",
            {"genre": "dra"},
        ),
        ({"persons": []}, "true", {}),
        (
            {"genres": ["Drama"]},
            "list_has_all(list_transform(genres, lambda x: lower(x)),"
            " list_transform(:genres, lambda x: lower(x)))",
            {"genres": ["Drama"]},
        ),
        (
            {"earliest_date": "1977-01-01", "max_duration": 0},
            "year >= :earliest_date AND duration <= :max_duration",
            {"earliest_date": date(1977, 1, 1), "max_duration": 0},
        ),
        ({"min_rating": 0}, "rating >= :min_rating", {"min_rating": 0.0}),
        (
            {"title": "x') OR 1=1 --", "vote_count": 5},
            "regexp_matches(title, :title, 'i') AND vote_count >= :vote_count",
            {"title": "x') OR 1=1 --", "vote_count": 5},
        ),
    ],
)
def test_criteria_become_a_condition_and_bound_parameters(
    criteria: dict[str, Any], sql: str, parameters: dict[str, Any]
) -> None:
    assert where(SearchCriteria(**criteria)) == (sql, parameters)


def test_every_criterion_has_a_condition() -> None:
    some: dict[str, Any] = {
        "title": "x",
        "genre": "x",
        "person": "x",
        "genres": ["x"],
        "persons": ["x"],
        "earliest_date": date(2000, 1, 1),
        "latest_date": date(2000, 1, 1),
    }
    some |= dict.fromkeys(set(SearchCriteria.model_fields) - set(some), 1)
    condition, parameters = where(SearchCriteria(**some))
    assert set(parameters) == set(SearchCriteria.model_fields)
    assert all(f":{name}" in condition for name in parameters)


@pytest.mark.parametrize(
    ("criteria", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"genres": ["x"] * 51}, "genres"),
        ({"persons": [""]}, "persons"),
        ({"min_rating": 11}, "min_rating"),
        ({"max_rating": float("inf")}, "max_rating"),
        ({"vote_count": -1}, "vote_count"),
        ({"min_duration": 2**31}, "min_duration"),
        ({"earliest_date": "1990"}, "earliest_date"),
        ({"earliest_date": 1990}, "earliest_date"),
        ({"earliest_date": "0946684800"}, "earliest_date"),
        ({"earliest_date": "10000-01-01"}, "earliest_date"),
        ({"latest_date": "2000-02-30"}, "latest_date"),
        ({"genre": "\ud800"}, "genre"),
        ({"director": "x"}, "director"),
    ],
)
def test_a_bad_criterion_is_refused_by_name(criteria: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        SearchCriteria(**criteria)
    assert {error["loc"][0] for error in refused.value.errors()} == {field}


def test_a_range_upside_down_names_both_ends() -> None:
    with pytest.raises(
        ValidationError, match=r"max_rating\n.*min_rating 8.0 is above max_rating 7.0"
    ):
        SearchCriteria(min_rating=8, max_rating=7)
