"""Ensembles of regression trees as flat arrays: scored, and taken apart by features, in NumPy."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.arrays import Floats

Nodes = NDArray[np.int32]  # of all trees, by number

_FILMS_AT_ONCE = 4_096  # scored together, so that memory is bounded


class Ensemble(NamedTuple):
    """t trees of m nodes in all: a film's score is the sum of `weights` times its leaves' values.

    Of each node, (m,): the feature that it asks for, its threshold, and the nodes where a film goes
    whose value is at most that (lefts) or more (rights); a leaf leads to itself. values (m,) are
    the means of the films that came to a node in learning. roots (t,) and weights (t,).
    """

    features: NDArray[np.int32]
    thresholds: Floats
    lefts: Nodes
    rights: Nodes
    values: Floats
    roots: Nodes
    weights: Floats

    @property
    def bias(self) -> float:
        """The score of a film of which no feature was looked at."""
        return float(self.weights @ self.values[self.roots])

    def scores(self, matrix: Floats) -> Floats:
        """(n,) scores of films with features (n, f)."""
        return self.staged_scores(matrix, [len(self.roots)])[:, 0]

    def staged_scores(self, matrix: Floats, ends: Sequence[int]) -> Floats:
        """(n, s) the scores of the first so many trees, of each of s ascending numbers."""
        found = np.empty((len(matrix), len(ends)))
        begins = [0, *ends[:-1]]
        for block in range(0, len(matrix), _FILMS_AT_ONCE):
            films = slice(block, block + _FILMS_AT_ONCE)
            added = self.values[self._leaves(matrix[films])] * self.weights
            for place, (begin, end) in enumerate(zip(begins, ends, strict=True)):
                found[films, place] = added[:, begin:end].sum(axis=1)
        return np.cumsum(found, axis=1)

    def contributions(self, matrix: Floats) -> Floats:
        """(n, f) what each feature adds to a film's score: with the bias they are the score.

        At each node that a film comes through, its feature adds by how much the mean of the next
        node differs: Saabas, "Interpreting random forests" (2014),
        https://blog.datadive.net/interpreting-random-forests/
        """
        films, features = matrix.shape
        found = np.zeros(matrix.size)
        begins = features * np.arange(films)[:, None]
        nodes = self._begun(films)
        while True:
            places, following = begins + self.features[nodes], self._next(matrix, nodes)
            if (following == nodes).all():
                return found.reshape(matrix.shape)
            steps = (self.values[following] - self.values[nodes]) * self.weights
            found += np.bincount(places.ravel(), steps.ravel(), minlength=matrix.size)
            nodes = following

    def scaled(self, factor: float) -> "Ensemble":
        """The same with each score times a factor."""
        return self._replace(weights=self.weights * factor)

    def joined(self, other: "Ensemble") -> "Ensemble":
        """The trees of both: its scores are the sums of theirs."""
        moved = np.int32(len(self.values))
        return Ensemble(
            np.concatenate([self.features, other.features]),
            np.concatenate([self.thresholds, other.thresholds]),
            np.concatenate([self.lefts, other.lefts + moved]),
            np.concatenate([self.rights, other.rights + moved]),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.roots, other.roots + moved]),
            np.concatenate([self.weights, other.weights]),
        )

    def _leaves(self, matrix: Floats) -> Nodes:
        """(n, t) the leaf that each film comes to in each tree."""
        nodes = self._begun(len(matrix))
        while True:
            following = self._next(matrix, nodes)
            if (following == nodes).all():
                return nodes
            nodes = following

    def _begun(self, films: int) -> Nodes:
        return np.broadcast_to(self.roots, (films, len(self.roots)))

    def _next(self, matrix: Floats, nodes: Nodes) -> Nodes:
        asked = matrix[np.arange(len(matrix))[:, None], self.features[nodes]]
        goes_left = asked <= self.thresholds[nodes]
        return np.where(goes_left, self.lefts[nodes], self.rights[nodes])
