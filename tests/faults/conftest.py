"""A sample and a finished root, made once and copied by each test that breaks one."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.batch import Batch
from workflow.sample import generate

# Every movie of the sample, rated or not: some two hundred.
EVERY_MOVIE = ("--film-rule-min-rating", "0", "--film-rule-min-votes", "0")


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes a folder once for all processes of a test run."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def make_once(name: str, make: Callable[[Path], object]) -> Path:
        folder = base / name
        with FileLock(base / f"{name}.lock"):
            if not folder.exists():
                make(base / f"{name}.new")
                (base / f"{name}.new").rename(folder)
        return folder

    return make_once


@pytest.fixture(scope="session")
def sample(once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    return once("sample", lambda folder: generate(titles=3000, seed=3, out=folder))


@pytest.fixture(scope="session")
def undisturbed(once: Callable[[str, Callable[[Path], object]], Path], sample: Path) -> Batch:
    """A root in which nothing went wrong. Not to be written in."""
    root = once("undisturbed", lambda root: Batch(root, str(sample), EVERY_MOVIE).run())
    return Batch(root, str(sample), EVERY_MOVIE)


@pytest.fixture
def batch(undisturbed: Batch, tmp_path: Path) -> Batch:
    """A copy of the undisturbed root, for one test."""
    root = tmp_path / "root"
    shutil.copytree(undisturbed.root, root, symlinks=True)
    return Batch(root, undisturbed.source, undisturbed.settings)
