"""The features of films, against plain Python; and that none of them looks into the future."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmkin.prediction.careers import Careers, careers
from filmkin.prediction.features import (
    Vocabulary,
    background,
    features,
    level_before,
    meaning,
    vocabulary,
    words_of,
)
from filmkin.prediction.films import BUDGET, PEOPLE, RATING, ROLES, FilmParts

WORDS = Vocabulary(("Drama", "War"), ("en",))


class Told(NamedTuple):
    """A film, told in Python's own values."""

    year: int
    value: float | None
    people: tuple[tuple[int, ...], ...]  # by role


def parts_of(films: Sequence[Told]) -> FilmParts:
    n = len(films)
    people = {r: [sorted(set(f.people[i])) for f in films] for i, r in enumerate(ROLES)}
    years = [film.year for film in films]
    return FilmParts.of_lists(years, [90] * n, [7.0] * n, [["War"]] * n, ["en"] * n, people)


def values_of(films: Sequence[Told]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([film.value for film in films], dtype=np.float64)


def row_of(film: Told, others: Sequence[Told]) -> dict[str, float]:
    """The features of a film that is asked about, after these."""
    names, matrix = features(
        parts_of([film]), background(parts_of(others), values_of(others)), WORDS, RATING
    )
    return dict(zip(names, matrix[0].tolist(), strict=True))


def level(year: int, films: Sequence[Told]) -> float | None:
    earlier = [f for f in films if f.value is not None and f.year < year]
    window = [f for f in earlier if f.year >= year - 10]
    chosen = window if len(window) >= 20 else earlier
    return sum(f.value or 0.0 for f in chosen) / len(chosen) if chosen else None


def expected(film: Told, films: Sequence[Told]) -> dict[str, float]:
    """The features of people, said again film by film."""
    said: dict[str, float] = {}
    against = [
        None if (of_time := level(f.year, films)) is None or f.value is None else f.value - of_time
        for f in films
    ]
    for i, role in enumerate((*ROLES, PEOPLE)):

        def of(one: Told, i: int = i, role: str = role) -> set[int]:
            return set().union(*one.people) if role == PEOPLE else set(one.people[i])

        people = sorted(of(film))
        past = {
            who: [
                (f, d)
                for f, d in zip(films, against, strict=True)
                if who in of(f) and f.year < film.year and d is not None
            ]
            for who in people
        }
        totals = {who: sum(d for _, d in past[who]) for who in people}
        drawn = [totals[who] / (len(past[who]) + 2) for who in people]
        count = sum(len(of_one) for of_one in past.values())
        last = max((f.year for of_one in past.values() for f, _ in of_one), default=None)
        said |= {
            f"{role}_mean": sum(drawn) / len(drawn) if drawn else 0.0,
            f"{role}_best": max(drawn, default=0.0),
            f"{role}_pooled": sum(totals.values()) / (count + 2),
            f"{role}_films": count,
            f"{role}_most_films": max((len(of_one) for of_one in past.values()), default=0),
            f"{role}_years_since": 50 if last is None else film.year - last,
            f"{role}_persons": len(people),
        }
    return said


PEOPLE_OF_A_ROLE = st.lists(st.integers(1, 5), max_size=3).map(tuple)
TOLD = st.builds(
    Told,
    st.integers(1990, 2004),
    st.none() | st.floats(1, 10).map(lambda value: round(value, 2)),
    st.tuples(PEOPLE_OF_A_ROLE, PEOPLE_OF_A_ROLE, PEOPLE_OF_A_ROLE),
)


@given(st.lists(TOLD, min_size=1, max_size=40))
def test_features_are_what_plain_python_says(films: list[Told]) -> None:
    parts = parts_of(films)
    names, matrix = features(parts, background(parts, values_of(films)), WORDS, RATING)
    assert np.isfinite(matrix).all()
    for row, film in enumerate(films):
        found = dict(zip(names, matrix[row].tolist(), strict=True))
        wanted = expected(film, films)
        assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-9)


