"""The words that films are found by: one, those that begin so, those that are nearly so."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from weakref import proxy

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA


class Near(NamedTuple):
    """A word, by its number, and how many edits away it is."""

    term: int
    edits: int


def edits_allowed(letters: int) -> int:
    """How many typing errors a word of so many letters may have."""
    return 2 if letters >= _LETTERS_FOR_TWO else int(letters >= _LETTERS_FOR_ONE)


_LETTERS_FOR_ONE, _LETTERS_FOR_TWO = 4, 8


class Vocabulary:
    """t words in the order of their UTF-8; films (t,) is how many films have each."""

    def __init__(self, words: str, films: NDArray[np.int32]) -> None:
        """`words` end with a line break each."""
        data = words.encode()
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        lengths = np.diff(ends, prepend=-1) - 1
        self.films = films
        self._data = data.replace(b"\n", b"")
        self._ends = np.cumsum(lengths)
        self._begins = self._ends - lengths
        self._looks = _Looks.of(self._data, self._begins, self._ends)
        # Words come again, letter by letter. What is remembered must not keep the vocabulary.
        own = proxy(self)
        self._near = lru_cache(_REMEMBERED)(lambda word: own.find_near(word))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, term: int) -> str:
        return self._bytes(term).decode()

    def _bytes(self, term: int) -> bytes:
        return self._data[self._begins[term] : self._ends[term]]

    def number(self, word: str) -> int | None:
        """The number of a word; None where there is no such."""
        key = word.encode()
        place = bisect_left(range(len(self)), key, key=self._bytes)
        return place if place < len(self) and self._bytes(place) == key else None

    def beginning_with(self, beginning: str) -> range:
        """The numbers of the words that begin so."""
        key = beginning.encode()
        first = bisect_left(range(len(self)), key, key=self._bytes)
        behind = key + b"\xff"  # which no text in UTF-8 reaches
        return range(first, bisect_left(range(len(self)), behind, first, key=self._bytes))

    def near(self, word: str, most: int) -> list[Near]:
        """The words that a person may have meant who typed this one, without itself.

        One edit (a letter more, less, another, or two that are exchanged: the optimal string
        alignment of Damerau and Levenshtein) where one of the two words has 4 letters or more, two
        where one has 8. `most` at most: those of fewest edits, of the same first letter, of most
        films.
        """
        return list(self._near(word)[:most])

    def find_near(self, word: str) -> Sequence[Near]:
        """All of `near`, not remembered."""
        # By letters that are missing, the word that was meant is the longer one.
        allowed = max(edits for edits in (0, 1, 2) if edits_allowed(len(word) + edits) >= edits)
        if not allowed:
            return []
        likely = self._looks.like(word, allowed).tolist()
        texts = [self[term] for term in likely]
        close = process.extract(word, texts, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        found = [
            (Near(likely[place], int(edits)), text[:1] != word[:1])
            for text, edits, place in close
            if 0 < edits <= edits_allowed(max(len(word), len(text)))
        ]
        found.sort(key=lambda one: (one[0].edits, one[1], -int(self.films[one[0].term])))
        return [near for near, _ in found]


@dataclass(frozen=True, slots=True)
class _Looks:
    """How words look, to leave out those that are not near: t words by their letters.

    Those of n letters are terms[lengths[n] : lengths[n + 1]]. letters (t,) has a bit for each
    letter (some share one), first and last (t,) are their first and last 8 bytes as a number.
    """

    lengths: NDArray[np.int64]
    terms: NDArray[np.int32]
    letters: NDArray[np.uint64]
    first: NDArray[np.uint64]
    last: NDArray[np.uint64]

    @classmethod
    def of(cls, data: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> "_Looks":
        every = np.frombuffer(data, np.uint8)
        begin_one = (every & 0xC0) != 0x80  # the first byte of a character
        before = np.concatenate([[0], np.cumsum(begin_one)])
        letters = before[ends] - before[begins]
        terms = np.argsort(letters, kind="stable").astype(np.int32)
        bits = np.bitwise_or.reduceat(_BITS[every], begins) if len(begins) else _NONE
        offsets = np.arange(_WIDE)
        first, last = (
            np.where((places >= begins[:, None]) & (places < ends[:, None]), _at(every, places), 0)
            for places in (begins[:, None] + offsets, ends[:, None] - _WIDE + offsets)
        )
        return cls(
            np.searchsorted(letters[terms], np.arange(letters.max(initial=0) + 2)),
            terms,
            bits[terms],
            _number(first)[terms],
            _number(last)[terms],
        )

    def like(self, word: str, edits: int) -> NDArray[np.int32]:
        """The words that may be so many edits away; those that are, are among them.

        Of two edits those may be missed that exchange letters across a border of the parts below,
        and, of words that are not ASCII, those in the first and the last third.
        """
        least, most = (
            self.lengths[np.clip(len(word) + by, 0, len(self.lengths) - 1)]
            for by in (-edits, edits + 1)
        )
        # An edit takes away and adds one letter at most, of some bytes each.
        apart = np.bitwise_count(self.letters[least:most] ^ _letters_of(word))
        likely = np.flatnonzero(apart <= 2 * edits * (1 if word.isascii() else _BYTES)) + least
        likely = likely[self._share_a_part(likely, word, edits)]
        found: NDArray[np.int32] = self.terms[likely]
        return found

    def _share_a_part(self, rows: NDArray[np.intp], word: str, edits: int) -> NDArray[np.bool_]:
        """Which words have a part of this one where it is: edits leave one of edits + 1 parts."""
        data = word.encode()
        begins = _parted(self.first[rows], data, first=True)
        ends = _parted(self.last[rows], data, first=False)
        if edits == 1:
            half = len(word) // 2  # a letter less, for two that are exchanged across the border
            return begins(len(word[: half - 1].encode())) | ends(len(word[half + 1 :].encode()))
        third = min(len(word) // 3, _WIDE - _MIDDLE - 1)
        shares = begins(len(word[:third].encode()))
        shares |= ends(len(word[third + _MIDDLE :].encode()))
        if word.isascii():
            middle = np.uint64(int.from_bytes(data[third : third + _MIDDLE]))
            for start in (third - 1, third, third + 1):
                shift = np.uint64(8 * (_WIDE - start - _MIDDLE))
                shares |= (self.first[rows] >> shift) & np.uint64(_MASK) == middle
        return shares


def _parted(
    numbers: NDArray[np.uint64], word: bytes, *, first: bool
) -> Callable[[int], NDArray[np.bool_]]:
    """Tells which numbers have so many of the first, or last, bytes of a word."""
    own = word[:_WIDE].ljust(_WIDE, b"\0") if first else word[-_WIDE:].rjust(_WIDE, b"\0")
    apart = numbers ^ np.uint64(int.from_bytes(own))

    def shares(count: int) -> NDArray[np.bool_]:
        bits = 8 * (_WIDE - min(count, _WIDE))
        same: NDArray[np.bool_]
        if count <= 0:
            same = np.ones(len(apart), dtype=bool)
        elif first:
            same = apart >> np.uint64(bits) == 0
        else:
            same = apart << np.uint64(bits) == 0
        return same

    return shares


def _letters_of(word: str) -> np.uint64:
    return np.uint64(np.bitwise_or.reduce(_BITS[np.frombuffer(word.encode(), np.uint8)]))


def _at(every: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    return every.take(places, mode="clip") if len(every) else np.zeros(places.shape, np.uint8)


def _number(wide: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Rows of bytes as numbers, the first byte the greatest."""
    return np.ascontiguousarray(wide, dtype=np.uint8).view(">u8").ravel().astype(np.uint64)


_BITS = np.array([1 << (byte % 64) for byte in range(256)], dtype=np.uint64)
_NONE = np.zeros(0, dtype=np.uint64)
_BYTES = 3  # of a character, in what is no ASCII
_WIDE = 8
_MIDDLE = 3
_REMEMBERED = 10_000  # words
_MASK = (1 << 8 * _MIDDLE) - 1
