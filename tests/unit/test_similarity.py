"""The blocked product against the dense product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from filmkin.features import FieldShares, film_features
from filmkin.similarity import Pairs, blocks, similar_pairs
from tests.world import Film, feature_columns, film

words = st.sampled_from(["ash", "birch", "cedar", "oak", "elm"])
titles = st.lists(words, min_size=1, max_size=3).map(" ".join)
names = st.lists(st.sampled_from(["Ann", "Bob", "Cy", "Dee"]), unique=True, max_size=4)
genres = st.lists(st.sampled_from(["Drama", "War", "Comedy"]), unique=True, min_size=1, max_size=3)


@st.composite
def worlds(draw: st.DrawFn) -> list[Film]:
    ids = draw(st.lists(st.integers(1, 10**6), unique=True, min_size=1, max_size=12))
    return [
        film(film_id, draw(titles), genres=draw(genres), persons=draw(names)) for film_id in ids
    ]


def matrix_of(films: list[Film]) -> csr_array:
    return film_features(feature_columns(films), FieldShares()).matrix


def pairs_of(matrix: csr_array, floor: float, size: int = 1000) -> Pairs:
    transposed = matrix.T.tocsr()
    parts = [
        similar_pairs(matrix, transposed, *span, floor) for span in blocks(matrix.shape[0], size)
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


@given(worlds(), st.floats(0, 1))
def test_pairs_are_those_of_the_dense_product(films: list[Film], floor: float) -> None:
    matrix = matrix_of(films)
    dense = matrix.toarray() @ matrix.toarray().T
    rows, others, similarities = pairs_of(matrix, floor)
    found = dict(zip(zip(rows.tolist(), others.tolist(), strict=True), similarities, strict=True))
    for (row, other), cosine in np.ndenumerate(dense):
        if row == other or cosine < min(floor - 1e-6, 1e-12):
            assert (row, other) not in found
        elif cosine > floor + 1e-6 and cosine > 1e-6:
            assert found[row, other] == pytest.approx(cosine, abs=1e-6)


@given(worlds(), st.integers(1, 12))
def test_the_size_of_a_block_changes_nothing(films: list[Film], size: int) -> None:
    matrix = matrix_of(films)
    for whole, blocked in zip(pairs_of(matrix, 0.1), pairs_of(matrix, 0.1, size), strict=True):
        np.testing.assert_array_equal(whole, blocked)


@given(worlds())
def test_pairs_are_symmetric_to_the_bit_in_range_and_in_order(films: list[Film]) -> None:
    rows, others, similarities = pairs_of(matrix_of(films), 0.0)
    pairs = list(zip(rows.tolist(), others.tolist(), similarities.tolist(), strict=True))
    assert {(other, row, s) for row, other, s in pairs} == set(pairs)
    assert all(0 < s <= 1 for _, _, s in pairs)
    assert all(row != other for row, other, _ in pairs)
    assert pairs == sorted(pairs, key=lambda pair: (pair[0], -pair[2], pair[1]))


def test_identical_films_have_1_and_disjoint_ones_no_pair() -> None:
    twin = {"genres": ["War"], "persons": ["Ann"], "rating": None}
    films = [film(1, "Ash", **twin), film(2, "Ash", **twin), film(3, "Oak", rating=None)]
    rows, others, similarities = pairs_of(matrix_of(films), 0.0)
    assert (rows.tolist(), others.tolist(), similarities.tolist()) == ([0, 1], [1, 0], [1.0, 1.0])


def test_blocks_cover_all_films_once() -> None:
    assert blocks(7, 3) == [(0, 3), (3, 6), (6, 7)]
    assert blocks(0, 3) == []
