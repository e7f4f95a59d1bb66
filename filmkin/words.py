"""Texts in memory: which of them have a word that holds a part, and which are a given text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Lists, Rows
from filmkin.patterns import folded


class Texts:
    """n texts or nulls, one behind the other in UTF-8."""

    def __init__(self, data: bytes, lengths: NDArray[np.int64], in_order: Rows) -> None:
        """`lengths` (n,) of the texts in bytes, -1 of a null; the rows that are not null in order.

        In the order of `key_of`, that is.
        """
        self._data = data
        self._in_order = in_order
        self._is_null = lengths < 0
        self._offsets = np.concatenate([[0], np.cumsum(np.maximum(lengths, 0))]).astype(np.int64)

    def __len__(self) -> int:
        return len(self._is_null)

    def __getitem__(self, row: int) -> str | None:
        if self._is_null[row]:
            return None
        return self._data[self._offsets[row] : self._offsets[row + 1]].decode()

    def key_of(self, row: int) -> bytes:
        """The text as it is compared: folded, in UTF-8; empty for a null."""
        text = self._data[self._offsets[row] : self._offsets[row + 1]]
        return text.lower() if text.isascii() else key_of(text.decode())

    def listed(self, rows: Rows) -> list[bytes]:
        """The texts of rows, in UTF-8; empty for a null."""
        starts, stops = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        return [self._data[start:stop] for start, stop in zip(starts, stops, strict=True)]

    def known(self, rows: Rows) -> NDArray[np.bool_]:
        """Which of the rows are not null."""
        return ~self._is_null[rows]

    def equal_to(self, text: str) -> Rows:
        """The rows whose text is `text` in upper or lower case."""
        key = key_of(text)
        first = bisect_left(self._in_order, key, key=self.key_of)
        return self._in_order[first : bisect_right(self._in_order, key, first, key=self.key_of)]

    def beginning_with(self, beginning: str) -> Rows:
        """The rows whose text begins so, in upper or lower case."""
        key = key_of(beginning)
        first = bisect_left(self._in_order, key, key=self.key_of)
        behind = key + b"\xff"  # which no text in UTF-8 reaches
        return self._in_order[first : bisect_left(self._in_order, behind, first, key=self.key_of)]


def key_of(text: str) -> bytes:
    """A text as it is compared, and put in order, where case is not told apart."""
    return folded(text).encode()


class WordIndex:
    """The rows, 0 to n - 1, in which each of w words occurs, ascending."""

    def __init__(self, words: bytes, counts: NDArray[np.int64], rows: Rows, n: int) -> None:
        """`words` end with a line break each, in UTF-8; `counts` (w,) of `rows` belong to each."""
        self._joined = words
        breaks = np.flatnonzero(np.frombuffer(words, np.uint8) == ord("\n"))
        self._ends = breaks.astype(np.int64)
        self._rows = Lists(rows, counts)
        self._n = n

    def candidates(self, parts: Sequence[str], most: int | None = None) -> Rows | None:
        """The rows that have a word with each of the parts, ascending; None when all may.

        A part of one letter leaves out next to nothing, and is not looked for; nor is one that
        occurs more than `most` times.
        """
        found: Rows | None = None
        for part in parts[:_MOST_PARTS]:
            if len(part) > 1 and (found is None or len(found) > FEW):
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
        if most is not None and self._rows.counts(words).sum() > most:
            return None
        rows = self._rows.of(words)
        if len(words) == 1:
            return rows
        if len(rows) <= _FEW_OF_MANY * self._n:
            return np.unique(rows)
        found = np.zeros(self._n, dtype=bool)
        found[rows] = True
        return np.flatnonzero(found).astype(np.int32)


_MOST_PARTS = 4  # the longest come first, and leave out most
_OFTEN = 10  # words that hold the same part occur so often each, about

# A share of all rows: more of them are marked faster than sorted.
_FEW_OF_MANY = 0.01
# So few are tried faster than left out by one more part.
FEW = 200
