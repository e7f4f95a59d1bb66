"""The search for what explains ratings best: on each person's latest ratings, held back.

Step by step, one thing at a time from what is best so far, with every trial on record. Ratings are
judged by their error, lists by what they find (`filmkin.rankings`), a person being folded in from
the ratings that are known. What is judged is the order of all films by their scores: the lists that
are served (`filmkin.offers`) leave out films of few ratings and give every fifth place to content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import SparkSession

from filmkin.arrays import Floats
from filmkin.factors import Fitting, RatingModel
from filmkin.held_back import RatingData, Tested, quality_of, rating_error, tested_people
from filmkin.rankings import LIKED
from filmkin.recommender import Person, Recommender
from workflow.recommender.learner import Learner
from workflow.recommender.settings import AlsSettings, Choice, Search, Trial


def search(
    spark: SparkSession, data: RatingData, asked: Search, scratch: Path
) -> tuple[Choice, list[Trial]]:
    """What learns these ratings best, and all that was tried; without enough of them, the usual."""
    is_held = data.latest(asked.share)
    people = _drawn(tested_people(data, is_held), asked)
    if not people:
        return Choice(), []
    largest_rank = max(asked.regression_ranks, default=0)
    learner = Learner(spark, data.chosen(~is_held), scratch, asked.seed, largest_rank)
    trials: list[Trial] = []
    choice = _search_ratings(learner, people, asked, trials)
    choice = _search_lists(learner, people, asked, choice, trials)
    return choice, trials


def _search_ratings(
    learner: Learner, people: Sequence[Tested], asked: Search, trials: list[Trial]
) -> Choice:
    """The settings of the smallest error."""
    als, fitting = AlsSettings(), Fitting()
    model = learner.rating_model(als, fitting)
    least = _rated(model, als, people, trials)
    steps: tuple[tuple[str, Sequence[Any]], ...] = (
        ("ridge", asked.ridges),
        ("rank", asked.ranks),
        ("iterations", asked.iterations),
    )
    for name, values in steps:
        for tried in [
            replace(als, **{name: value}) for value in values if value != getattr(als, name)
        ]:
            found = learner.rating_model(tried, fitting)
            error = _rated(found, tried, people, trials)
            if error < least:
                least, als, model = error, tried, found
    for half_life in asked.half_lives:
        tried_fitting = model.fitting._replace(half_life=half_life)
        found = RatingModel(model.mean, model.film_biases, model.factors, tried_fitting)
        error = _rated(found, als, people, trials)
        if error < least:
            least, fitting = error, fitting._replace(half_life=half_life)
    return Choice(als=als, fitting=fitting._replace(ridge=als.ridge))


def _rated(
    model: RatingModel, als: AlsSettings, people: Sequence[Tested], trials: list[Trial]
) -> float:
    error = rating_error(model, people)
    told = {**als.as_dict(), "half_life": model.fitting.half_life}
    trials.append(Trial("ratings", told, rmse=error))
    return error


def _search_lists(
    learner: Learner,
    people: Sequence[Tested],
    asked: Search,
    choice: Choice,
    trials: list[Trial],
) -> Choice:
    """The settings of the lists that find most: first of the regression, then what is added."""
    best = made = learner.recommender(choice)
    most = -1.0
    for power, rank, ridge in product(asked.powers, asked.regression_ranks, asked.ridges_of_lists):
        taste = choice.taste._replace(power=power)
        found = replace(made, taste=taste, regression=learner.regression(taste, rank, ridge))
        told = {"power": power, "rank": rank, "ridge": ridge}
        ndcg = _listed(found, "regression", told, people, trials)
        if ndcg > most:
            most, best = ndcg, found
            choice = replace(choice, taste=taste, regression_rank=rank, regression_ridge=ridge)
    for alpha in asked.alphas:
        als = replace(choice.implicit, alpha=alpha)
        implicit = learner.implicit_model(als, choice.taste)
        for weight in asked.implicit_weights:
            found = replace(best, implicit=implicit, implicit_weight=weight)
            told = {"alpha": alpha, "weight": weight}
            ndcg = _listed(found, "implicit", told, people, trials)
            if ndcg > most:
                most = ndcg
                choice = replace(choice, implicit=als, implicit_weight=weight)
    return choice


def _listed(
    made: Recommender,
    part: str,
    told: Mapping[str, Any],
    people: Sequence[Tested],
    trials: list[Trial],
) -> float:
    quality = quality_of(scores_of(made), people, len(made.film_ids), LIKED)
    trials.append(Trial(part, told, None, *quality))
    return quality.ndcg


def scores_of(made: Recommender) -> Callable[[Tested], Floats]:
    """What a recommender says of a person whose ratings are partly held back."""
    return lambda one: Person(made, one.rows, one.ratings).scores()


def _drawn(people: list[Tested], asked: Search) -> list[Tested]:
    if len(people) <= asked.people:
        return people
    rows = np.random.default_rng(asked.seed).permutation(len(people))[: asked.people]
    return [people[row] for row in np.sort(rows)]
