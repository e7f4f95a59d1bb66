"""The cross join against the dense product."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from filmkin.errors import SettingError
from filmkin.features import FieldShares, FilmFeatures, film_features
from filmkin.similarity import Pairs, SimilaritySettings, blocks, film_index, similar_pairs
from tests.world import Film, feature_columns, film

words = st.sampled_from(["ash", "birch", "cedar", "oak", "elm"])
titles = st.lists(words, min_size=1, max_size=3).map(" ".join)
names = st.lists(st.sampled_from(["Ann", "Bob", "Cy", "Dee"]), unique=True, max_size=4)
genres = st.lists(st.sampled_from(["Drama", "War", "Comedy"]), unique=True, max_size=3)
ratings = st.sampled_from([Decimal("6.00"), Decimal("6.30"), Decimal("7.50")])
years = st.sampled_from([date(1970, 1, 1), date(1977, 1, 1), date(2001, 1, 1)])
# As shipped, with common fields that count for most, and without some fields.
share_sets = st.sampled_from(
    [
        FieldShares(),
        FieldShares(0.1, 0.1, 0.1, 0.3, 0.2, 0.2),
        FieldShares(0, 0, 0, 1, 1, 1),
        FieldShares(1, 1, 1, 0, 0, 0),
        FieldShares(0, 0, 1, 0, 1, 0),
    ]
)


@st.composite
def worlds(draw: st.DrawFn) -> list[Film]:
    ids = draw(st.lists(st.integers(1, 10**6), unique=True, min_size=1, max_size=12))
    return [
        film(
            film_id,
            draw(st.none() | titles),
            genres=draw(genres),
            persons=draw(names),
            rating=draw(st.none() | ratings),
            year=draw(st.none() | years),
        )
        for film_id in ids
    ]


def features_of(films: list[Film], shares: FieldShares | None = None) -> FilmFeatures:
    return film_features(feature_columns(films), shares or FieldShares())


def pairs_of(
    features: FilmFeatures, floor: float, most: int | None = None, size: int = 1000
) -> Pairs:
    index = film_index(features)
    parts = [
        similar_pairs(index, *span, floor, most) for span in blocks(len(features.film_ids), size)
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def in_one_fixed_order(features: FilmFeatures) -> NDArray[np.float64]:
    """All cosines, each added up token by token in ascending order, and rounded."""
    dense = features.matrix.toarray()
    sums = np.zeros((len(dense), len(dense)))
    for token in range(dense.shape[1]):
        sums += np.outer(dense[:, token], dense[:, token])
    return np.minimum(np.round(sums, 9), 1.0)


def expected_pairs(
    features: FilmFeatures, floor: float, most: int | None
) -> list[tuple[int, int, float]]:
    pairs = []
    for row, similarities in enumerate(in_one_fixed_order(features)):
        there = [
            (row, other, float(similarity))
            for other, similarity in enumerate(similarities)
            if other != row and similarity > 0 and similarity >= floor
        ]
        pairs += sorted(there, key=lambda pair: (-pair[2], pair[1]))[:most]
    return pairs


def as_tuples(pairs: Pairs) -> list[tuple[int, int, float]]:
    return list(zip(*(column.tolist() for column in pairs), strict=True))


@given(worlds(), share_sets, st.floats(0, 1), st.none() | st.integers(1, 6), st.integers(1, 13))
def test_pairs_are_to_the_bit_those_of_the_dense_product(
    films: list[Film], shares: FieldShares, floor: float, most: int | None, size: int
) -> None:
    features = features_of(films, shares)
    found = as_tuples(pairs_of(features, floor, most, size))
    assert found == expected_pairs(features, floor, most)


@given(worlds(), share_sets)
def test_a_floor_that_is_a_similarity_is_reached_by_it(
    films: list[Film], shares: FieldShares
) -> None:
    features = features_of(films, shares)
    for _, _, similarity in as_tuples(pairs_of(features, 0.0))[:3]:
        found = as_tuples(pairs_of(features, similarity))
        assert found == expected_pairs(features, similarity, None)


@given(worlds(), share_sets)
def test_pairs_are_symmetric_to_the_bit_in_range_and_in_order(
    films: list[Film], shares: FieldShares
) -> None:
    pairs = as_tuples(pairs_of(features_of(films, shares), 0.0))
    assert {(other, row, s) for row, other, s in pairs} == set(pairs)
    assert all(0 < s <= 1 for _, _, s in pairs)
    assert all(row != other for row, other, _ in pairs)
    assert pairs == sorted(pairs, key=lambda pair: (pair[0], -pair[2], pair[1]))


@given(worlds(), st.integers(1, 4))
def test_with_a_cap_a_pair_is_missing_one_way_only_where_the_other_film_has_better(
    films: list[Film], most: int
) -> None:
    stored: dict[int, list[tuple[float, int]]] = {}
    for row, other, similarity in as_tuples(pairs_of(features_of(films), 0.0, most)):
        stored.setdefault(row, []).append((-similarity, other))
    for row, places in stored.items():
        for place, other in places:
            if (place, row) not in stored[other]:
                assert len(stored[other]) == most
                assert max(stored[other]) < (place, row)


def test_identical_films_have_1_and_disjoint_ones_no_pair() -> None:
    twin = {"genres": ["War"], "persons": ["Ann"], "rating": None}
    films = [
        film(1, "Ash", **twin),
        film(2, "Ash", **twin),
        film(3, "Oak", rating=None, year=None),
    ]
    assert as_tuples(pairs_of(features_of(films), 0.0)) == [(0, 1, 1.0), (1, 0, 1.0)]


def test_films_of_which_only_the_genre_is_known_are_identical_and_come_by_id() -> None:
    nothing = {"rating": None, "year": None}
    films = [film(n, None, **nothing) for n in range(1, 40)]
    films.append(film(40, "Oak", persons=["Ann"]))
    pairs = as_tuples(pairs_of(features_of(films), 0.1, most=3))
    assert [pair for pair in pairs if pair[0] == 1] == [(1, 0, 1.0), (1, 2, 1.0), (1, 3, 1.0)]
    assert [pair for pair in pairs if pair[0] == 38] == [(38, 0, 1.0), (38, 1, 1.0), (38, 2, 1.0)]


def test_a_catalogue_too_large_stores_the_best_of_each_film() -> None:
    settings = SimilaritySettings(max_similar=7, whole_up_to=1000)
    assert (settings.most_of(1000), settings.most_of(1001)) == (None, 7)


@pytest.mark.parametrize(
    "values", [{"min_similarity": 0.0}, {"min_similarity": 1.1}, {"max_similar": 0}]
)
def test_settings_that_mean_nothing_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(values))):
        SimilaritySettings(**values)


def test_blocks_cover_all_films_once() -> None:
    assert blocks(7, 3) == [(0, 3), (3, 6), (6, 7)]
    assert blocks(0, 3) == []
