"""Lists of rows, one behind the other: looked up many at once."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]


class Lists:
    """k lists: list i is values[offsets[i] : offsets[i + 1]], int32; offsets (k + 1,) int64."""

    def __init__(self, values: Rows, counts: NDArray[np.int64]) -> None:
        """counts (k,) of the values belong to each list."""
        self.values = values
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

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
