"""One target: trees of both kinds learnt from early films, chosen by later ones, learnt anew."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from filmkin.arrays import Floats
from filmkin.prediction.features import Background, background, features, vocabulary
from filmkin.prediction.films import FilmParts, Target
from filmkin.prediction.intervals import coverage, half_width
from filmkin.prediction.learning import Learning, score, year_split
from filmkin.prediction.trained import Candidate, Method, Trained, Trials, Tried
from filmkin.prediction.trees import Ensemble
from workflow.prediction.films import KnownFilms
from workflow.prediction.trees import films_frame, fit

Mask = NDArray[np.bool_]

# With fewer to be chosen by, an interval would be a guess, or endless.
_FEWEST_OF_A_PART = 10


def learnable(films: FilmParts, values: Floats, learning: Learning) -> bool:
    """Whether there are films enough to learn from, to choose by and to test on."""
    known = ~np.isnan(values)
    if np.count_nonzero(known) < learning.fewest:
        return False
    parts = year_split(films.years[known]).parts(films.years[known])
    return all(np.count_nonzero(part) >= _FEWEST_OF_A_PART for part in parts)


def train(
    spark: SparkSession, every: KnownFilms, target: Target, learning: Learning, folder: Path
) -> Trained:
    """The model of a target that is `learnable`; Spark works in `folder`, which is made."""
    folder.mkdir()
    films, values = every.parts, every.values[target]
    known = ~np.isnan(values)
    split = year_split(films.years[known])
    early, validation, late = (known & part for part in split.parts(films.years))
    past = background(films, values)
    _, matrix, made = _fitted(
        spark, films, past, target, values, early, tuple(Method), learning, folder / "early"
    )
    # The first tree is the mean.
    ends = [1 + learning.round_trees * count for count in range(1, learning.rounds + 1)]
    stages = made[Method.BOOSTING].staged_scores(matrix, ends)
    forest = made[Method.FOREST].scores(matrix)

    def predicted(candidate: Candidate) -> Floats:
        of = [stages[:, candidate.rounds - 1]] if candidate.rounds else []
        of += [forest] if candidate.has_forest else []
        median = np.full(len(values), np.median(values[early]))
        return np.mean(of, axis=0) if of else median

    tried = []
    for candidate in _candidates(learning.rounds):
        scores = predicted(candidate)
        on = (score(values[part], scores[part]) for part in (validation, late))
        tried.append(Tried(candidate, *on))
    models = [one for one in tried if one.candidate.methods]
    chosen = min(models, key=lambda one: one.validation.mae).candidate
    found, later = predicted(chosen), validation | late
    residuals = values - found
    width = half_width(residuals[validation], learning.level)
    again = replace(learning, rounds=max(chosen.rounds, 1))
    names, _, made = _fitted(
        spark, films, past, target, values, known, chosen.methods, again, folder / "all"
    )
    return Trained(
        target=target,
        names=names,
        trees=_mean(list(made.values())),
        past=past,
        films=int(np.count_nonzero(known)),
        split=split,
        chosen=chosen,
        tried=tried,
        half_width=width,
        coverage=coverage(residuals[late], width),
        trials=Trials(every.film_ids[later], found[later], values[later]),
    )


def _fitted(
    spark: SparkSession,
    films: FilmParts,
    past: Background,
    target: str,
    values: Floats,
    rows: Mask,
    methods: tuple[Method, ...],
    learning: Learning,
    folder: Path,
) -> tuple[tuple[str, ...], Floats, dict[Method, Ensemble]]:
    """The features' names, those of all films, and what was learnt from `rows` of them."""
    words = vocabulary(films.chosen(rows), learning.frequent)
    names, matrix = features(films, past, words, target)
    frame = films_frame(spark, folder / "films", matrix[rows], values[rows])
    made = {m: fit(frame, m, learning, folder / m.name.lower()).trees for m in methods}
    return names, matrix, made


def _candidates(rounds: int) -> list[Candidate]:
    """With the median, of neither: what any other has to beat."""
    return [
        Candidate(count, has_forest) for count in range(rounds + 1) for has_forest in (False, True)
    ]


def _mean(parts: Sequence[Ensemble]) -> Ensemble:
    """What scores as the mean of all parts does."""
    first, *others = (part.scaled(1 / len(parts)) for part in parts)
    return reduce(Ensemble.joined, others, first)
