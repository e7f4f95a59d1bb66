"""Exact cosine similarity: a block of films against all films.

Films are unit vectors, so a cosine is a dot product. Every pair is summed in float64 in ascending
order of token and rounded to 9 decimals before anything is compared with it: neither the size of
a block nor the number of workers nor the direction of the pair can change an answer.

A vector has two parts. The telling tokens (words, series, people) are rare: an inverted index
gives, for a row, just the films that share one, and their partial sums. The common tokens (genres,
rating, year) are held by so many films that multiplying them out would be nearly all of the work,
and count for little: a pair cannot gain more by them than the product of the two films' norms over
them (Cauchy and Schwarz). So only pairs that can still reach the floor get that part of the sum,
and pairs without a telling token in common are sought only among films whose common part is large,
which are those that lack other fields. Bounds of this kind: Bayardo, Ma and Srikant, "Scaling up
all pairs similarity search" (2007); Anastasiu and Karypis, "L2AP" (2014).
"""

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, vstack

from filmkin.catalogue import SIMILARITY_DECIMALS
from filmkin.errors import SettingError
from filmkin.features import FieldShares, FilmFeatures

_COMMON_FIELDS = 3  # genres, rating and year; the inner loop is written out for so many


@dataclass(frozen=True, slots=True)
class SimilaritySettings:
    """What decides which pairs are stored.

    From `min_similarity` up; of a catalogue of more than `whole_up_to` films, the best
    `max_similar` of each film.
    """

    shares: FieldShares = field(default_factory=FieldShares)
    min_similarity: float = 0.1
    max_similar: int = 200
    whole_up_to: int = 100_000

    def __post_init__(self) -> None:
        if not 0 < self.min_similarity <= 1:
            raise SettingError(
                f"min_similarity is above 0 and at most 1, not {self.min_similarity}"
            )
        if self.max_similar < 1 or self.whole_up_to < 0:
            raise SettingError(
                "max_similar is 1 or more and whole_up_to 0 or more,"
                f" not {self.max_similar} and {self.whole_up_to}"
            )

    def most_of(self, films: int) -> int | None:
        """How many pairs are stored a film at most in a catalogue of so many; None for all."""
        return self.max_similar if films > self.whole_up_to else None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "SimilaritySettings":
        return cls(**(values | {"shares": FieldShares(**values["shares"])}))


class Pairs(NamedTuple):
    """Pairs of rows, in order of row, then similarity descending, then other.

    rows and others int32; similarities float64 in (0, 1].
    """

    rows: NDArray[np.int32]
    others: NDArray[np.int32]
    similarities: NDArray[np.float64]


class Rows(NamedTuple):
    """A sparse matrix by rows: those of row i stand from offsets[i] to offsets[i + 1].

    offsets int64, columns int32 ascending in a row, weights float64.
    """

    offsets: NDArray[np.int64]
    columns: NDArray[np.int32]
    weights: NDArray[np.float64]


class Patterns(NamedTuple):
    """The common part of n films: in each of three fields one of few rows, times the film's scale.

    The film at place i has in field k the row of[i, k] of `rows`, times scales[i]; (n, 3) unsigned,
    as narrow as can be, and (n,) float64. The rows stand over `tokens` tokens. `norms` (n,) is the
    Euclidean norm of the common part, `by_norm` (n,) the places in descending order of it.
    """

    of: NDArray[np.unsignedinteger]
    scales: NDArray[np.float64]
    rows: Rows
    tokens: int
    norms: NDArray[np.float64]
    by_norm: NDArray[np.int32]


class FilmIndex(NamedTuple):
    """n films as the cross join reads them.

    Films have places in memory, (n,) int32, where those of the most widespread words stand side by
    side: a row meets most films that it shares something with in a few runs. `films` is the row at
    each place, `places` the place of each row. `telling` has the telling tokens of each row,
    without those of one film only, and `inverted` the places of each of these tokens; `patterns`
    has the common tokens of each place.
    """

    films: NDArray[np.int32]
    places: NDArray[np.int32]
    telling: Rows
    inverted: Rows
    patterns: Patterns


