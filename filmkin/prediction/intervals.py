"""How far a prediction may be off: split-conformal intervals.

Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, "Distribution-free predictive inference for
regression" (2018): of films that the model did not learn from, that quantile of the errors' sizes
which holds the share `level` of all films on average, if later films are like these and had no
part in the choice of the model. Neither is quite so here: they chose between candidates, and tastes
change; what share of still later films was held is told beside.
"""

import math

import numpy as np

from filmkin.arrays import Floats


def half_width(residuals: Floats, level: float) -> float:
    """By how much a prediction is to be widened to both sides, of residuals (n,).

    Infinite where there are too few of them for the level.
    """
    place = math.ceil((len(residuals) + 1) * level)
    if place > len(residuals):
        return math.inf
    return float(np.sort(np.abs(residuals))[place - 1])


def coverage(residuals: Floats, width: float) -> float:
    """The share of residuals (n,) that lie within."""
    return float(np.mean(np.abs(residuals) <= width))
