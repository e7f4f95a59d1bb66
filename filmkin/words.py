"""Texts in memory: which of them have a word that holds a part, and which are a given text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from filmkin.patterns import lower

Rows = NDArray[np.int32]


class Texts:
    """n texts or nulls, one behind the other in UTF-8."""

    def __init__(self, data: bytes, lengths: NDArray[np.int64]) -> None:
        """`lengths` (n,) of the texts in bytes; -1 of a null."""
        self._data = data
        self._is_null = lengths < 0
        self._offsets = np.concatenate([[0], np.cumsum(np.maximum(lengths, 0))]).astype(np.int64)

    def __len__(self) -> int:
        return len(self._is_null)

    def __getitem__(self, row: int) -> str | None:
        return None if self._is_null[row] else self.bytes_at(row).decode()

    def bytes_at(self, row: int) -> bytes:
        """The text in UTF-8; empty for a null."""
        return self._data[self._offsets[row] : self._offsets[row + 1]]

    def equal_to(self, text: str) -> range:
        """The rows whose text is `text` in upper or lower case.

        For texts without nulls in the order of their bytes in lower case.
        """
        key = lower(text).encode()
        rows = range(len(self))
        first = bisect_left(rows, key, key=self._key)
        return range(first, bisect_right(rows, key, lo=first, key=self._key))

    def _key(self, row: int) -> bytes:
        return lower(self.bytes_at(row).decode()).encode()


class WordIndex:
    """The rows, 0 to n - 1, in which each of w words occurs.

    The rows of word i are rows[offsets[i] : offsets[i + 1]], int32 ascending; offsets (w + 1,).
    """

    def __init__(self, words: bytes, counts: NDArray[np.int64], rows: Rows, n: int) -> None:
        """`words` end with a line break each, in UTF-8; `counts` (w,) of `rows` belong to each."""
        self._joined = words
        breaks = np.flatnonzero(np.frombuffer(words, np.uint8) == ord("\n"))
        self._ends = breaks.astype(np.int64)
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self._rows = rows
        self._n = n

    def candidates(self, parts: Sequence[str], most: int | None = None) -> Rows | None:
        """The rows that have a word with each of the parts, ascending; None when all may.

        A part of one letter leaves out next to nothing, and is not looked for; nor is one that
        occurs more than `most` times.
        """
        found: Rows | None = None
        for part in parts[:_MOST_PARTS]:
            if len(part) > 1 and (found is None or len(found) > _FEW):
                rows = self._with(part, most)
                if rows is not None:
                    found = rows if found is None else np.intersect1d(found, rows, True)
        return found

    def _with(self, part: str, most: int | None) -> Rows | None:
        """The rows that have a word with this part; None when they are more than `most`."""
        needle, positions = part.encode(), []
        at = self._joined.find(needle)
        while at >= 0:
            positions.append(at)
            if most is not None and len(positions) > most // _OFTEN:
                return None
            at = self._joined.find(b"\n", at)  # on to the next word
            at = self._joined.find(needle, at)
        words = np.searchsorted(self._ends, positions)
        starts, stops = self._offsets[words], self._offsets[words + 1]
        count = int((stops - starts).sum())
        if most is not None and count > most:
            return None
        spans = [self._rows[start:stop] for start, stop in zip(starts, stops, strict=True)]
        if count <= _FEW_OF_MANY * self._n:
            return np.unique(np.concatenate(spans)) if spans else np.empty(0, np.int32)
        found = np.zeros(self._n, dtype=bool)
        found[np.concatenate(spans)] = True
        return np.flatnonzero(found).astype(np.int32)


_MOST_PARTS = 4  # the longest come first, and leave out most
_OFTEN = 10  # words that hold the same part occur so often each, about

# A share of all rows: more of them are marked faster than sorted.
_FEW_OF_MANY = 0.01
# So few are tried faster than left out by one more part.
_FEW = 200
