"""Small vectorised helpers: random numbers, ids, and columns of text joined into lines."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Text: TypeAlias = Any  # a pyarrow.StringArray; pyarrow brings no type hints

NULL = r"\N"
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1
# Ids of IMDb have at least seven digits. All ids of one run have the same width, so that the
# order of the numbers is the order of the strings too.
_SEVEN_DIGITS = 10_000_000


def mix(values: Ints, salt: int) -> NDArray[np.uint64]:
    """A hash of whole numbers (splitmix64): facts about a person need no memory, just the id."""
    z = values.astype(np.uint64) + np.uint64((_GOLDEN * (salt + 1)) & _WORD)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def unit(values: Ints, salt: int) -> Floats:
    """The hash as a number in [0, 1)."""
    return np.asarray((mix(values, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def below(values: Ints, salt: int, limit: int) -> Ints:
    """The hash as a whole number in [0, limit)."""
    return np.asarray(mix(values, salt) % np.uint64(limit), np.int64)


def coprime_step(size: int) -> int:
    """A step near the golden section of `size` that visits every number below it once."""
    step = max(1, int(size * 0.6180339887))
    while math.gcd(step, size) != 1:
        step += 1
    return step


def draw(shares: Iterable[float], u: Floats) -> Ints:
    """Which of the weighted choices each uniform number falls on."""
    edges = np.cumsum(np.fromiter(shares, np.float64))
    picked = np.searchsorted(edges / edges[-1], u, side="right")
    return np.minimum(picked, len(edges) - 1).astype(np.int64)


def quantile(u: Floats, probabilities: Sequence[float], values: Sequence[float]) -> Floats:
    """Values of a quantile table at uniform numbers, interpolated in the logarithm."""
    return np.asarray(np.exp(np.interp(u, probabilities, np.log(values))))


def id_numbers(slots: Ints, count: int) -> Ints:
    """Increasing ids for the slots 0 to count - 1; the id after each one stays unused."""
    return np.asarray(_first_id(count) + 3 * slots + below(slots, 7, 2), np.int64)


def unused_id_numbers(slots: Ints, count: int) -> Ints:
    """Ids of the same kind that none of `id_numbers` is."""
    return np.asarray(_first_id(count) + 3 * slots + 2, np.int64)


def _first_id(count: int) -> int:
    return 1 if 3 * count + 3 < _SEVEN_DIGITS else _SEVEN_DIGITS


def id_strings(prefix: str, numbers: Ints) -> Text:
    """tt0000123 and the like, from numbers that all fit the same width."""
    width = max(7, len(str(numbers.max(initial=0))))
    cells = np.empty((len(numbers), len(prefix) + width), np.uint8)
    cells[:, : len(prefix)] = np.frombuffer(prefix.encode(), np.uint8)
    rest = numbers.copy()
    for column in range(width):
        cells[:, -1 - column] = 48 + rest % 10
        rest //= 10
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * cells.shape[1]
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(cells))


def numbers_text(values: Ints, known: Bools | None = None) -> Text:
    r"""Whole numbers as text, \N where they are not known."""
    text = pc.cast(pa.array(values), pa.string())
    return text if known is None else choose(known, text, NULL)


def words(values: Sequence[str]) -> Text:
    return pa.array(values, pa.string())


def take(values: Text, indices: Ints) -> Text:
    return values.take(pa.array(indices))


def join(*parts: Text | str, separator: str = "") -> Text:
    """Element-wise concatenation."""
    return pc.binary_join_element_wise(*parts, separator)


def choose(mask: Bools, yes: Text | str, no: Text | str) -> Text:
    return pc.if_else(pa.array(mask), yes, no)


def join_groups(values: Text, counts: Ints) -> Text:
    r"""The comma-separated values of consecutive groups, \N for an empty group."""
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), values)
    return choose(np.asarray(counts > 0), pc.binary_join(lists, ","), NULL)


def reorder(groups: Sequence[tuple[Ints, Text]]) -> Text:
    """Put values that were made group by group at the positions they belong to."""
    if not groups:
        return words(())
    positions = np.concatenate([where for where, _ in groups])
    return take(pa.concat_arrays([text for _, text in groups]), np.argsort(positions))


def lines(*columns: Text | str) -> bytes:
    """Tab-separated lines, neither quoted nor escaped."""
    text = join(join(*columns, separator="\t"), "", separator="\n")
    offsets = np.frombuffer(text.buffers()[1], np.int32)
    start, end = offsets[text.offset], offsets[text.offset + len(text)]
    return bytes(memoryview(text.buffers()[2])[start:end]) if len(text) else b""
