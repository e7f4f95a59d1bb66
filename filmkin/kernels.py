"""The compiled inner loops of the cross join: a row at a time, in four steps.

Arrays are taken out of the index before a loop: inside it, Numba would count references.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from filmkin.arrays import Floats

if TYPE_CHECKING:  # that module imports this one when it first computes
    from filmkin.similarity import Patterns, Rows

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Singles = NDArray[np.float32]

# A pair as one integer that sorts as pairs are ordered: what its similarity lacks to 1, in units
# of the last decimal, above the row of the other film.
_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1

# Estimates are counted in bins of this width, to see which can be among the best.
_BINS = 4096

# What an estimate may be off: it is made of float32, and in another order.
_SLACK = 1e-6


@njit(cache=True, nogil=True)
def best_pairs(
    start: int,
    stop: int,
    floor: float,
    most: int,
    units: float,
    films: Ints,
    places: Ints,
    telling: "Rows",
    inverted: "Rows",
    patterns: "Patterns",
) -> tuple[Longs, Ints, Floats]:
    """Rows start..stop against all: see `filmkin.similarity.similar_pairs`.

    The index in its parts, as in `filmkin.similarity.FilmIndex`; similarities are rounded to
    1 / `units`. Returns the pairs of each row as counts (int64), and of all of them the others
    (int32) and the similarities (float64).
    """
    sums = np.zeros(films.size)
    shared = np.empty(films.size + 1, np.int32)  # who shares a telling token
    found = np.empty(films.size, np.int32)
    estimates = np.empty(films.size)
    weight_of = np.zeros(patterns.tokens)
    cosine_of = np.zeros(patterns.rows.offsets.size - 1, np.float32)
    counts = np.zeros(stop - start, np.int64)
    others = np.empty(1024, np.int32)
    similarities = np.empty(1024)
    used = 0
    for row in range(start, stop):
        sharing = _add_telling(row, telling, inverted, sums, shared)
        place = places[row]
        _spread_common(place, patterns, weight_of, cosine_of)
        count = _estimate(
            place, floor, sums, shared[:sharing], patterns, cosine_of, found, estimates
        )
        keys = _exact(
            floor, most, units, films, found[:count], estimates[:count], sums, patterns, weight_of
        )
        while used + keys.size > others.size:
            others, similarities = _grown(others), _grown(similarities)
        for key in keys:
            others[used] = key & _ROW_MASK
            similarities[used] = (units - (key >> _ROW_BITS)) / units
            used += 1
        counts[row - start] = keys.size
        for at in range(sharing):
            sums[shared[at]] = 0.0
        weight_of[:] = 0.0
    return counts, others[:used].copy(), similarities[:used].copy()


@njit(cache=True, nogil=True)
def _add_telling(row: int, telling: "Rows", inverted: "Rows", sums: Floats, shared: Ints) -> int:
    """Adds up the telling tokens of a row with all films that have them; returns how many do."""
    offsets, holders, weights = inverted.offsets, inverted.columns, inverted.weights
    sharing = 0
    for entry in range(telling.offsets[row], telling.offsets[row + 1]):
        token, weight = telling.columns[entry], telling.weights[entry]
        for at in range(offsets[token], offsets[token + 1]):
            other = holders[at]
            before = sums[other]
            shared[sharing] = other
            sharing += before == 0.0
            sums[other] = before + weight * weights[at]
    return sharing


@njit(cache=True, nogil=True)
def _spread_common(place: int, patterns: "Patterns", weight_of: Floats, cosine_of: Singles) -> None:
    """A film's common tokens as a dense vector, and its product with every pattern."""
    offsets, columns, weights = patterns.rows.offsets, patterns.rows.columns, patterns.rows.weights
    scale = patterns.scales[place]
    for pattern in patterns.of[place]:
        for entry in range(offsets[pattern], offsets[pattern + 1]):
            weight_of[columns[entry]] = scale * weights[entry]
    for pattern in range(cosine_of.size):
        cosine = 0.0
        for entry in range(offsets[pattern], offsets[pattern + 1]):
            cosine += weight_of[columns[entry]] * weights[entry]
        cosine_of[pattern] = cosine


@njit(cache=True, nogil=True)
def _estimate(
    place: int,
    floor: float,
    sums: Floats,
    shared: Ints,
    patterns: "Patterns",
    cosine_of: Singles,
    found: Ints,
    estimates: Floats,
) -> int:
    """Films that may reach the floor, with their similarities to within `_SLACK`; how many."""
    of, scales, norms = patterns.of, patterns.scales, patterns.norms
    count = 0
    for other in shared:
        product = cosine_of[of[other, 0]] + cosine_of[of[other, 1]] + cosine_of[of[other, 2]]
        estimate = sums[other] + scales[other] * product
        if estimate >= floor - _SLACK and other != place:
            found[count], estimates[count] = other, estimate
            count += 1
    # Without a telling token in common: films whose common part is long enough.
    for other in patterns.by_norm:
        if norms[place] * norms[other] < floor - _SLACK:
            break
        if sums[other] != 0.0 or other == place:
            continue
        product = cosine_of[of[other, 0]] + cosine_of[of[other, 1]] + cosine_of[of[other, 2]]
        estimate = scales[other] * product
        if estimate >= floor - _SLACK:
            found[count], estimates[count] = other, estimate
            count += 1
    return count


@njit(cache=True, nogil=True)
def _exact(
    floor: float,
    most: int,
    units: float,
    films: Ints,
    found: Ints,
    estimates: Floats,
    sums: Floats,
    patterns: "Patterns",
    weight_of: Floats,
) -> Longs:
    """The best of the films found, as keys in order; every sum goes on where `sums` left off."""
    offsets, columns, weights = patterns.rows.offsets, patterns.rows.columns, patterns.rows.weights
    count = found.size
    least = _least_of_best(estimates, most) - 2 * _SLACK if count > most else 0.0
    keys = np.empty(count, np.int64)
    kept = 0
    for at in range(count):
        if estimates[at] < least:
            continue
        other = found[at]
        cosine, scale = sums[other], patterns.scales[other]
        for pattern in patterns.of[other]:
            for entry in range(offsets[pattern], offsets[pattern + 1]):
                cosine += weight_of[columns[entry]] * (scale * weights[entry])
        rounded = min(np.rint(cosine * units), units)
        if rounded > 0 and rounded / units >= floor:
            keys[kept] = (np.int64(units - rounded) << _ROW_BITS) | np.int64(films[other])
            kept += 1
    return np.sort(keys[:kept])[:most]


@njit(cache=True, nogil=True)
def _least_of_best(estimates: Floats, most: int) -> float:
    """What the best `most` of more estimates reach, rounded down to a bin."""
    counts = np.zeros(_BINS, np.int32)
    for estimate in estimates:
        counts[min(int(estimate * _BINS), _BINS - 1)] += 1
    above = 0
    for place in range(_BINS - 1, 0, -1):
        above += counts[place]
        if above >= most:
            return place / _BINS
    return 0.0


@njit(cache=True, nogil=True)
def _grown(array: NDArray[Any]) -> NDArray[Any]:
    """The array with room for twice as much."""
    grown = np.empty(2 * array.size, array.dtype)
    for at in range(array.size):
        grown[at] = array[at]
    return grown
