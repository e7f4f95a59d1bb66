"""The inverted index in memory: which words there are, and where each of them stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from filmkin.lists import Rows
from filmkin.search.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Postings:
    """t words, which stand in l lists: a list is a word's occurrences in one of its fields.

    Lists are in the order of their words. Of c occurrences: rows (c,) int32 of films, ascending in
    a list, positions (c,) int16 and weights (c,) float32.
    """

    vocabulary: Vocabulary
    idf: NDArray[np.float64]  # (t,)
    fields: Sequence[str]
    list_fields: NDArray[np.uint8]  # (l,) numbers of `fields`
    first_lists: NDArray[np.int64]  # (t + 1,) the lists of term i are first_lists[i : i + 2]
    offsets: NDArray[np.int64]  # (l + 1,)
    rows: Rows
    positions: NDArray[np.int16]
    weights: NDArray[np.float32]
    film_count: int

    def field(self, name: str) -> int:
        """The number of a field; one that no list has where no film has a word in it."""
        return self.fields.index(name) if name in self.fields else len(self.fields)

    def span(self, first: int, last: int) -> tuple[slice, NDArray[np.uint8]]:
        """The occurrences of the words first to last - 1, and the field of each of them."""
        lists = slice(self.first_lists[first], self.first_lists[last])
        lengths = np.diff(self.offsets[lists.start : lists.stop + 1])
        return slice(*self.bounds(first, last)), np.repeat(self.list_fields[lists], lengths)

    def bounds(self, first: int, last: int) -> tuple[int, int]:
        """Where the occurrences of the words first to last - 1 begin, and where they end."""
        begin, end = self.offsets[self.first_lists[[first, last]]].tolist()
        return begin, end

    def fields_of(self, occurrences: NDArray[np.intp], first: int, last: int) -> NDArray[np.uint8]:
        """The field of each of some occurrences of the words first to last - 1, ascending."""
        lists = slice(self.first_lists[first], self.first_lists[last])
        begins = self.offsets[lists]
        fields: NDArray[np.uint8] = self.list_fields[lists][
            np.searchsorted(begins, occurrences, side="right") - 1
        ]
        return fields


def fields_named(postings: Postings, names: Iterable[str]) -> NDArray[np.bool_]:
    """(256,) which numbers are those of these fields."""
    numbers = np.zeros(256, dtype=bool)
    numbers[[postings.field(name) for name in names]] = True
    return numbers
