"""One film against all others: the inverted index against the dense product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from filmkin.catalogue import SIMILARITY_DECIMALS
from filmkin.neighbours import InvertedIndex

Found = list[tuple[int, float]]

NOTHING = np.empty(0, dtype=np.int32)


class Catalogue:
    """n films over m tokens: film_ids (n,) ascending, vectors (n, m), each of length 1 or 0."""

    def __init__(self, film_ids: list[int], weights: NDArray[np.float64]) -> None:
        lengths = np.linalg.norm(weights, axis=1, keepdims=True)
        self.film_ids = np.array(film_ids, dtype=np.int32)
        self.vectors = weights / np.where(lengths == 0, 1, lengths)
        rows, tokens = np.nonzero(self.vectors)
        self.index = InvertedIndex(
            self.film_ids[rows], tokens.astype(np.int32), self.vectors[rows, tokens]
        )

    def cosines(self, row: int) -> NDArray[np.float64]:
        """The dense product, token after token."""
        sums = np.zeros(len(self.vectors))
        for token in range(self.vectors.shape[1]):
            sums += self.vectors[row, token] * self.vectors[:, token]
        return np.minimum(np.round(sums, SIMILARITY_DECIMALS), 1.0)

    def expected(self, row: int, threshold: float) -> Found:
        pairs = zip(self.film_ids.tolist(), self.cosines(row).tolist(), strict=True)
        own = self.film_ids[row]
        found = [(other, s) for other, s in pairs if s >= threshold and s > 0 and other != own]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def found(
        self, row: int, threshold: float, offset: int = 0, limit: int = 1000
    ) -> tuple[Found, int]:
        tokens = np.flatnonzero(self.vectors[row])
        page = self.index.neighbours(
            int(self.film_ids[row]),
            tokens.tolist(),
            self.vectors[row, tokens].tolist(),
            threshold,
            offset,
            limit,
        )
        pairs = zip(page.film_ids.tolist(), page.similarities.tolist(), strict=True)
        return list(pairs), page.total


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Few tokens and few weights: many films tie, and some have no vector."""
    films, tokens = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    ids = draw(st.lists(st.integers(0, 2**31 - 1), unique=True, min_size=films, max_size=films))
    weights = draw(arrays(np.float64, (films, tokens), elements=st.sampled_from([0.0, 0, 1, 2, 5])))
    return Catalogue(sorted(ids), weights)


@given(catalogues(), st.data())
def test_every_page_at_every_threshold_is_that_of_the_dense_product(
    films: Catalogue, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(films.film_ids) - 1))
    threshold = data.draw(st.floats(0, 1) | st.sampled_from(films.cosines(row).tolist()))
    offset, limit = data.draw(st.integers(0, 13)), data.draw(st.integers(1, 13))
    expected = films.expected(row, threshold)
    page, total = films.found(row, threshold, offset, limit)
    assert (page, total) == (expected[offset : offset + limit], len(expected))


@given(catalogues())
def test_a_pair_has_the_same_similarity_from_both_sides(films: Catalogue) -> None:
    pairs = {
        (int(own), other, similarity)
        for row, own in enumerate(films.film_ids)
        for other, similarity in films.found(row, 0)[0]
    }
    assert {(other, own, similarity) for own, other, similarity in pairs} == pairs


@given(catalogues(), st.integers(1, 5))
def test_pages_put_together_are_the_whole(films: Catalogue, limit: int) -> None:
    whole, total = films.found(0, 0)
    pages = [films.found(0, 0, offset, limit) for offset in range(0, total, limit)]
    assert [film for page, _ in pages for film in page] == whole
    assert {count for _, count in pages} <= {total}


def test_films_that_are_all_alike_come_in_the_order_of_their_ids() -> None:
    films = Catalogue(list(range(10, 1010)), np.ones((1000, 3)))
    page, total = films.found(0, 1, offset=500, limit=3)
    assert (page, total) == ([(511, 1.0), (512, 1.0), (513, 1.0)], 999)


def test_beyond_the_last_film_there_is_none_and_all_are_counted() -> None:
    films = Catalogue([1, 2, 3], np.ones((3, 1)))
    for offset in (2, 3, 2**31 - 1):
        assert films.found(0, 0, offset) == ([], 2)


def test_a_film_without_a_vector_is_similar_to_none() -> None:
    films = Catalogue([1, 2, 3], np.array([[1.0, 1], [0, 0], [1, 0]]))
    assert films.found(1, 0) == ([], 0)
    assert films.found(0, 0) == ([(3, 0.707106781)], 1)


def test_where_no_film_has_a_vector_none_is_found() -> None:
    index = InvertedIndex(NOTHING, NOTHING, np.empty(0))
    assert index.neighbours(1, [], [], 0.0, 0, 10).total == 0


def test_components_out_of_the_order_of_films_are_refused() -> None:
    with pytest.raises(AssertionError):
        InvertedIndex(np.array([2, 1], np.int32), np.zeros(2, np.int32), np.ones(2))
