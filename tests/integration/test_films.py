"""PrepFilms' transform over tiny worlds: whole rows against what they must be."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from filmkin.catalogue import CREDITS, FILMS, FilmRule
from tests.world import write_tsv
from workflow.contracts import spark_schema, staged_schema
from workflow.films import credits, films, kept_titles
from workflow.genres import films_by_genre
from workflow.jobs.films import surplus_rows
from workflow.sources import IMDB
from workflow.staging import stage

ANY = FilmRule(min_rating=0, min_votes=0, min_genres=0)
Rows = list[dict[str, Any]]


def films_of(staged: dict[str, DataFrame], rule: FilmRule) -> DataFrame:
    """The films of staged files, as the job of PrepFilms makes them."""
    kept = kept_titles(staged["title.basics"], staged["title.ratings"], rule)
    return films(kept, credits(staged, kept), staged.get("title.akas"))


class World:
    """IMDb's files of a test, staged for real and read by Spark."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self._spark = spark
        self._folder = folder

    def staged(self, **files: Rows) -> dict[str, DataFrame]:
        """Tables by IMDb's name; `title_basics=[...]` is title.basics. Required ones may be empty."""
        named = {name.replace("_", "."): rows for name, rows in files.items()}
        required: dict[str, Rows] = {name: [] for name, table in IMDB.items() if not table.optional}
        return {name: self._stage(name, rows) for name, rows in (required | named).items()}

    def films(self, rule: FilmRule = ANY, **files: Rows) -> list[dict[str, Any]]:
        rows = films_of(self.staged(**files), rule).collect()
        return [row.asDict() for row in rows]

    def credits(self, **files: Rows) -> list[tuple[Any, ...]]:
        staged = self.staged(**files)
        kept = kept_titles(staged["title.basics"], staged["title.ratings"], ANY)
        return [tuple(row) for row in credits(staged, kept).collect()]

    def _stage(self, name: str, rows: Rows) -> DataFrame:
        source = write_tsv(self._folder, name, rows)
        out = self._folder / "staged" / name
        out.mkdir(parents=True)
        report = stage(source, IMDB[name], out)
        assert report.rejected == 0
        return self._spark.read.schema(staged_schema(IMDB[name])).parquet(str(out))


@pytest.fixture
def world(spark: SparkSession, tmp_path: Path) -> World:
    return World(spark, tmp_path)


def title(number: int, name: str = "A Film", **columns: Any) -> dict[str, Any]:
    row = {"tconst": f"tt{number:07}", "titleType": "movie", "primaryTitle": name}
    return row | {"originalTitle": name, "genres": "Drama"} | columns


def credit(number: int, ordering: int, person: int, category: str = "actor") -> dict[str, Any]:
    return {
        "tconst": f"tt{number:07}",
        "ordering": ordering,
        "nconst": f"nm{person:07}",
        "category": category,
    }


def name(person: int, text: str) -> dict[str, Any]:
    return {"nconst": f"nm{person:07}", "primaryName": text}


def rating(number: int, average: str, votes: int) -> dict[str, Any]:
    return {"tconst": f"tt{number:07}", "averageRating": average, "numVotes": votes}


