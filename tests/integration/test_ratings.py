"""MovieLens' files and the store's ratings through Spark, against what plain Python makes of them."""

import csv
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from filmkin.errors import SourceError
from filmkin.factors import solve, solve_implicit
from filmkin.held_back import RatingData
from filmkin.rankings import best
from workflow.delimited import to_parquet
from workflow.jobs import ratings as job
from workflow.movielens import unpacked
from workflow.ratings import (
    check_columns,
    described,
    given_ratings,
    links,
    of_movielens,
    people,
    ratings,
)
from workflow.recommender.als import als_of, write_values
from workflow.recommender.learner import Learner
from workflow.recommender.search import search
from workflow.recommender.settings import AlsSettings, Search
from workflow.sources import MOVIELENS
from workflow.stored_ratings import STORED_SCHEMA

FILES: Mapping[str, Sequence[Sequence[Any]]] = {
    "ratings.csv": [
        (7, 1, 4.0, 100), (7, 2, "0.5", 90), (7, 3, 5.0, 80),
        (9, 1, 3.5, 50),
        (9, 4, 2.0, 60), (9, 5, 4.5, 70),  # two numbers of one film: the later rating counts
        (9, 6, 3.0, 40),                   # a film without a link
        (9, 2, 5.5, 30), (9, 2, "", 30), ("x", 2, 3.0, 30), (9, 2, 3.0, "now"),
    ],
    "movies.csv": [
        (1, "Alien (1979)", "Horror|Sci-Fi"), (2, "American President, The (1995)", "Drama"),
        (4, "Solaris (1972)", "Sci-Fi"), (5, "Solyaris (1972)", "Sci-Fi"), (6, "Lost", "Drama"),
    ],
    "links.csv": [(1, "0078748", 348), (2, "0112346", ""), (3, "0000003", 1), (4, "0069293", 2), (5, "0069293", 3), (6, "", "")],
    "tags.csv": [(7, 1, "Space", 1), (9, 1, " space", 2), (9, 1, "acid, blood", 3), (7, 1, "", 4)],
}  # fmt: skip
ALIEN, PRESIDENT, THIRD, SOLARIS = 78748, 112346, 3, 69293


def write_movielens(folder: Path, **files: Sequence[Sequence[Any]]) -> Path:
    """FILES, but for those that are given by what stands before their .csv."""
    folder.mkdir()
    for name, rows in ({**FILES} | {f"{name}.csv": rows for name, rows in files.items()}).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([MOVIELENS[name], *rows])
    return folder


@pytest.fixture(scope="module")
def frames(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataFrame]:
    folder = write_movielens(tmp_path_factory.mktemp("movielens") / "files")
    found = {}
    for name in MOVIELENS:
        assert to_parquet(folder / name, folder / f"{name}.parquet") == 0
        found[name] = spark.read.parquet(str(folder / f"{name}.parquet"))
    return found


@pytest.fixture(scope="module")
def movielens(frames: dict[str, DataFrame]) -> DataFrame:
    return of_movielens(given_ratings(frames["ratings.csv"]), links(frames["links.csv"])).cache()


def rows(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in frame.collect())


def test_rows_that_are_no_rating_are_left_out(frames: dict[str, DataFrame]) -> None:
    assert given_ratings(frames["ratings.csv"]).count() == 7


def test_a_person_has_one_rating_of_a_film_the_last(movielens: DataFrame) -> None:
    assert rows(movielens) == [
        (7, THIRD, 5.0, 80), (7, ALIEN, 4.0, 100), (7, PRESIDENT, 0.5, 90),
        (9, SOLARIS, 4.5, 70), (9, ALIEN, 3.5, 50),
    ]  # fmt: skip


def test_people_of_the_store_are_numbered_after_those_of_movielens(
    spark: SparkSession, movielens: DataFrame
) -> None:
    stored = spark.createDataFrame([(0, ALIEN, 1.0, 5), (1, 42, 2.0, 6)], STORED_SCHEMA)
    found = rows(ratings(movielens, stored))
    assert [row[0] for row in found] == [0, 0, 0, 1, 1, 2, 3]
    assert found[-2:] == [(2, ALIEN, 1.0, 5), (3, 42, 2.0, 6)]


def test_people_have_their_newest_ratings_first(movielens: DataFrame) -> None:
    assert rows(people(movielens)) == [
        (7, [ALIEN, PRESIDENT, THIRD], [4.0, 0.5, 5.0], [100, 90, 80]),
        (9, [SOLARIS, ALIEN], [4.5, 3.5], [70, 50]),
    ]


def test_films_bear_what_movielens_says_and_whether_they_are_in_the_catalogue(
    spark: SparkSession, frames: dict[str, DataFrame], movielens: DataFrame
) -> None:
    films = spark.createDataFrame([(ALIEN,)], "film_id int")
    only_stored = spark.createDataFrame([(42,)], "film_id int")
    rated = movielens.select("film_id").unionByName(only_stored)
    known = (links(frames["links.csv"]), frames["movies.csv"], frames["tags.csv"])
    assert rows(described(rated, *known, films)) == [
        (THIRD, [3], None, [], False),
        (42, [], None, [], False),
        (SOLARIS, [4, 5], "Solaris (1972)", [], False),
        (ALIEN, [1], "Alien (1979)", ["space", "acid, blood"], True),
        (PRESIDENT, [2], "American President, The (1995)", [], False),
    ]


