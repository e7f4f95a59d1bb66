"""Exact cosine similarity: a block of films against all films.

Films are unit vectors, so a cosine is a dot product. Every pair is summed in float64 in ascending
order of token and rounded to 9 decimals before anything is compared with it: neither the size of
a block nor the number of workers nor the direction of the pair can change an answer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

DECIMALS = 9
# A product is nearly dense, for most films share a genre: this bounds it to some 200 MB.
_PRODUCT_ENTRIES = 8_000_000


class Pairs(NamedTuple):
    """Pairs of rows, in order of row, then similarity descending, then other; float64 in (0, 1]."""

    rows: NDArray[np.int64]
    others: NDArray[np.int64]
    similarities: NDArray[np.float64]


def similar_pairs(
    matrix: csr_array, transposed: csr_array, start: int, stop: int, floor: float
) -> Pairs:
    """All pairs of a row in start..stop with any other row, at or above `floor`.

    `matrix` is (n, m) with unit rows and ascending column indices, `transposed` its (m, n)
    transpose in rows. A similarity of 0 is no pair, whatever the floor.
    """
    step = max(1, _PRODUCT_ENTRIES // max(1, matrix.shape[0]))
    parts = [
        _product_pairs(matrix, transposed, begin, min(begin + step, stop), floor)
        for begin in range(start, stop, step)
    ]
    return Pairs(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _product_pairs(
    matrix: csr_array, transposed: csr_array, start: int, stop: int, floor: float
) -> Pairs:
    # Row i of the product adds up x[i, k] * x[j, k] in the order in which row i names k: ascending.
    product = csr_array(matrix[start:stop] @ transposed)
    similarities = np.minimum(np.round(product.data, DECIMALS), 1.0)
    rows = np.repeat(np.arange(start, stop), np.diff(product.indptr))
    others = product.indices
    kept = np.flatnonzero((similarities >= floor) & (similarities > 0) & (others != rows))
    rows, others, similarities = rows[kept], others[kept], similarities[kept]
    order = np.lexsort((others, -similarities, rows))
    return Pairs(rows[order], others[order].astype(np.int64), similarities[order])


def blocks(films: int, size: int) -> list[tuple[int, int]]:
    """(start, stop) of consecutive blocks of at most `size` rows that cover all of `films` rows."""
    return [(start, min(start + size, films)) for start in range(0, films, size)]