def film_index(features: FilmFeatures) -> FilmIndex:
    """The films of `features` as the cross join reads them."""
    matrix, common_from = features.matrix, features.common_from
    holders = np.bincount(matrix.indices, minlength=matrix.shape[1])[:common_from]
    telling = csr_array(matrix[:, np.flatnonzero(holders > 1)])
    films = _side_by_side(telling)
    places = np.empty_like(films)
    places[films] = np.arange(len(films), dtype=np.int32)
    inverted = csr_array(telling[films].T.tocsr())
    return FilmIndex(films, places, _rows(telling), _rows(inverted), _patterns(features, films))


def _side_by_side(telling: csr_array) -> NDArray[np.int32]:
    """The films by their most widespread token, those of the most widespread one first."""
    films, tokens = telling.shape
    rank = np.empty(tokens, dtype=np.int64)
    by_holders = np.argsort(-np.bincount(telling.indices, minlength=tokens), kind="stable")
    rank[by_holders] = np.arange(tokens)
    first = np.full(films, tokens, dtype=np.int64)
    row = np.repeat(np.arange(films), np.diff(telling.indptr))
    np.minimum.at(first, row, rank[telling.indices])
    return np.argsort(first, kind="stable").astype(np.int32)


def similar_pairs(
    index: FilmIndex, start: int, stop: int, floor: float, most: int | None = None
) -> Pairs:
    """All pairs of a row in start..stop with any other row, at or above `floor`.

    With `most`, only the best that many of a row, in the order of `Pairs`. A similarity of 0 is no
    pair, whatever the floor.
    """
    from filmkin.kernels import best_pairs  # Numba, which who only reads the rest can do without

    films = len(index.patterns.norms)
    counts, others, similarities = best_pairs(
        start, stop, floor, most or films, 10.0**SIMILARITY_DECIMALS, *index
    )
    rows = np.repeat(np.arange(start, stop, dtype=np.int32), counts)
    return Pairs(rows, others, similarities)


def blocks(films: int, size: int) -> list[tuple[int, int]]:
    """(start, stop) of consecutive blocks of at most `size` rows that cover all of `films` rows."""
    return [(start, min(start + size, films)) for start in range(0, films, size)]


def _patterns(features: FilmFeatures, films: NDArray[np.int32]) -> Patterns:
    """The common part of the films, in this order."""
    common, scales = csr_array(features.common[films]), features.scales[films]
    fields = features.token_fields[features.common_from :]
    nothing = csr_array((1, common.shape[1]))
    of = np.zeros((common.shape[0], _COMMON_FIELDS), dtype=np.int64)
    rows = [nothing]
    for place, one in enumerate(dict.fromkeys(fields)):
        inside = np.array([name == one for name in fields], dtype=np.float64)
        part = csr_array(common @ diags_array(inside))
        part.eliminate_zeros()
        first, which = _first_of_equal_rows(part)
        of[:, place] = which + sum(each.shape[0] for each in rows)
        rows.append(csr_array(part[first]))
    patterns = csr_array(vstack(rows, format="csr"))
    norms = scales * np.sqrt(np.asarray(common.multiply(common).sum(axis=1)).ravel())
    return Patterns(
        of.astype(np.min_scalar_type(patterns.shape[0])),
        scales,
        _rows(patterns),
        common.shape[1],
        norms,
        np.argsort(-norms, kind="stable").astype(np.int32),
    )


def _first_of_equal_rows(matrix: csr_array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first of each kind of row, and the kind of every row.

    Rows are told apart by two random projections to 12 decimals: that two of some thousand kinds
    agree in both has a chance of 1e-17. Equal rows that fall apart there do no harm.
    """
    directions = np.random.default_rng(0).standard_normal((matrix.shape[1], 2))
    projections = np.round(matrix @ directions, 12)
    _, first, which = np.unique(
        projections[:, 0] + 1j * projections[:, 1], return_index=True, return_inverse=True
    )
    return first, which


def _rows(matrix: csr_array) -> Rows:
    return Rows(matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.data)
