"""The copy of the ratings store that is learnt from: of one moment, and known for what it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import luigi
import pyarrow.parquet as pq
import pytest

import tasks
from store.ratings import RatingStore, Write
from workflow.stored_ratings import digest_of, write_snapshot

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
RATINGS = [
    Write("zoe", 5, 4.0, MOMENT),
    Write("ann", 6, 3.0, MOMENT),
    Write("ann", 5, 1.0, MOMENT),
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ratings.sqlite'}"


@pytest.fixture
def store(url: str) -> Iterator[RatingStore]:
    store = RatingStore(url)
    store.put(RATINGS)
    yield store
    store.close()


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[None]:
    """The root has a store and nothing else."""
    parser = luigi.configuration.get_config()
    old = parser.get("paths", "root", None)
    parser.set("paths", "root", str(tmp_path))
    yield
    if old is None:
        parser.remove_option("paths", "root")
    else:
        parser.set("paths", "root", old)


def begin_run(monkeypatch: pytest.MonkeyPatch) -> tasks.StoredRatings:
    monkeypatch.delenv("FILMKIN_RUN_ID", raising=False)
    luigi.task_register.Register.clear_instance_cache()
    return tasks.StoredRatings()


def copied(folder: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(folder / "part-0.parquet").to_pydict()
    return list(zip(*table.values(), strict=True))


@pytest.mark.usefixtures("store")
def test_a_copy_bears_no_names(url: str, tmp_path: Path) -> None:
    assert write_snapshot(url, tmp_path / "out").rows == 3
    assert copied(tmp_path / "out") == [
        (0, 5, 1.0, SECONDS),
        (0, 6, 3.0, SECONDS),
        (1, 5, 4.0, SECONDS),
    ]


def test_a_run_asks_for_the_digest_once(url: str, store: RatingStore) -> None:
    first = digest_of(url, "a run")
    store.put([Write("ann", 5, 2.0, MOMENT)])
    assert digest_of(url, "a run") == first != digest_of(url, "the next run")


def test_a_night_with_the_same_ratings_copies_nothing(
    monkeypatch: pytest.MonkeyPatch, store: RatingStore
) -> None:
    begin_run(monkeypatch).run()
    assert begin_run(monkeypatch).complete()
    store.put([Write("ann", 5, 2.0, MOMENT)])
    assert not begin_run(monkeypatch).complete()
    store.put([RATINGS[2]])
    assert begin_run(monkeypatch).complete()


def test_what_was_forgotten_before_it_was_copied_is_neither_learnt_nor_in_the_fingerprint(
    monkeypatch: pytest.MonkeyPatch, store: RatingStore, tmp_path: Path
) -> None:
    task = begin_run(monkeypatch)
    assert not task.complete()  # the run has seen the store
    at_first = task.fingerprint()
    store.forget("zoe")
    task.run()
    assert copied(tmp_path / "output" / "stored_ratings") == [
        (0, 5, 1.0, SECONDS),
        (0, 6, 3.0, SECONDS),
    ]
    assert task.complete()
    assert task.fingerprint() != at_first
    assert begin_run(monkeypatch).complete()
    store.put(RATINGS)
    assert not begin_run(monkeypatch).complete()


def test_what_is_rated_after_the_copy_counts_from_the_next_run_on(
    monkeypatch: pytest.MonkeyPatch, store: RatingStore
) -> None:
    task = begin_run(monkeypatch)
    task.run()
    of_copy = task.fingerprint()
    store.put([Write("ann", 7, 2.0, MOMENT)])
    assert task.complete()
    assert task.fingerprint() == of_copy
    assert not begin_run(monkeypatch).complete()
