"""Models learnt by Spark: as arrays they score as Spark does, and are chosen on later films."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

from filmkin.arrays import Floats
from filmkin.prediction.features import background, features, vocabulary
from filmkin.prediction.films import MONEY, TARGETS
from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Method, Trained
from filmkin.prediction.trees import Ensemble
from tests.prediction import parts_of
from tests.service import served
from tests.world import Film, film, publish
from workflow.jobs import prediction as job
from workflow.prediction.films import KnownFilms, known_films
from workflow.prediction.training import learnable, train
from workflow.prediction.trees import films_frame, fit

SMALL = Learning(
    fewest=100, rounds=3, round_trees=4, round_depth=3, step=0.6, forest_trees=4, forest_depth=3
)


def woods(count: int) -> list[Film]:
    """Films whose ratings hang on who directs, budgets on the genre, of the USA but for a few."""
    random = np.random.default_rng(4)
    made = []
    for number in range(1, count + 1):
        director, genre = int(random.integers(12)), ("War", "Drama")[int(random.integers(2))]
        rating = 4 + director / 3 + float(random.normal(0, 0.3))
        budget = int(10 ** (6 + (genre == "War") + float(random.normal(0, 0.2))))
        details = {"country": "USA" if number % 10 else "Korea", "language": "en", "budget": budget}
        made.append(
            film(
                number,
                f"Wood {number}",
                year=date(1980 + int(random.integers(36)), 1, 1),
                duration=None if number % 9 == 0 else int(random.integers(70, 180)),
                genres=[genre],
                rating=Decimal(f"{rating:.2f}"),
                directors=[f"D{director}"],
                persons=[f"P{n}" for n in random.choice(60, 3, replace=False)],
                details=details,
            )
        )
    return made


FILMS = woods(320)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parquet of the films, credits and details, as the steps before leave it."""
    root = tmp_path_factory.mktemp("woods")
    publish(root, FILMS)
    return root / "parquet"


@pytest.fixture(scope="module")
def known(folder: Path) -> KnownFilms:
    return known_films(folder / "films", folder / "credits", folder / "details")