def test_a_film_has_all_columns_of_its_contract(world: World) -> None:
    (found,) = world.films(
        FilmRule(),
        title_basics=[
            title(99785, "Snow Day", originalTitle="Jour de neige", startYear=1990, runtimeMinutes=103, genres="Comedy,Family")
        ],
        title_ratings=[rating(99785, "7.7", 600)],
        title_principals=[
            credit(99785, 10, 3, "director"),
            credit(99785, 2, 2),
            credit(99785, 1, 1),
            credit(99785, 3, 2, "writer"),
        ],
        name_basics=[name(1, "Ann"), name(2, "Bob"), name(3, "Cy"), name(4, "Dee")],
        title_crew=[{"tconst": "tt0099785", "directors": "nm0000003,xx0000001,nmabc,nm0000004", "writers": r"\N"}],
        title_akas=[
            {"titleId": "tt0099785", "ordering": 3, "title": "Schneetag", "language": "de"},
            {"titleId": "tt0099785", "ordering": 2, "title": "Snow Day", "language": "en"},
            {"titleId": "tt0099785", "ordering": 1, "title": "Zlatý sníh", "language": r"\N"},
            {"titleId": "tt0099785", "ordering": 4, "title": "Schneetag", "language": "de"},
            {"titleId": "tt0000001", "ordering": 1, "title": "Another film", "language": "fr"},
        ],
    )  # fmt: skip
    assert found == {
        "film_id": 99785,
        "title": "Snow Day",
        "year": date(1990, 1, 1),
        "duration": 103,
        "genres": ["Comedy", "Family"],
        "rating": Decimal("7.70"),
        "vote_count": 600,
        "persons": ["Ann", "Bob", "Cy"],
        "original_title": "Jour de neige",
        "person_ids": [1, 2, 3],
        "directors": ["Cy", "Dee"],
        "writers": [],
        "alternative_titles": ["Zlatý sníh", "Schneetag"],
        "languages": ["de", "en"],
    }


def test_a_credit_says_who_did_what_and_where_it_stands(world: World) -> None:
    people = [name(1, "Ann"), name(2, "Bob"), name(3, "Cy"), {"nconst": "nm0000004"}]
    principals = [
        credit(1, 1, 1), credit(1, 2, 2, "director"), credit(1, 3, 1, "writer"), credit(1, 5, 1),
        credit(1, 4, 4), credit(2, 1, 1),
    ]  # fmt: skip
    crew = [{"tconst": "tt0000001", "directors": "nm0000003", "writers": "nm0000003,nm0000001"}]
    asked: dict[str, Rows] = {
        "title_basics": [title(1), title(2, titleType="short")],
        "title_principals": principals,
        "name_basics": people,
    }
    assert world.credits(**asked) == [
        (1, 1, "actor", 1, 1, "Ann"),
        (1, 1, "writer", 3, 1, "Ann"),
        (1, 2, "director", 2, 2, "Bob"),
    ]
    (world._folder / "staged").rename(world._folder / "staged-before")
    assert world.credits(**asked, title_crew=crew) == [
        (1, 3, "director", 0, None, "Cy"),
        (1, 3, "writer", 0, None, "Cy"),
        (1, 1, "actor", 1, 1, "Ann"),
        (1, 1, "writer", 1, 1, "Ann"),
        (1, 2, "director", None, 2, "Bob"),
    ]


def test_the_schema_is_the_contract(world: World, spark: SparkSession) -> None:
    staged = world.staged()
    kept = kept_titles(staged["title.basics"], staged["title.ratings"], ANY)
    frames = {FILMS: films_of(staged, ANY), CREDITS: credits(staged, kept)}
    for table, frame in frames.items():
        declared = spark.createDataFrame([], spark_schema(table)).schema
        assert [(f.name, f.dataType.simpleString()) for f in frame.schema] == [
            (f.name, f.dataType.simpleString()) for f in declared
        ]


def test_a_film_of_which_little_is_known_stays_whole(world: World) -> None:
    (found,) = world.films(
        title_basics=[title(1, genres=r"\N", primaryTitle=r"\N", originalTitle="O")]
    )
    assert found == dict.fromkeys(FILMS.column_names) | {
        "film_id": 1,
        "title": "O",
        "original_title": "O",
        "genres": [],
        "persons": [],
        "person_ids": [],
        "directors": [],
        "writers": [],
        "alternative_titles": [],
        "languages": [],
    }


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (FilmRule(), [1]),
        (FilmRule(min_rating=0), [1, 2]),
        (FilmRule(min_votes=0), [1, 3]),
        (FilmRule(min_genres=0), [1, 4]),
        (FilmRule(min_genres=2), []),
        (FilmRule(title_types=("short", "movie")), [1, 5]),
        (FilmRule(min_rating=0, min_votes=0), [1, 2, 3, 6]),
        (ANY, [1, 2, 3, 4, 6]),
    ],
)
def test_the_rule_keeps_the_right_titles(world: World, rule: FilmRule, kept: list[int]) -> None:
    found = world.films(
        rule,
        title_basics=[title(n) for n in (1, 2, 3, 6)]
        + [title(4, genres=r"\N"), title(5, titleType="short"), title(7, titleType="tvEpisode")],
        title_ratings=[
            rating(1, "6.0", 500),
            rating(2, "5.9", 500),
            rating(3, "6.0", 499),
            rating(4, "9.9", 999999),
            rating(5, "7.0", 500),
            rating(7, "7.0", 500),
            rating(8, "7.0", 500),
        ],
    )
    assert [film["film_id"] for film in found] == kept


