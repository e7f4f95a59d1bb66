"""Search criteria as values: criteria -> (SQL condition, its parameters).

A parameter is always bound; the SQL text is made of this module's own words.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.models import SearchCriteria

PATTERN_FIELDS = ("title", "genre", "person")


class Where(NamedTuple):
    """A condition and its parameters by name."""

    sql: str
    parameters: Mapping[str, Any]


# Criterion -> condition on `films`, where :value is the criterion's own parameter. A null year,
# duration or rating makes its comparison null, and so fails it.
_CONDITIONS = {
    "title": "regexp_matches(title, :value, 'i')",
    "genre": "len(list_filter(genres, lambda x: regexp_matches(x, :value, 'i'))) > 0",
    "person": "len(list_filter(persons, lambda x: regexp_matches(x, :value, 'i'))) > 0",
    "genres": (
        "list_has_all(list_transform(genres, lambda x: lower(x)),"
        " list_transform(:value, lambda x: lower(x)))"
    ),
    "persons": (
        "list_has_all(list_transform(persons, lambda x: lower(x)),"
        " list_transform(:value, lambda x: lower(x)))"
    ),
    "earliest_date": "year >= :value",
    "latest_date": "year <= :value",
    "min_duration": "duration >= :value",
    "max_duration": "duration <= :value",
    "min_rating": "rating >= :value",
    "max_rating": "rating <= :value",
    "vote_count": "vote_count >= :value",
}


def where(criteria: SearchCriteria) -> Where:
    """The condition that films must meet; `true` when nothing is asked."""
    asked = {
        name: value for name in _CONDITIONS if (value := getattr(criteria, name)) not in (None, [])
    }
    conditions = [_CONDITIONS[name].replace(":value", f":{name}") for name in asked]
    return Where(" AND ".join(conditions) or "true", asked)


def patterns(criteria: SearchCriteria) -> dict[str, str]:
    """The regular expressions among the criteria, by field."""
    given = {name: getattr(criteria, name) for name in PATTERN_FIELDS}
    return {name: pattern for name, pattern in given.items() if pattern is not None}
