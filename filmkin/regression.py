"""Who liked these films likes those: a ridge regression of each film on all others, in low rank.

Steck 2019, "Embarrassingly shallow autoencoders for sparse data" (EASE): with X the weights of
people x films, P = (X'X + ridge)⁻¹ and B = I - P / diag(P), column by column, a person's scores are
x B. The singular vectors V of X that stand out, with squared singular values e, give

    P = (I - V diag(e / (e + ridge)) V') / ridge

so that a film not in x scores x given taken', with `given` = V diag(e / (e + ridge)) and `taken`
= V / (1 - its row of given . V): two factors a film, and no matrix of films x films. With all of
the singular vectors it is EASE itself.
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from filmkin.arrays import Floats
from filmkin.factors import newest_first
from filmkin.ratings import MOST


class Taste(NamedTuple):
    """How a rating weighs: its power, the stars from which on it speaks for a film, and how far the
    weight of old ones falls, halving every `half_life` newer ones.
    """

    power: float = 3.0
    neutral: float = 2.5
    half_life: float = 10.0
    floor: float = 0.3


class Spectrum(NamedTuple):
    """Of people x n films: k squared singular values (k,), ascending, and their vectors (n, k)."""

    energies: Floats
    vectors: Floats

    def largest(self, rank: int) -> "Spectrum":
        """The `rank` largest of them."""
        return Spectrum(self.energies[-rank:], self.vectors[:, -rank:])


class FilmFactors(NamedTuple):
    """Of n films, (n, k) each: what one that is rated gives, and what another takes of it."""

    given: Floats
    taken: Floats


def liking(ratings: Floats, taste: Taste) -> Floats:
    """What ratings weigh in learning, from 0 to 1: few stars say little beyond having seen it."""
    weights: Floats = (ratings / MOST) ** taste.power
    return weights


def speaking(ratings: Floats, taste: Taste) -> Floats:
    """What a person's ratings say, newest first: for films alike, or against them."""
    neutral = (taste.neutral / MOST) ** taste.power
    recency = taste.floor + (1 - taste.floor) * newest_first(taste.half_life, len(ratings))
    weights: Floats = (liking(ratings, taste) - neutral) * recency
    return weights


# Of a smaller side than this all vectors are computed, exactly and faster than some.
_DENSE = 3_000
_NOTHING = 1e-10  # of the largest, what rounding leaves of a 0


def spectrum(weights: sparse.csr_array, rank: int) -> Spectrum:
    """The `rank` largest of the weights of people x films; fewer where there are not as many."""
    smaller = min(weights.shape)
    if smaller > _DENSE:
        start = np.ones(smaller) / np.sqrt(smaller)  # the same vectors each time
        _, values, vectors = svds(weights, k=rank, v0=start)
        order = np.argsort(values)
        return Spectrum(np.asarray(values[order], np.float64) ** 2, vectors[order].T)
    is_tall = weights.shape[0] > weights.shape[1]
    gram = (weights.T @ weights if is_tall else weights @ weights.T).toarray()
    energies, vectors = np.linalg.eigh(gram)
    stands = np.flatnonzero(energies > _NOTHING * energies.max(initial=0.0))[-rank:]
    energies, vectors = energies[stands], vectors[:, stands]
    if not is_tall:
        vectors = weights.T @ vectors / np.sqrt(energies)
    return Spectrum(energies, vectors)


def film_factors(found: Spectrum, ridge: float) -> FilmFactors:
    """The factors of the regression with this ridge."""
    given = found.vectors * (found.energies / (found.energies + ridge))
    left = 1 - np.einsum("nk,nk->n", given, found.vectors)
    return FilmFactors(given, found.vectors / left[:, None])
