"""A disk that takes no more: a clear error, the last build serves, and a rerun goes on."""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from filmkin.errors import StorageError
from tests.batch import TASK_FAILED, Batch, contents, leftovers
from tests.world import film, publish

KIB = 1024


class Stage(NamedTuple):
    """A task, what it makes (a pattern below the root), and a length that none of it may have."""

    task: str
    makes: str
    longest: int
    arguments: tuple[str, ...] = ()


QUICK = (
    Stage("OneNight", "datasets/title.principals.*", 64 * KIB),
    Stage("PrepFilms", "output/films", 8 * KIB),
)
HEAVY = (
    Stage(
        "StageDataset", "output/staged/title.principals", 32 * KIB, ("--name", "title.principals")
    ),
    Stage("CreateDuckDBFilms", "duckdb/builds/*", 100 * KIB),
    Stage("GenreParquets", "output/genres", 2 * KIB),
    Stage("CosineSimilarity", "output/csfilms", 8 * KIB),
    Stage("SearchIndex", "output/search_postings", 8 * KIB),
    # As long as what CreateDuckDBFilms leaves, and no longer.
    Stage("CreateDuckDBFilmsCosSim", "duckdb/builds/*", 0),
)


def no_longer_than(longest: int) -> Callable[[], None]:
    """For a new process: a file that it makes longer is refused, as by a full disk."""

    def limit() -> None:
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # half a module would stay for all to come
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))

    return limit


@pytest.mark.parametrize(
    "stage",
    [*QUICK, *(pytest.param(stage, marks=pytest.mark.heavy) for stage in HEAVY)],
    ids=lambda stage: stage.task,
)
def test_a_disk_that_is_full_is_named_and_a_rerun_goes_on(
    batch: Batch, undisturbed: Batch, stage: Stage
) -> None:
    for path in list(batch.root.glob(stage.makes)):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    # What is published is an earlier build: nobody has asked for the one to be made yet.
    earlier = publish(batch.root / "duckdb", [film(1, "Ash")], build_id="earlier").resolve()
    longest = stage.longest
    if not longest:
        batch.run(task="CreateDuckDBFilms")
        (made,) = (batch.root / "duckdb" / "builds").glob("*.unchecked")
        longest = made.stat().st_size

    limit = no_longer_than(longest)
    log = batch.run(*stage.arguments, task=stage.task, expect=TASK_FAILED, handicap=limit)
    assert "StorageError: " in log
    assert "File too large" in log
    assert "What is done so far stays; run again once there is room." in log
    assert batch.link.resolve() == earlier
    assert len(batch.rows("films")) == 1

    batch.run(*stage.arguments, task=stage.task)
    batch.run()
    assert contents(batch) == contents(undisturbed)
    assert leftovers(batch.root) == []


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own with so much room."""
    place.mkdir()
    mount = ["sh", "-c", f'mount -t tmpfs -o size={megabytes}m none "$0"', str(place)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a disk of its own cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.heavy
def test_a_disk_that_fills_up_at_whatever_stage_is_named_and_a_rerun_goes_on(
    undisturbed: Batch, tmp_path: Path
) -> None:
    """Room for one megabyte more each time: every stage meets the end of the disk once."""
    place = tmp_path / "disk"
    with small_disk(place, megabytes=1):
        batch = Batch(place / "root", undisturbed.source, undisturbed.settings)
        failed = 0
        for megabytes in range(1, 100):
            resize = ["mount", "-o", f"remount,size={megabytes}m", str(place)]
            subprocess.run(resize, check=True)
            done = subprocess.run(
                batch.command(),
                cwd=Path(__file__).parents[2],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                break
            failed += 1
            assert done.returncode == TASK_FAILED, done.stderr
            assert f"{StorageError.__name__}: " in done.stderr, done.stderr
            assert os.strerror(28) in done.stderr, done.stderr
        assert failed > 2
        assert contents(batch) == contents(undisturbed)
        assert leftovers(batch.root) == []
