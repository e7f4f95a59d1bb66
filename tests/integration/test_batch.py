"""The batch from a host like IMDb's: run, changed, refused."""

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.batch import SCHEDULING_ERROR, TABLES, TASK_FAILED, Batch, ran
from tests.http_host import Host, serve


@pytest.fixture(scope="module")
def host(sample: Path) -> Iterator[Host]:
    with serve(Host.of_folder(sample)) as host:
        yield host


@pytest.fixture(scope="module")
def batch(undisturbed: Batch, host: Host, tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """A finished root, whose files now come from the host."""
    root = tmp_path_factory.mktemp("host") / "root"
    shutil.copytree(undisturbed.root, root, symlinks=True)
    return Batch(root, host.url, undisturbed.settings)


def test_the_same_files_from_elsewhere_make_nothing_anew(batch: Batch, host: Host) -> None:
    assert ran(batch.run()) == {path[1:] for path in host.files}


def test_the_films_are_those_of_the_rule(batch: Batch, sample: Path, tmp_path: Path) -> None:
    """Against an SQL of its own over the source files."""
    shutil.copytree(batch.root, tmp_path / "root", symlinks=True)
    by_default = Batch(tmp_path / "root", str(sample))
    by_default.run(task="PrepFilms")
    for name in ("title.basics", "title.ratings", "title.principals", "name.basics"):
        duckdb.sql(rf"""
            CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT DISTINCT * FROM read_csv(
                '{sample}/{name}.tsv.gz', delim = '\t', quote = '', escape = '', nullstr = '\N',
                header = true, all_varchar = true)
        """)
    expected = duckdb.sql("""
        WITH billed AS (
            SELECT tconst, nconst, min(ordering::INTEGER) AS place
            FROM "title.principals" GROUP BY ALL
        ), people AS (
            SELECT tconst, list(primaryName ORDER BY place) AS persons
            FROM billed JOIN "name.basics" USING (nconst) GROUP BY tconst
        )
        SELECT substr(tconst, 3)::INTEGER, primaryTitle, startYear::INTEGER,
               runtimeMinutes::INTEGER, string_split(genres, ','), averageRating::DECIMAL(4, 2),
               numVotes::INTEGER, coalesce(persons, [])
        FROM "title.basics" JOIN "title.ratings" USING (tconst) LEFT JOIN people USING (tconst)
        WHERE titleType = 'movie' AND genres IS NOT NULL
          AND averageRating::DOUBLE >= 6 AND numVotes::INTEGER >= 500
        ORDER BY ALL
    """).fetchall()
    found = duckdb.sql(f"""
        SELECT film_id, title, year(year)::INTEGER, duration, genres, rating, vote_count, persons
        FROM '{by_default.root}/output/films/*.parquet' ORDER BY ALL
    """).fetchall()
    assert found == expected
    assert 10 < len(found) < len(batch.rows("films"))


def test_nothing_is_left_over(batch: Batch) -> None:
    assert list(batch.root.rglob("*.tmp")) == []
    assert list(batch.root.rglob("*.wal")) == []
    assert list(batch.root.rglob("*.part")) == []


def test_a_second_run_asks_the_host_once_about_each_file_and_does_nothing(
    batch: Batch, host: Host
) -> None:
    host.requests.clear()
    log = batch.run()
    assert ran(log) == set()
    assert "Did not run any tasks" in log
    assert log.count(".tsv.gz: not changed") == len(host.files)
    assert sorted(host.requests) == sorted((path, "changed?") for path in host.files)


FROM_SIMILARITY = {"CosineSimilarity", "CreateDuckDBFilms", "CreateDuckDBFilmsCosSim", "CreateDuckDBSearch", "CreateDuckDBPrediction", "CreateDuckDBRecommender", "CheckBuild", "PublishBuild", "BuildReport"}  # fmt: skip
FROM_FILMS = {"PrepFilms", "GenreParquets", "SearchIndex", "TrainPrediction"} | FROM_SIMILARITY


def test_range_daily_counts_the_nights(batch: Batch, host: Host) -> None:
    today = datetime.now(UTC).date()
    span = ("--of", "Nightly", "--start", f"{today - timedelta(1)}")
    host.requests.clear()
    batch.run(*span, task="RangeDaily")
    nights = sorted((batch.root / "duckdb" / "nights").iterdir())
    assert [night.stem for night in nights] == [f"{today - timedelta(1)}", f"{today}"]
    for night in nights:
        assert json.loads(night.read_text())["build"] == batch.link.resolve().name
    assert {what for _, what in host.requests} == {"changed?"}
    assert ran(batch.run(*span, task="RangeDaily")) == set()


def test_a_night_that_has_not_come_is_refused(batch: Batch) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(1)
    log = batch.run("--date", f"{tomorrow}", task="Nightly", expect=SCHEDULING_ERROR)
    assert f"SettingError: date: {tomorrow} has not come yet" in log


def test_another_floor_runs_only_what_is_behind_it(batch: Batch) -> None:
    before = {table: batch.rows(table) for table in TABLES}
    old = batch.link.resolve()
    log = batch.run("--similarity-min-similarity", "0.5")
    assert ran(log) == FROM_SIMILARITY
    assert batch.link.resolve() != old
    after = {table: batch.rows(table) for table in TABLES}
    floor = [pair for pair in before["films_cos_sim"] if float(str(pair[2])) >= 0.5]
    assert after.pop("films_cos_sim") == floor
    assert after == {table: rows for table, rows in before.items() if table in after}


def test_one_changed_file_runs_only_what_is_behind_it(batch: Batch, host: Host) -> None:
    """After the test above: with its floor."""
    before, old = batch.rows("films"), batch.link.resolve()
    dropped = f"tt{before[0][0]:07}\t".encode()
    lines = gzip.decompress(host.files["/title.basics.tsv.gz"]).splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(dropped)]
    assert len(kept) < len(lines)
    host.files["/title.basics.tsv.gz"] = gzip.compress(b"".join(kept))
    log = batch.run("--similarity-min-similarity", "0.5", "--checks-max-loss", "1")
    assert ran(log) == {"title.basics.tsv.gz", "StageDataset title.basics"} | FROM_FILMS
    assert batch.link.resolve() != old
    assert batch.rows("films") == before[1:]


def test_every_file_of_the_host_is_in_the_build(batch: Batch, host: Host) -> None:
    """After the test above: the build before it was of a folder's files."""
    sources = batch.rows(
        "(SELECT s.name, s.bytes, s.lines = s.rows + s.rejected AND s.lines > 0, s.etag IS NOT NULL"
        " FROM (SELECT unnest(sources) AS s FROM build))"
    )
    assert sources == sorted((path[1:], len(body), True, True) for path, body in host.files.items())


def test_a_broken_file_is_refused_by_name_and_the_last_build_serves_on(
    batch: Batch, sample: Path, tmp_path: Path
) -> None:
    served = batch.link.resolve()
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in sample.glob("*.tsv.gz"):
        (broken / file.name).write_bytes(file.read_bytes())
    half = broken / "title.ratings.tsv.gz"
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    log = Batch(batch.root, str(broken), batch.settings).run(expect=TASK_FAILED)
    assert "title.ratings.tsv.gz: the gzip stream ends before its end mark" in log
    assert batch.link.resolve() == served
    assert len(batch.rows("films")) > 10
