"""Builds: what is in them, what is refused, how one takes the place of another."""

import json
import os
from pathlib import Path

import duckdb
import pytest

from filmkin.catalogue import FILMS, TABLES
from filmkin.errors import BuildError, SettingError
from tests.world import film, films_credits_and_details, person_id, provenance, publish
from workflow import load
from workflow.checks import CheckLimits
from workflow.checksum import write_checksum

PAIR = [film(1, "Ash Tree", persons=["Ann"]), film(2, "Ash Leaf", persons=["Ann"])]


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as database:
        return database.execute(sql).fetchall()


def left_in(builds: Path) -> set[str]:
    """The names of the builds in a folder, where each has its checksum and nothing else is."""
    names = {path.name for path in builds.glob("*.duckdb")}
    assert set(os.listdir(builds)) == names | {f"{name}.sha256" for name in names}
    return names


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


ASHES = [
    film(1, "Ash Ash's Tree", original_title="Ünder ſea", persons=["Ann Lee", "Bob"], directors=["Bob"], details={"overview": 'A "sea".', "budget": 3_000_000_000, "keywords": ["ash"], "year": 1999}),
    film(2, None, original_title=None, persons=["ann lee", "Cy"], rating=None, year=None),
]  # fmt: skip


def test_a_film_s_document_is_its_row_as_json(tmp_path: Path) -> None:
    file = publish(tmp_path, ASHES).resolve()
    documents = [json.loads(str(text)) for _, text in rows(file, "FROM film_documents")]
    for row, found in zip(ASHES, documents, strict=True):
        assert list(found) == [*FILMS.column_names, "details"]
        year, rating = row["year"], row["rating"]
        assert found == row | {
            "year": year and year.isoformat(),
            "rating": rating and float(rating),
        }


def test_details_of_other_films_are_left_out_and_without_details_films_are_whole(
    tmp_path: Path,
) -> None:
    publish(tmp_path, [film(1), film(3, details={"overview": "A sea."})])
    films, credits, details = films_credits_and_details(tmp_path)
    others = tmp_path / "others"
    publish(others, [film(2)])
    file = load.build_file(others / "builds", "details")
    load.create_films(file, *films_credits_and_details(others)[:2], details, provenance("details"))
    assert rows(load.unchecked_file(file), "SELECT count(*) FROM details") == [(0,)]
    assert rows(load.unchecked_file(file), "SELECT film_id FROM films") == [(2,)]
    load.create_films(file, films, credits, None, provenance("details"))
    found = rows(load.unchecked_file(file), "SELECT document->>'$.details' FROM film_documents")
    assert found == [(None,), (None,)]


def test_people_are_everyone_with_a_credit_in_the_order_of_their_names(tmp_path: Path) -> None:
    ash = [
        film(1, persons=["Ann Lee", "Bob"], directors=["Bob", "Dee"]),
        film(2, persons=["ann lee", "Bob"]),
    ]
    file = publish(tmp_path, ash).resolve()
    by_id = sorted([person_id("Ann Lee"), person_id("ann lee")])
    first = by_id[0] == person_id("ann lee")
    alike = [("Ann Lee", 1, [0]), ("ann lee", 1, [1])]
    assert rows(file, "SELECT name, films, film_rows FROM people") == [
        *alike[:: -1 if first else 1],
        ("Bob", 2, [0, 1]),
        ("Dee", 1, []),
    ]
    bob = rows(
        file,
        "SELECT film_id, role, position, billing FROM credits WHERE name = 'Bob' AND film_id = 1",
    )
    assert bob == [(1, "actor", 1, 1), (1, "director", 0, None)]