def test_a_file_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(SourceError, match=r"links.csv: there is no column imdbId"):
        check_columns("links.csv", ["movieId", "tmdbId"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "of its 0 ratings 0 can be read, 0 of them without a film in links.csv"),
        ([(9, 6, 3.0, 40), (9, 3, 9.0, 1)], "of its 2 ratings 1 can be read, 1 of them without"),
    ],
)
def test_ratings_that_teach_nothing_are_refused_by_name(
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: list[tuple[Any, ...]],
    told: str,
) -> None:
    monkeypatch.setattr(job, "spark_session", lambda _: nullcontext(spark))
    source = write_movielens(tmp_path / "files", ratings=given)
    with pytest.raises(SourceError, match=f"ratings.csv: there is nothing to learn from: {told}"):
        job.main(str(source), "", "no films are asked for", str(tmp_path))


def test_a_zip_is_unpacked_and_a_damaged_one_refused(tmp_path: Path) -> None:
    folder, packed, scratch = (
        write_movielens(tmp_path / "files"),
        tmp_path / "ml.zip",
        tmp_path / "scratch",
    )
    scratch.mkdir()
    with zipfile.ZipFile(packed, "w") as file:
        for name in MOVIELENS:
            file.write(folder / name, f"ml-small/{name}")
    with unpacked(packed, scratch) as files:
        assert {f.name: f.read_bytes() for f in files.iterdir()} == {
            f.name: f.read_bytes() for f in folder.iterdir()
        }
    assert not list(scratch.iterdir())
    whole = packed.read_bytes()
    at = whole.index(b"Alien")
    packed.write_bytes(whole[:at] + b"X" + whole[at + 1 :])
    with (
        pytest.raises(SourceError, match=r"ml.zip: cannot be read: .*CRC"),
        unpacked(packed, scratch),
    ):
        pass
    with zipfile.ZipFile(packed, "w") as file:
        file.write(folder / "tags.csv", "tags.csv")
    with (
        pytest.raises(SourceError, match=r"there is no ratings.csv in it"),
        unpacked(packed, scratch),
    ):
        pass


def tastes(people: int = 30, films: int = 24) -> RatingData:
    """Half of the people love the first half of the films and hate the others; half the reverse."""
    rng = np.random.default_rng(5)
    person, film = np.nonzero(rng.random((people, films)) < 0.6)
    loves = (person < people // 2) == (film < films // 2)
    stars = np.where(loves, 4.5, 1.5) + rng.choice([-0.5, 0.0, 0.5], len(person))
    moments = rng.integers(0, 10**6, len(person))
    return RatingData(person, film, stars, moments, np.arange(films, dtype=np.int32))


@pytest.mark.parametrize("alpha", [None, 4.0])
def test_a_fold_in_finds_the_people_that_spark_found(
    spark: SparkSession, tmp_path: Path, alpha: float | None
) -> None:
    """Spark's last half-step solves the people of the films' last factors: so does a fold-in."""
    data, file, ridge = tastes(), tmp_path / "values.parquet", 0.05
    values = data.ratings - 3
    values = values if alpha is None else np.abs(values)
    write_values(data, values, file)
    als = als_of(AlsSettings(rank=3, ridge=ridge, iterations=2, alpha=alpha), seed=1)
    model = als.fit(spark.read.parquet(str(file)))
    films, of_people = (
        {row.id: np.array(row.features) for row in found.collect()}
        for found in (model.itemFactors, model.userFactors)
    )
    every = np.array([films[film] for film in sorted(films)])
    for person, expected in of_people.items():
        mine = data.people == person
        rated = every[data.films[mine]]
        if alpha is None:
            found = solve(rated, values[mine], ridge)
        else:
            found = solve_implicit(every.T @ every, rated, values[mine], alpha, ridge)
        assert found == pytest.approx(expected, abs=1e-4)  # Spark's are of single precision


QUICK = Search(ranks=(4,), ridges=(0.1,), iterations=(5,), half_lives=(5.0,), alphas=(4.0,), implicit_weights=(0.5,), powers=(2.0,), regression_ranks=(8,), ridges_of_lists=(1.0, 10.0))  # fmt: skip


def test_what_is_learnt_gives_people_what_they_love(spark: SparkSession, tmp_path: Path) -> None:
    data = tastes()
    choice, trials = search(spark, data, QUICK, tmp_path)
    assert {trial.part for trial in trials} == {"ratings", "regression", "implicit"}
    assert min(t.rmse for t in trials if t.rmse is not None) < 0.8
    made = Learner(spark, data, tmp_path, QUICK.seed).recommender(choice)
    person = made.person(np.array([0, 1], np.int32), np.array([5.0, 4.5]))
    scores, predicted = person.scores(), person.predicted()
    scores[:2] = -np.inf
    assert set(best(scores, 6).tolist()) <= set(range(2, 12))
    assert predicted[2:12].mean() > predicted[12:].mean() + 1


def test_too_few_ratings_to_hold_back_are_learnt_as_usual(
    spark: SparkSession, tmp_path: Path
) -> None:
    few = tastes(people=2, films=3)
    choice, trials = search(spark, few, QUICK, tmp_path)
    assert trials == []
    made = Learner(spark, few, tmp_path, 1).recommender(choice)
    assert np.isfinite(made.person(np.array([0], np.int32), np.array([5.0])).scores()).all()
