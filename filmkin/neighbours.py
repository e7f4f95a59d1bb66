"""One film against all others, in memory: the films' vectors turned round, by token; or any vector.

A film is compared only with the films that share a token with it, token after token
(term-at-a-time scoring over an inverted index: Manning, Raghavan and Schuetze, "Introduction to
Information Retrieval", 2008, chapter 7.1). The sum, its order and its rounding are those of
`filmkin.similarity`: the same pair has the same similarity here and there, to the last bit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from filmkin.catalogue import SIMILARITY_DECIMALS
from filmkin.lists import Lists


class Neighbours(NamedTuple):
    """A page of a film's neighbours: similarity descending, then film_id; `total` of all pages.

    film_ids (k,) int32; similarities (k,) float64 in (0, 1].
    """

    film_ids: NDArray[np.int32]
    similarities: NDArray[np.float64]
    total: int


class Components(NamedTuple):
    """The c components of some vectors, tokens ascending.

    vectors (c,) say which of them it is, from 0; tokens (c,) int32; weights (c,) float64.
    """

    vectors: NDArray[np.intp]
    tokens: NDArray[np.int32]
    weights: NDArray[np.float64]


class InvertedIndex:
    """The unit vectors of n films over m tokens, as the postings of each token.

    film_ids (n,) int32 ascending; offsets (m + 1,) int32. The films of token t are
    rows[offsets[t] : offsets[t + 1]], int32 ascending, and weights beside them, float64. The vector
    of film i is at places[bounds[i] : bounds[i + 1]] of these, int32.
    """

    def __init__(
        self,
        film_ids: NDArray[np.int32],
        token_ids: NDArray[np.int32],
        weights: NDArray[np.float64],
    ) -> None:
        """From the vectors' c components, three (c,) arrays, with film_ids ascending.

        A film without a component is not known here, and similar to none.
        """
        assert bool((film_ids[1:] >= film_ids[:-1]).all())
        first = np.ones(len(film_ids), dtype=bool)  # where a film begins
        np.not_equal(film_ids[1:], film_ids[:-1], out=first[1:])
        starts = np.flatnonzero(first)
        bounds = np.append(starts, len(film_ids)).astype(np.int32)
        self.film_ids = film_ids[starts]
        rows = np.repeat(np.arange(len(starts), dtype=np.int32), np.diff(bounds))
        by_token = np.argsort(token_ids, kind="stable")
        self._rows, self._weights = rows[by_token], weights[by_token]
        places = np.empty(len(by_token), dtype=np.int32)
        places[by_token] = np.arange(len(by_token), dtype=np.int32)
        self._vectors = Lists(places, np.diff(bounds))
        counts = np.bincount(token_ids, minlength=1)
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        # The same arrays, as a matrix of films by tokens.
        shape = (len(starts), len(counts))
        self._postings = sparse.csc_array((self._weights, self._rows, self._offsets), shape)

    @property
    def nbytes(self) -> int:
        """What it holds in memory, in bytes."""
        parts = (self.film_ids, self._offsets, self._rows, self._weights, self._vectors)
        return sum(part.nbytes for part in parts)

    def components(self, rows: NDArray[np.intp]) -> Components:
        """The vectors of these films."""
        places = self._vectors.of(rows)
        order = np.argsort(places)  # by token, for postings are
        places = places[order]
        tokens = np.searchsorted(self._offsets, places, side="right") - 1
        vectors = np.repeat(np.arange(len(rows)), self._vectors.counts(rows))[order]
        return Components(vectors, tokens.astype(np.int32), self._weights[places])

    def products(
        self, tokens: NDArray[np.int32], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(n,) dot products with a vector of any length: its tokens, each once, and weights."""
        return np.asarray(self._postings[:, tokens] @ weights, dtype=np.float64)

    def neighbours(
        self,
        film_id: int,
        token_ids: Sequence[int],
        weights: Sequence[float],
        threshold: float,
        offset: int,
        limit: int,
    ) -> Neighbours:
        """The films at or above a threshold to the film with this vector: `limit` after `offset`.

        The vector as in `similarities`; threshold in [0, 1], offset >= 0, limit >= 1. The film
        itself and a similarity of 0 are never among them.
        """
        cosines = self.similarities(token_ids, weights)
        rows = np.flatnonzero((cosines >= threshold) & (cosines > 0) & (self.film_ids != film_id))
        page = rows[_descending(cosines[rows], offset, limit)]
        return Neighbours(self.film_ids[page], cosines[page], len(rows))

    def similarities(
        self, token_ids: Sequence[int], weights: Sequence[float]
    ) -> NDArray[np.float64]:
        """(n,) cosines in [0, 1] with a unit vector: its tokens, ascending, and their weights."""
        sums = np.zeros(len(self.film_ids))
        for token_id, weight in zip(token_ids, weights, strict=True):
            postings = slice(self._offsets[token_id], self._offsets[token_id + 1])
            np.add.at(sums, self._rows[postings], weight * self._weights[postings])
        return np.minimum(np.round(sums, SIMILARITY_DECIMALS), 1.0)


def _descending(values: NDArray[np.float64], offset: int, limit: int) -> NDArray[np.intp]:
    """Indices of the values ranked offset to offset + limit, largest first, ties as they stand.

    Sorts only what lies between the first and the last value of the page.
    """
    start, stop = offset, min(offset + limit, len(values))
    if start >= stop:
        return np.empty(0, dtype=np.intp)
    keys = -values
    ranked = np.partition(keys, (start, stop - 1))
    first, last = ranked[start], ranked[stop - 1]
    before = int(np.count_nonzero(keys < first))
    between = np.flatnonzero((keys >= first) & (keys <= last))
    between = between[np.argsort(keys[between], kind="stable")]
    return between[start - before : stop - before]