def test_words_say_in_which_rows_they_occur(tmp_path: Path) -> None:
    file = publish(tmp_path, ASHES).resolve()
    assert rows(file, "SELECT field, word, rows FROM words WHERE field <> 'person'") == [
        ("original_title", "sea", [0]),
        ("original_title", "ünder", [0]),
        ("title", "ash", [0]),
        ("title", "s", [0]),
        ("title", "tree", [0]),
    ]
    ann = rows(file, "SELECT rows FROM words WHERE field = 'person' AND word = 'ann'")
    assert ann == [([0, 1],)]


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
        *(
            (f"CREATE TABLE turned AS FROM {table} ORDER BY rowid DESC; DELETE FROM {table}; INSERT INTO {table} FROM turned", f"{table}: stored in its order")
            for table in ("films", "words", "film_features")
        ),
        ("INSERT INTO people SELECT 0, '!', 1, [0]", "people: stored in its order"),
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
        load.check_build(file, CheckLimits())
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
        load.check_build(file, CheckLimits())


def check_again(file: Path, sql: str, limits: CheckLimits, last: Path | None = None) -> None:
    """Check a build as if it had just been made, after a change of it."""
    unchecked = load.unchecked_file(file)
    if file.exists():
        file.rename(unchecked)
    with duckdb.connect(str(unchecked)) as database:
        database.execute(sql)
    load.check_build(file, limits, last)


def test_a_source_with_too_many_rejected_lines_is_refused(tmp_path: Path) -> None:
    file = publish(tmp_path, PAIR).resolve()
    change = (
        "UPDATE build SET sources = list_transform(sources,"
        " lambda s: struct_update(s, lines := 100, rejected := 2))"
    )
    with pytest.raises(
        BuildError, match="at most 1.0% of a file's lines rejected .*max_rejected.*: 2 rows"
    ):
        check_again(file, change, CheckLimits())
    check_again(file, "SELECT 1", CheckLimits(max_rejected=0.02))
    assert file.exists()


FEWER = "DELETE FROM films WHERE film_id = 7"


def two_builds(tmp_path: Path) -> tuple[Path, Path]:
    """(published build, another of the same films): six that are alike, one that is like none."""
    lone = film(7, None, genres=[], rating=None, year=None)
    files = [
        publish(tmp_path, [*WOODS, lone], build_id=name).resolve() for name in ("last", "next")
    ]
    return files[0], files[1]