@given(st.lists(TOLD, max_size=25), TOLD, st.lists(TOLD, max_size=10))
def test_no_film_of_its_year_or_later_changes_a_film(
    films: list[Told], film: Told, more: list[Told]
) -> None:
    """Not to the last digit: whether they are added, taken away, or come out otherwise."""
    later = [one._replace(year=max(one.year, film.year)) for one in more]
    earlier = [one for one in films if one.year < film.year]
    before = row_of(film, earlier)
    assert row_of(film, [*earlier, *later]) == before
    otherwise = [one._replace(value=9.0, people=((1,), (2,), (3,))) for one in later]
    assert row_of(film, [*otherwise, *earlier]) == before
    # The film itself among them, as it is where the model learns.
    among = [*earlier, film, *later]
    names, matrix = features(
        parts_of(among), background(parts_of(among), values_of(among)), WORDS, RATING
    )
    assert dict(zip(names, matrix[len(earlier)].tolist(), strict=True)) == before


def test_an_earlier_film_does_change_a_later_one() -> None:
    """Else the test above would pass for features that say nothing."""
    film = Told(2000, None, ((1,), (1,), (1,)))
    first = Told(1998, 5.0, ((2,), (2,), (2,)))
    good = Told(1999, 9.0, ((1,), (1,), (1,)))
    before, after = row_of(film, [first]), row_of(film, [first, good])
    changed = {name for name, value in after.items() if value != before[name]}
    assert changed == {f"{r}_{n}" for r in (*ROLES, PEOPLE) for n in ("mean", "best", "pooled", "films", "most_films", "years_since")}  # fmt: skip


def test_what_is_not_known_is_said_and_is_never_nan() -> None:
    unknown = FilmParts.of_lists([2000], [None], [None], [[]], [None], {})
    past = background(FilmParts.nothing(), np.zeros(0))
    names, matrix = features(unknown, past, WORDS, BUDGET)
    found = dict(zip(names, matrix[0].tolist(), strict=True))
    assert np.isfinite(matrix).all()
    assert {n: v for n, v in found.items() if n.endswith("known")} == {
        "duration_known": 0, "language_known": 0, "rating_known": 0,
    }  # fmt: skip
    assert {n: found[n] for n in ("genres", "genre Drama", "language en", "cast_persons")} == dict.fromkeys(("genres", "genre Drama", "language en", "cast_persons"), 0)  # fmt: skip


def test_only_a_budget_is_told_by_the_rating() -> None:
    past = background(FilmParts.nothing(), np.zeros(0))
    told = {t for t in ("rating", "budget", "gross") if "rating" in features(FilmParts.nothing(), past, WORDS, t).names}  # fmt: skip
    assert told == {"budget"}


def test_every_feature_has_a_meaning_and_names_hold_the_vocabulary() -> None:
    past = background(FilmParts.nothing(), np.zeros(0))
    names = features(FilmParts.nothing(), past, WORDS, BUDGET).names
    assert len(set(names)) == len(names)
    assert all(meaning(name) for name in names)
    assert words_of(names) == WORDS
    films = FilmParts.of_lists([1, 2, 3], [1] * 3, [1] * 3, [["War"], ["War", "Drama"], []], ["en", None, "ko"], {})  # fmt: skip
    assert vocabulary(films, 2) == (("War",), ())


def test_a_level_is_of_the_ten_years_before_where_those_have_films_enough() -> None:
    years = np.array([1950] * 5 + [1995] * 20)
    found = careers(np.zeros(25, dtype=np.int64), years, np.array([1.0] * 5 + [3.0] * 20))
    asked = np.array([1950, 1951, 1996, 2005, 2006])
    # In 2006 the window holds none: then all earlier films count.
    assert np.isnan(level_before(found, asked[:1])).all()
    assert level_before(found, asked[1:]).tolist() == [1, 3, 3, 2.6]


def test_a_long_career_is_summed_as_a_short_one() -> None:
    generator = np.random.default_rng(1)
    years, values = np.arange(1000, 1300), generator.normal(size=300)
    persons = np.repeat([7, 9], 150)
    found = careers(persons, years, values)
    expected_totals = [sum(values[start : place + 1].tolist()) for start in (0, 150) for place in range(start, start + 150)]  # fmt: skip
    assert found.totals.tolist() == expected_totals
    past = found.before(np.array([7, 9, 8, 7]), np.array([1150, 1151, 2000, 1000]))
    assert past.films.tolist() == [150, 1, 0, 0]
    assert past.last_years.tolist() == [1149, 1150, 0, 0]


def test_careers_out_of_order_are_refused() -> None:
    two = np.array([1, 1])
    with pytest.raises(ValueError, match="not in the order of person and year"):
        Careers(two, np.array([2000, 2000]), two, np.zeros(2))
