"""One target: trees of both kinds learnt from early films, chosen by later ones, learnt anew."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import SparkSession

from filmkin.prediction.careers import Numbers
from filmkin.prediction.features import Background, background, features, vocabulary
from filmkin.prediction.films import FilmParts, Target
from filmkin.prediction.intervals import coverage, half_width
from filmkin.prediction.learning import Learning, score, year_split
from filmkin.prediction.trained import Candidate, Method, Trained, Trials, Tried
from filmkin.prediction.trees import Ensemble
from workflow.prediction.films import KnownFilms
from workflow.prediction.trees import films_frame, fit

Mask = NDArray[np.bool_]

# Of boosting as many trees are looked at as a multiple of this: what one tree does is chance.
_TREES_APART = 5
# With fewer to be chosen by, an interval would be a guess, or endless.
_FEWEST_OF_A_PART = 10


def learnable(films: FilmParts, values: Numbers, learning: Learning) -> bool:
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
    stages = made[Method.BOOSTING].staged_scores(matrix)
    forest = made[Method.FOREST].scores(matrix)

    def predicted(candidate: Candidate) -> Numbers:
        of = [stages[:, candidate.boosted_trees - 1]] if candidate.boosted_trees else []
        of += [forest] if candidate.has_forest else []
        median = np.full(len(values), np.median(values[early]))
        return np.mean(of, axis=0) if of else median

    tried = []
    for candidate in _candidates(stages.shape[1]):
        scores = predicted(candidate)
        on = (score(values[part], scores[part]) for part in (validation, late))
        tried.append(Tried(candidate, *on))
    models = [one for one in tried if one.candidate.methods]
    chosen = min(models, key=lambda one: one.validation.mae).candidate
    found, later = predicted(chosen), validation | late
    residuals = values - found
    width = half_width(residuals[validation], learning.level)
    names, _, made = _fitted(
        spark, films, past, target, values, known, chosen.methods, learning, folder / "all"
    )
    return Trained(
        target=target,
        names=names,
        trees=_of_candidate(chosen, made),
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
    values: Numbers,
    rows: Mask,
    methods: tuple[Method, ...],
    learning: Learning,
    folder: Path,
) -> tuple[tuple[str, ...], Numbers, dict[Method, Ensemble]]:
    """The features' names, those of all films, and what was learnt from `rows` of them."""
    words = vocabulary(films.chosen(rows), learning.frequent)
    names, matrix = features(films, past, words, target)
    frame = films_frame(spark, folder / "films", matrix[rows], values[rows])
    made = {m: fit(frame, m, learning, folder / m.name.lower()).trees for m in methods}
    return names, matrix, made


def _candidates(trees: int) -> list[Candidate]:
    """With the median: what any other has to beat."""
    counts = [*range(_TREES_APART, trees, _TREES_APART), trees]
    boosted = [Candidate(count, has_forest) for count in counts for has_forest in (False, True)]
    return [Candidate(0, False), Candidate(0, True), *boosted]


def _of_candidate(chosen: Candidate, made: dict[Method, Ensemble]) -> Ensemble:
    parts = [made[method] for method in chosen.methods]
    if chosen.boosted_trees:
        parts[0] = parts[0].first(chosen.boosted_trees).pruned()
    if len(parts) == 1:
        return parts[0]
    first, second = (part.scaled(1 / 2) for part in parts)
    return first.joined(second)
