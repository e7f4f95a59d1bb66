"""Rows, by the ids they stand for, and lists of them, one behind the other: many at once."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]


def rows_in(sorted_ids: NDArray[np.int32], ids: NDArray[np.integer]) -> NDArray[np.intp]:
    """(k,) the row of each of the ids among those that ascend, -1 for those that are not there."""
    if not len(sorted_ids):
        return np.full(len(ids), -1, dtype=np.intp)
    rows = np.minimum(np.searchsorted(sorted_ids, ids), len(sorted_ids) - 1)
    return np.where(sorted_ids[rows] == ids, rows, -1)


def row_in(sorted_ids: NDArray[np.int32], one: int) -> int:
    """The row of an id among those that ascend, of whatever size it is, or -1."""
    # A number of another type would have all of them converted to its type first.
    if not len(sorted_ids) or not sorted_ids[0] <= one <= sorted_ids[-1]:
        return -1
    row = int(np.searchsorted(sorted_ids, np.int32(one)))
    return row if int(sorted_ids[row]) == one else -1


class Lists:
    """k lists: list i is values[offsets[i] : offsets[i + 1]], int32; offsets (k + 1,) int64."""

    def __init__(self, values: Rows, counts: NDArray[np.int64]) -> None:
        """counts (k,) of the values belong to each list."""
        self.values = values
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    @property
    def nbytes(self) -> int:
        """What they hold in memory, in bytes."""
        return self.values.nbytes + self._offsets.nbytes

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def counts(self, rows: NDArray[np.integer]) -> NDArray[np.int64]:
        """How many values each of these lists has."""
        rows = np.asarray(rows, dtype=np.intp)
        counts: NDArray[np.int64] = self._offsets[rows + 1] - self._offsets[rows]
        return counts

    def of(self, rows: NDArray[np.integer]) -> Rows:
        """The values of these lists, one list behind the other."""
        counts = self.counts(rows)
        ends = np.cumsum(counts)
        # By how much the place of each value lies further on here than in what is found.
        shifts = self._offsets[np.asarray(rows, dtype=np.intp)] - (ends - counts)
        total = int(ends[-1]) if len(ends) else 0
        values: Rows = self.values[np.arange(total) + np.repeat(shifts, counts)]
        return values
