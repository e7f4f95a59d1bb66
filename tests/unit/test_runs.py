"""What tells a run from others, and what is noted of its tasks."""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path

import pytest

from workflow.runs import noted, run_id, summary


def write_run_id(file: Path) -> None:
    file.write_text(run_id())


@pytest.mark.parametrize(
    "processes", [multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")]
)
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_the_workers_of_a_run_are_of_it(
    tmp_path: Path, processes: ForkContext | SpawnContext
) -> None:
    own = run_id()
    worker = processes.Process(target=write_run_id, args=(tmp_path / "id",))
    worker.start()
    worker.join()
    assert (tmp_path / "id").read_text() == own


def test_a_program_that_a_run_starts_is_a_run_of_its_own() -> None:
    own = run_id()
    asks = [sys.executable, "-c", "from workflow.runs import run_id; print(run_id())"]
    said = subprocess.run(asks, env=os.environ, capture_output=True, text=True, check=True).stdout
    assert said.strip() != own


def test_what_another_run_noted_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with noted(tmp_path, "First"):
        pass
    assert "First" in summary(tmp_path)
    monkeypatch.delenv("FILMKIN_RUN_ID")
    assert summary(tmp_path) == f"No task did anything in {tmp_path}."
    with noted(tmp_path, "Second") as done:
        done.rows_in, done.rows_out, done.rejected = 1234567, 1234, 0
    assert "First" not in summary(tmp_path)
    (line,) = [line.split() for line in summary(tmp_path).splitlines() if "Second" in line]
    assert line == ["Second", "0.0", "1,234,567", "1,234", "0"]


def test_a_failure_is_noted_and_raised(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), noted(tmp_path, "Third"):
        raise ZeroDivisionError("by nought")
    assert "ZeroDivisionError: by nought" in summary(tmp_path)


@pytest.mark.parametrize("left", [b"\xff\xfe", b'{"task": "Half', b"[]\n{}\n"])
def test_a_journal_that_cannot_be_read_is_no_obstacle(tmp_path: Path, left: bytes) -> None:
    (tmp_path / ".run.jsonl").write_bytes(left)
    with noted(tmp_path, "Fourth"):
        pass
    assert "Fourth" in summary(tmp_path)
