"""What someone's films of earlier years were like: sums over years, looked up many at once.

Films have years and no days. What is earlier than a film is what came in a year before its own: a
film of the same year may have come later, and none of it is looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats, Integers

#: Years are below it, so that a person and a year are one number, and persons stand apart.
_YEARS = 1 << 14


class Past(NamedTuple):
    """Of each of q questions, (q,): how many films there were, the sum of their values, and the
    year of the last; 0 where there were none.
    """

    films: Integers
    totals: Floats
    last_years: Integers


class Careers:
    """e entries by person and year: what there was up to that year, with it."""

    def __init__(self, persons: Integers, years: Integers, films: Integers, totals: Floats) -> None:
        """(e,) each, in the order of person and year, in which no two entries are alike.

        Raises ValueError when they are not.
        """
        self.persons, self.years, self.films, self.totals = persons, years, films, totals
        self._keys = persons.astype(np.int64) * _YEARS + years
        if not (self._keys[1:] > self._keys[:-1]).all():
            raise ValueError("careers are not in the order of person and year")

    def before(self, persons: Integers, years: Integers) -> Past:
        """What each of q persons (q,) had done before each year (q,)."""
        if not len(self._keys):
            nothing = np.zeros(len(persons), dtype=np.int64)
            return Past(nothing, nothing.astype(np.float64), nothing)
        place = np.searchsorted(self._keys, persons.astype(np.int64) * _YEARS + years) - 1
        entry = np.maximum(place, 0)
        has_past = (place >= 0) & (self.persons[entry] == persons)
        return Past(
            np.where(has_past, self.films[entry], 0).astype(np.int64),
            np.where(has_past, self.totals[entry], 0.0),
            np.where(has_past, self.years[entry], 0).astype(np.int64),
        )


def careers(persons: Integers, years: Integers, values: Floats) -> Careers:
    """The careers of credits, (c,) each: who worked on a film of which year and which value."""
    order = np.lexsort((years, persons))
    persons, years, values = persons[order], years[order], values[order]
    if not len(persons):
        return Careers(persons, years, np.zeros(0, dtype=np.int64), values)
    changes = (np.diff(persons) != 0) | (np.diff(years) != 0)
    ends = np.append(np.flatnonzero(changes) + 1, len(persons))
    of = persons[ends - 1]
    # Summed within a person, so that what others did cannot change the last digits of it.
    first = np.searchsorted(persons, of)
    totals = _running_totals(values, np.diff(persons, prepend=persons[0] - 1) != 0)
    return Careers(of, years[ends - 1], ends - first, totals[ends - 1])


def _running_totals(values: Floats, begins: NDArray[np.bool_]) -> Floats:
    """The sums of values so far, begun anew where `begins` says so; added one by one."""
    totals = values.copy()
    starts = np.flatnonzero(begins)
    lengths = np.diff(np.append(starts, len(values)))
    for start, length in zip(starts[lengths > _LONG], lengths[lengths > _LONG], strict=True):
        np.cumsum(values[start : start + length], out=totals[start : start + length])
    starts, lengths = starts[lengths <= _LONG], lengths[lengths <= _LONG]
    for step in range(1, int(lengths.max(initial=1))):
        reached = starts[lengths > step] + step
        totals[reached] += totals[reached - 1]
    return totals


# Few have careers that are longer: each of them is summed by itself, the others all at once.
_LONG = 100