def test_a_build_that_lost_films_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    last, file = two_builds(tmp_path)
    with pytest.raises(
        BuildError,
        match=r"films: at most 10.0% fewer than in the last build \(\[checks\] max_loss\): 1 rows",
    ):
        check_again(file, FEWER, CheckLimits(), last)
    assert not file.exists()
    check_again(file, "SELECT 1", CheckLimits(max_loss=0.2), last)
    assert file.exists()


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE build SET parameters = '{"film_rule": {"min_votes": 9}}'""",
        "UPDATE build SET sources = list_transform(sources, lambda s: struct_update(s, url := 'elsewhere'))",
    ],
)
def test_a_change_of_settings_or_sources_is_a_reason_for_fewer_films(
    tmp_path: Path, change: str
) -> None:
    last, file = two_builds(tmp_path)
    check_again(file, f"{FEWER}; {change}", CheckLimits(), last)
    assert file.exists()


def test_a_last_build_with_other_columns_is_no_obstacle(tmp_path: Path) -> None:
    """As one of another version has."""
    last, file = two_builds(tmp_path)
    with duckdb.connect(str(last)) as database:
        database.execute("ALTER TABLE films ADD COLUMN of_old INTEGER")
        database.execute("ALTER TABLE tokens RENAME COLUMN text TO word")
    write_checksum(last, last)
    check_again(file, "SELECT 1", CheckLimits(), last)
    assert file.exists()


def test_a_last_build_that_cannot_be_read_is_no_obstacle(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, file = two_builds(tmp_path)
    broken = tmp_path / "films-it's broken.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    check_again(file, FEWER, CheckLimits(), broken)
    assert file.exists()
    assert "films-it's broken.duckdb is gone or damaged, and nothing is compared" in caplog.text


@pytest.mark.parametrize("name", ["max_loss", "max_rejected"])
def test_a_share_beyond_one_is_no_share(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is 0 to 1, not 1.5"):
        CheckLimits(**{name: 1.5})


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
    load.create_films(file, *films_credits_and_details(tmp_path), provenance("half"))
    with pytest.raises(BuildError, match="half"):
        load.create_similarity(
            file, tmp_path / "parquet/films_cos_sim", tmp_path / "nothing", tmp_path / "nothing"
        )
    half = load.unchecked_file(file)
    assert rows(half, "FROM build_steps") == [("films",)]
    tables = {name for (name,) in rows(half, "SELECT table_name FROM duckdb_tables()")}
    of_films = {"films", "credits", "people", "film_documents", "words", "details"}
    assert tables == {"build", "build_steps"} | of_films


def test_publishing_follows_the_newest_and_prunes_the_oldest(tmp_path: Path) -> None:
    for number in range(5):
        link = publish(tmp_path, PAIR, build_id=f"b{number}")
        os.utime(link.resolve(), ns=(number, number))
        assert link.resolve().name == f"films-b{number}.duckdb"
    assert left_in(tmp_path / "builds") == {f"films-b{n}.duckdb" for n in (2, 3, 4)}


def test_what_was_written_of_a_build_goes_with_it(tmp_path: Path) -> None:
    for number in range(2):
        file = publish(tmp_path, PAIR, build_id=f"b{number}").resolve()
        os.utime(file, ns=(number, number))
        load.report_file(file).touch()
        load.notebooks_folder(file).mkdir()
        (load.notebooks_folder(file) / "one.html").touch()
    load.prune(file.parent, file, keep=1)
    kinds = ("duckdb", "duckdb.sha256", "html", "notebooks")
    assert set(os.listdir(file.parent)) == {f"films-b1.{kind}" for kind in kinds}


def test_a_build_that_never_came_to_its_end_costs_no_good_one(tmp_path: Path) -> None:
    publish(tmp_path, PAIR, build_id="one")
    for number in range(5):
        unfinished = load.build_file(tmp_path / "builds", f"unfinished{number}")
        load.create_films(unfinished, *films_credits_and_details(tmp_path), provenance("x"))
    publish(tmp_path, PAIR, build_id="two")
    assert left_in(tmp_path / "builds") == {"films-one.duckdb", "films-two.duckdb"}


def test_a_check_that_was_killed_before_the_name_was_given_can_be_done_again(
    tmp_path: Path,
) -> None:
    file = publish(tmp_path, PAIR).resolve()
    file.rename(load.unchecked_file(file))
    load.check_build(file, CheckLimits())
    assert rows(file, "SELECT count(*) FROM build_steps") == [(6,)]


def test_going_back_to_an_older_build_keeps_it(tmp_path: Path) -> None:
    for build_id in ("old", "new"):
        link = publish(tmp_path, PAIR, build_id=build_id)
    load.publish(tmp_path / "builds/films-old.duckdb", link, keep=1)
    assert left_in(tmp_path / "builds") == {"films-old.duckdb"}
    assert rows(link, f"SELECT count(*) FROM {FILMS.name}") == [(2,)]


def test_the_name_of_a_damaged_build_is_not_used_again(tmp_path: Path) -> None:
    """A service that has the damaged file open would see both under one name."""
    damaged = publish(tmp_path, PAIR, build_id="one").resolve()
    assert load.build_file(damaged.parent, "one") == damaged
    damaged.write_bytes(damaged.read_bytes()[:-1])
    again = publish(tmp_path, PAIR, build_id="one").resolve()
    assert again.name == "films-one.2.duckdb"
    assert load.build_id(again) == "one"
    assert load.build_file(again.parent, "one") == again
    assert left_in(again.parent) == {"films-one.2.duckdb"}
