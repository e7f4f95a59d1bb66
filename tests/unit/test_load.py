"""Builds: what is in them, what is refused, how one takes the place of another."""

import os
from pathlib import Path

import duckdb
import pytest

from filmkin.catalogue import FILMS, TABLES
from filmkin.errors import BuildError
from tests.world import film, provenance, publish
from workflow import load

PAIR = [film(1, "Ash Tree", persons=["Ann"]), film(2, "Ash Leaf", persons=["Ann"])]


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as database:
        return database.execute(sql).fetchall()


def test_every_table_has_the_columns_of_its_contract(tmp_path: Path) -> None:
    file = publish(tmp_path, PAIR).resolve()
    for table in TABLES:
        found = rows(
            file,
            "SELECT column_name, data_type FROM information_schema.columns"
            f" WHERE table_name = '{table.name}' ORDER BY ordinal_position",
        )
        declared = [(column.name, column.type) for column in table.columns]
        assert [(n, str(t).replace('"', "")) for n, t in found] == declared


def test_a_build_says_what_it_was_made_from(tmp_path: Path) -> None:
    file = publish(tmp_path, PAIR, build_id="one", floor=0.25).resolve()
    (build,) = rows(
        file, "SELECT build_id, min_similarity, max_similar, sources[1].name FROM build"
    )
    assert build == ("one", 0.25, None, "title.basics.tsv.gz")


def test_columns_say_what_they_mean(tmp_path: Path) -> None:
    file = publish(tmp_path, PAIR).resolve()
    (comment,) = rows(
        file, "SELECT comment FROM duckdb_columns() WHERE table_name = 'films' AND column_name = 'duration'"
    )  # fmt: skip
    assert comment == ("minutes, or null (title.basics runtimeMinutes)",)


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("INSERT INTO films_cos_sim VALUES (1, 1, 0.5)", "films_cos_sim: never a film with itself"),
        ("DELETE FROM films_cos_sim WHERE film_id = 1", "films_cos_sim: the same in both directions"),
        ("UPDATE films_cos_sim SET similarity = 0.9 WHERE film_id = 1", "films_cos_sim: the same in both directions"),
        ("UPDATE films_cos_sim SET similarity = 1.1", "films_cos_sim: from the stored floor to 1"),
        ("UPDATE films_cos_sim SET similarity = 0.05", "films_cos_sim: from the stored floor to 1"),
        ("UPDATE films_cos_sim SET similarity = NULL", "films_cos_sim: from the stored floor to 1"),
        ("INSERT INTO films_cos_sim VALUES (1, 9, 0.5), (9, 1, 0.5)", "films_cos_sim: other_id is in films"),
        ("INSERT INTO films_cos_sim FROM films_cos_sim", "films_cos_sim: one row per film_id, other_id"),
        ("DELETE FROM tokens WHERE token_id = 0", "film_features: token_id is in tokens"),
        ("UPDATE film_features SET weight = 0 WHERE film_id = 1", "film_features: every vector has length 1"),
        ("UPDATE films SET person_ids = []", "films: persons and person_ids are parallel"),
        ("UPDATE films SET rating = 11", "films: years are four digits, ratings 0 to 10"),
        ("UPDATE films SET year = DATE '20500-01-01'", "films: years are four digits, ratings 0 to 10"),
        ("ALTER TABLE tokens DROP COLUMN text", "tokens: columns as declared"),
        ("ALTER TABLE tokens ALTER weight TYPE FLOAT", "tokens: columns as declared"),
        ("DELETE FROM films", "films: at least one"),
    ],
)  # fmt: skip
def test_a_build_that_is_wrong_is_refused_and_says_why(
    tmp_path: Path, damage: str, check: str
) -> None:
    file = publish(tmp_path, PAIR).resolve()
    file.rename(load.unchecked_file(file))
    with duckdb.connect(str(load.unchecked_file(file))) as database:
        database.execute(damage)
    with pytest.raises(BuildError, match=f"{file.name} is not published: .*{check}: [0-9]+ rows"):
        load.check_build(file)
    assert not file.exists()


WOODS = [film(n, "Ash Lake", persons=["Ann", f"P{n}"]) for n in range(1, 7)]