def test_persons_stand_in_billing_order_once_each_and_namesakes_apart(world: World) -> None:
    (found,) = world.films(
        title_basics=[title(1)],
        title_principals=[
            credit(1, 10, 5),
            credit(1, 9, 4, "producer"),
            credit(1, 2, 4),
            credit(1, 1, 3),
        ],
        name_basics=[name(3, "Sam"), name(4, "Kim"), name(5, "Sam")],
    )
    assert found["persons"] == ["Sam", "Kim", "Sam"]
    assert found["person_ids"] == [3, 4, 5]


def test_people_and_titles_that_no_file_knows_are_left_out(world: World) -> None:
    found = world.films(
        title_basics=[title(1)],
        title_principals=[credit(1, 1, 3), credit(1, 2, 99), credit(1, 3, 5), credit(77, 1, 3)],
        name_basics=[name(3, "Ann"), {"nconst": "nm0000005"}],
        title_ratings=[rating(77, "9.0", 10000)],
    )
    assert [(film["film_id"], film["persons"]) for film in found] == [(1, ["Ann"])]


def test_without_title_crew_the_principals_say_who_directed_and_wrote(world: World) -> None:
    (found,) = world.films(
        title_basics=[title(1)],
        title_principals=[
            credit(1, 1, 1),
            credit(1, 3, 2, "director"),
            credit(1, 2, 3, "director"),
            credit(1, 4, 1, "writer"),
        ],
        name_basics=[name(1, "Ann"), name(2, "Bob"), name(3, "Cy")],
    )
    assert (found["directors"], found["writers"]) == (["Cy", "Bob"], ["Ann"])


def test_a_duplicate_tconst_gives_one_film_and_a_count(world: World) -> None:
    basics = [title(1, "B"), title(2), title(1, "A"), title(1, "C"), title(3, titleType="short")]
    ratings = [rating(1, "7.0", 600), rating(1, "6.5", 601)]
    for order in (1, -1):
        staged = world.staged(title_basics=basics[::order], title_ratings=ratings[::order])
        rows = films_of(staged, ANY).collect()
        assert [(row.film_id, row.title) for row in rows] == [(1, "C"), (2, "A Film")]
        folders = world._folder / "staged"
        assert surplus_rows(str(folders / "title.basics"), FilmRule()) == 2
        for folder in folders.iterdir():
            folder.rename(folder.with_name(f"{folder.name}-{order}"))


def test_quotes_and_letters_of_all_kinds_come_through(world: World) -> None:
    names = ['"Unbalanced', "L'été \\N", "七人の侍", 'a "b" c', "Я"]
    found = world.films(title_basics=[title(n, text) for n, text in enumerate(names, 1)])
    assert [film["title"] for film in found] == names


def test_a_film_stands_under_each_of_its_genres(world: World) -> None:
    frame = films_of(
        world.staged(title_basics=[title(2, genres="War,Drama"), title(1, genres="War"), title(3, genres=r"\N")]),
        ANY,
    )  # fmt: skip
    rows = films_by_genre(frame).collect()
    assert sorted((row.genre, row.film_id) for row in rows) == [
        ("Drama", 2),
        ("War", 1),
        ("War", 2),
    ]