@pytest.fixture(scope="module")
def trained(
    spark: SparkSession, known: KnownFilms, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    out = tmp_path_factory.mktemp("trained") / "rating"
    return train(spark, known, "rating", SMALL, out)


def test_what_is_read_of_the_films_is_what_they_hold(known: KnownFilms, folder: Path) -> None:
    told = parts_of(FILMS)
    assert known.film_ids.tolist() == list(range(1, 321))
    for name in ("years", "durations", "ratings", "languages"):
        np.testing.assert_array_equal(getattr(known.parts, name), getattr(told, name))
    for role, listed in told.people.items():
        assert known.parts.people[role].offsets.tolist() == listed.offsets.tolist()
        assert list(known.parts.people[role].values) == list(listed.values)
    assert list(known.parts.genres.values) == list(told.genres.values)
    for name in TARGETS:
        expected = [one["details"].get(name) if one["details"]["country"] == "USA" else None for one in FILMS]  # fmt: skip
        if name in MONEY:
            amounts = np.log10(np.array(expected, dtype=np.float64))
            np.testing.assert_array_equal(known.values[name], amounts)
    alone = known_films(folder / "films", folder / "credits", None)
    assert np.isnan(alone.values["budget"]).all()
    np.testing.assert_array_equal(alone.values["rating"], known.values["rating"])


def mean_first_and_then_nearer_by_each_round(
    trees: Ensemble, matrix: Floats, values: Floats
) -> None:
    ends = [1, *(1 + SMALL.round_trees * count for count in range(1, SMALL.rounds + 1))]
    stages = trees.staged_scores(matrix, ends)
    np.testing.assert_allclose(stages[:, 0], values.mean())
    errors = ((stages - values[:, None]) ** 2).mean(axis=0)
    assert (np.diff(errors) < 0).all()
    assert len(trees.roots) == ends[-1]


def mean_of_so_many(trees: Ensemble, _matrix: Floats, _values: Floats) -> None:
    assert trees.weights.tolist() == [1 / SMALL.forest_trees] * SMALL.forest_trees


@pytest.mark.parametrize(
    ("method", "check"),
    [
        (Method.BOOSTING, mean_first_and_then_nearer_by_each_round),
        (Method.FOREST, mean_of_so_many),
    ],
    ids=list(Method),
)
def test_arrays_score_as_spark_does(
    spark: SparkSession,
    known: KnownFilms,
    method: Method,
    check: Callable[[Ensemble, Floats, Floats], None],
    tmp_path: Path,
) -> None:
    values = known.values["rating"]
    past, words = background(known.parts, values), vocabulary(known.parts, 5)
    matrix = features(known.parts, past, words, "rating").matrix
    frame = films_frame(spark, tmp_path / "films", matrix, values)
    fitted = fit(frame, method, SMALL, tmp_path / "model")
    rows = fitted.model.transform(frame).select("prediction", "label").collect()
    assert [row.label for row in rows] == values.tolist()
    theirs = np.array([row.prediction for row in rows])
    assert np.abs(fitted.trees.scores(matrix) - theirs).max() < 1e-9
    assert np.ptp(theirs) > 1
    check(fitted.trees, matrix, values)


def test_the_model_is_the_best_on_later_films_and_beats_the_median(trained: Trained) -> None:
    tried = {one.candidate: one for one in trained.tried}
    best = min(tried.values(), key=lambda one: one.validation.mae)
    (median,) = (one for one in tried.values() if one.candidate.name == "median")
    assert trained.chosen == best.candidate
    assert best.test.mae < 0.7 * median.test.mae
    assert trained.films == len(FILMS)
    assert trained.split.train_to < trained.split.validation_to < 2015
    assert {c.rounds for c in tried} == {0, 1, 2, 3}
    assert 0 < trained.half_width < 2


def test_trials_are_of_later_films_and_say_how_good_the_model_is(
    trained: Trained, known: KnownFilms
) -> None:
    film_ids, predicted, truth = trained.trials
    years = known.parts.years[film_ids - 1]
    assert set(film_ids) == set(known.film_ids[known.parts.years > trained.split.train_to])
    np.testing.assert_array_equal(truth, known.values["rating"][film_ids - 1])
    errors = np.abs(predicted - truth)
    (chosen,) = (one for one in trained.tried if one.candidate == trained.chosen)
    is_late = years > trained.split.validation_to
    assert errors[is_late].mean() == pytest.approx(chosen.test.mae)
    assert errors[~is_late].mean() == pytest.approx(chosen.validation.mae)
    assert (errors[is_late] <= trained.half_width).mean() == pytest.approx(trained.coverage)


def test_a_film_is_predicted_by_the_service_as_it_is_by_the_batch(
    trained: Trained, known: KnownFilms, tmp_path: Path
) -> None:
    """Through the tables of a build and over HTTP: the same features, the same sum."""
    words = vocabulary(known.parts, SMALL.frequent)
    matrix = features(known.parts, trained.past, words, "rating").matrix
    expected = np.clip(trained.trees.scores(matrix), 1, 10)
    with served(publish(tmp_path, FILMS, prediction=[trained])) as client:
        for place in range(0, len(FILMS), 40):
            found = client.get(f"/film/{place + 1}/prediction").json()["rating"]
            assert found["value"] == pytest.approx(expected[place], abs=1e-9)
            assert found["high"] - found["value"] == pytest.approx(trained.half_width)


@pytest.mark.parametrize(
    ("learning", "learnt_of"),
    [(Learning(fewest=1000), {"rating": 320, "budget": 288, "gross": 0}), (Learning(targets=()), {})],
    ids=["few", "none asked for"],
)  # fmt: skip
def test_of_too_few_films_there_is_no_model_and_no_session(
    folder: Path, learning: Learning, learnt_of: dict[str, int], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(job, "spark_session", None)
    films, credits, details = (str(folder / name) for name in ("films", "credits", "details"))
    job.main(films, credits, details, str(tmp_path), json.dumps(learning.as_dict()))
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures == {"rows": 0, "films": learnt_of, "models": {}}
    assert (tmp_path / "prediction_models" / "part-0.parquet").exists()


def test_films_of_one_year_cannot_be_told_apart_by_time() -> None:
    one_year = parts_of([one | {"year": date(2000, 1, 1)} for one in FILMS])
    assert not learnable(one_year, one_year.ratings, SMALL)
    assert learnable(parts_of(FILMS), one_year.ratings, SMALL)