def test_a_build_with_a_cap_is_sound_although_pairs_are_stored_one_way_only(tmp_path: Path) -> None:
    file = publish(tmp_path, WOODS, max_similar=2).resolve()
    assert rows(file, "SELECT other_id FROM films_cos_sim WHERE film_id = 6") == [(1,), (2,)]
    assert rows(file, "SELECT other_id FROM films_cos_sim WHERE film_id = 1") == [(2,), (3,)]


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        # Of films 1 and 6 only 6 may have a pair that the other has not: 1 stores two better ones.
        ("DELETE FROM films_cos_sim WHERE film_id = 1 AND other_id = 2", "films_cos_sim: the same in both directions"),
        ("INSERT INTO films_cos_sim VALUES (1, 6, 0.5)", "films_cos_sim: no more films a film than build.max_similar"),
    ],
)  # fmt: skip
def test_a_build_with_a_cap_is_refused_where_a_pair_is_missing_that_it_has_room_for(
    tmp_path: Path, damage: str, check: str
) -> None:
    file = publish(tmp_path, WOODS, max_similar=2).resolve()
    file.rename(load.unchecked_file(file))
    with duckdb.connect(str(load.unchecked_file(file))) as database:
        database.execute(damage)
    with pytest.raises(BuildError, match=check):
        load.check_build(file)


def test_a_film_of_which_nothing_tells_is_no_obstacle(tmp_path: Path) -> None:
    file = publish(tmp_path, [*PAIR, film(3, "???", genres=[], rating=None, year=None)]).resolve()
    assert rows(file, "SELECT film_id FROM films ANTI JOIN film_features USING (film_id)") == [(3,)]


def test_a_sound_build_keeps_the_report_of_its_checks(tmp_path: Path) -> None:
    file = publish(tmp_path, PAIR).resolve()
    (report,) = rows(file, "SELECT count(*) > 15, max(offending) FROM build_checks")
    assert report == (True, 0)


def test_a_step_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = load.build_file(tmp_path, "half")
    publish(tmp_path, PAIR)
    load.create_films(file, tmp_path / "parquet/films", provenance("half"))
    with pytest.raises(BuildError, match="half"):
        load.create_similarity(
            file, tmp_path / "parquet/films_cos_sim", tmp_path / "nothing", tmp_path / "nothing"
        )
    half = load.unchecked_file(file)
    assert rows(half, "FROM build_steps") == [("films",)]
    tables = rows(half, "SELECT table_name FROM duckdb_tables() ORDER BY ALL")
    assert tables == [("build",), ("build_steps",), ("films",)]


def test_publishing_follows_the_newest_and_prunes_the_oldest(tmp_path: Path) -> None:
    for number in range(5):
        link = publish(tmp_path, PAIR, build_id=f"b{number}")
        os.utime(link.resolve(), ns=(number, number))
        assert link.resolve().name == f"films-b{number}.duckdb"
    assert sorted(os.listdir(tmp_path / "builds")) == [f"films-b{n}.duckdb" for n in (2, 3, 4)]


def test_a_build_that_never_came_to_its_end_costs_no_good_one(tmp_path: Path) -> None:
    publish(tmp_path, PAIR, build_id="one")
    for number in range(5):
        unfinished = load.build_file(tmp_path / "builds", f"unfinished{number}")
        load.create_films(unfinished, tmp_path / "parquet/films", provenance("x"))
    publish(tmp_path, PAIR, build_id="two")
    assert sorted(os.listdir(tmp_path / "builds")) == ["films-one.duckdb", "films-two.duckdb"]


def test_a_check_that_was_killed_before_the_name_was_given_can_be_done_again(
    tmp_path: Path,
) -> None:
    file = publish(tmp_path, PAIR).resolve()
    file.rename(load.unchecked_file(file))
    load.check_build(file)
    assert rows(file, "SELECT count(*) FROM build_steps") == [(3,)]


def test_going_back_to_an_older_build_keeps_it(tmp_path: Path) -> None:
    for build_id in ("old", "new"):
        link = publish(tmp_path, PAIR, build_id=build_id)
    load.publish(tmp_path / "builds/films-old.duckdb", link, keep=1)
    assert os.listdir(tmp_path / "builds") == ["films-old.duckdb"]
    assert rows(link, f"SELECT count(*) FROM {FILMS.name}") == [(2,)]
