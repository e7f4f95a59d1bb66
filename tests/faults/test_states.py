"""A world that is not as the last run left it: noticed, said, and put right."""

import ctypes
import os
import re
import shutil
import time
from pathlib import Path

import pytest

from tests.batch import TASK_FAILED, Batch, contents, leftovers, ran
from tests.world import film, publish

BUILD = {"CreateDuckDBFilms", "CreateDuckDBFilmsCosSim", "CreateDuckDBSearch", "CreateDuckDBPrediction", "CreateDuckDBRecommender", "CheckBuild", "PublishBuild"}  # fmt: skip
A_YEAR = 365 * 24 * 3600


def test_of_two_runs_at_once_the_second_says_who_works_and_harms_nobody(
    batch: Batch, undisturbed: Batch
) -> None:
    for folder in ("output/films", "duckdb/builds"):
        shutil.rmtree(batch.root / folder)
    first = batch.start()
    first.said("PrepFilms: on (Spark)")
    log = batch.run(expect=TASK_FAILED)
    assert f"BusyError: {batch.root}: another run works here (process {first.pid}, since" in log
    first.wait()
    assert contents(batch) == contents(undisturbed)
    assert leftovers(batch.root) == []


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_database_that_is_deleted_is_made_again(batch: Batch, undisturbed: Batch) -> None:
    file = batch.link.resolve()
    file.unlink()
    assert ran(batch.run()) == BUILD - {"PublishBuild"}
    assert batch.link.resolve() == file
    assert contents(batch) == contents(undisturbed)
    assert ran(batch.run()) == set()


def test_a_database_that_is_damaged_is_made_again_under_another_name(
    batch: Batch, undisturbed: Batch
) -> None:
    file = batch.link.resolve()
    damage(file)
    assert ran(batch.run()) == BUILD | {"BuildReport"}  # it stands beside a build of its name
    assert batch.link.resolve() != file
    assert contents(batch) == contents(undisturbed)
    assert ran(batch.run()) == set()


def test_a_parquet_that_is_damaged_is_named_and_made_again(batch: Batch) -> None:
    (rows,) = (batch.root / "output" / "staged" / "title.crew").glob("*.parquet")
    whole = rows.read_bytes()
    damage(rows)
    shutil.rmtree(batch.root / "output" / "films")
    log = batch.run(task="PrepFilms", expect=TASK_FAILED)
    told = f"BuildError: {rows} was damaged since it was written. The next run makes it anew."
    assert told in log
    again = batch.run("--name", "title.crew", task="StageDataset")
    assert ran(again) == {"StageDataset title.crew"}
    assert rows.read_bytes() == whole


def test_a_clock_that_goes_back_hides_no_change_and_costs_no_new_build(
    batch: Batch, undisturbed: Batch
) -> None:
    """As after a year's step back: all that is there is from the future."""
    file = batch.link.resolve()
    publish(batch.root / "duckdb", [film(1, "Ash")], build_id="earlier")
    then = time.time() + A_YEAR
    for path in batch.root.rglob("*"):
        os.utime(path, (then, then), follow_symlinks=False)
    file.unlink()
    assert ran(batch.run("--builds-keep", "1")) == BUILD
    assert contents(batch) == contents(undisturbed)
    assert ran(batch.run()) == set()


def without_the_rights_of_root() -> None:
    """For a new process: permissions bind it as they bind anyone, whoever runs the tests."""
    drop_from_bounding_set, override = 24, 1  # prctl(2), capabilities(7)
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.prctl(drop_from_bounding_set, override, 0, 0, 0) == 0


@pytest.mark.parametrize("folder", [".", "output/staged", "duckdb/builds"])
def test_a_folder_that_may_only_be_read_is_named(batch: Batch, folder: str) -> None:
    task, *arguments = {
        "output/staged": ["StageDataset", "--name", "title.crew"],
        "duckdb/builds": ["CreateDuckDBFilms"],
        ".": ["StageDataset", "--name", "title.crew"],
    }[folder]
    shutil.rmtree(batch.root / "output" / "staged" / "title.crew")
    batch.link.resolve().unlink()
    (batch.root / ".run.lock").unlink()
    place = batch.root / folder
    place.chmod(0o555)
    try:
        log = batch.run(
            *arguments, task=task, expect=TASK_FAILED, handicap=without_the_rights_of_root
        )
    finally:
        place.chmod(0o755)
    assert re.search(rf"StorageError: .*{place}.*Permission denied", log)


@pytest.mark.heavy
@pytest.mark.parametrize("cores", [1, 3])
def test_any_number_of_cores_makes_the_same(undisturbed: Batch, tmp_path: Path, cores: int) -> None:
    batch = Batch(tmp_path / "root", undisturbed.source, undisturbed.settings)
    batch.run("--spark-master", f"local[{cores}]", "--similarity-block-films", "17")
    assert contents(batch) == contents(undisturbed)
