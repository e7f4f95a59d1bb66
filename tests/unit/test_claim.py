"""One run at a time in a root."""

import itertools
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from filmkin.errors import BusyError
from tests.batch import TASK_FAILED, Batch
from tests.world import film, publish
from workflow.builds.__main__ import main
from workflow.claim import claim

WORK = "import sys, time, pathlib, workflow.claim as c; c.claim(pathlib.Path(sys.argv[1])); print(); time.sleep(600)"


@contextmanager
def working(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that has claimed the root; killed at the end."""
    command = [sys.executable, "-c", WORK, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_the_second_is_told_who_works_there(tmp_path: Path) -> None:
    with working(tmp_path) as other:
        told = rf"another run works here \(process {other.pid}, since 20.* UTC\)"
        with pytest.raises(BusyError, match=told):
            claim(tmp_path)
        with pytest.raises(BusyError, match=told):
            claim(tmp_path / "." / "x" / "..")
        claim(tmp_path / "another root")


def work_a_moment(root: Path) -> None:
    claim(root)
    begin = time.time()
    time.sleep(0.3)
    (root / f"{begin} {time.time()}").touch()


def test_workers_of_one_run_take_turns(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("spawn")
    workers = [processes.Process(target=work_a_moment, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    spans = sorted(tuple(map(float, p.name.split())) for p in tmp_path.glob("[0-9]* [0-9]*"))
    assert len(spans) == 3
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))


def test_a_run_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    with working(tmp_path):
        pass
    claim(tmp_path)
    claim(tmp_path)


def test_a_batch_beside_another_does_nothing_and_says_why(tmp_path: Path) -> None:
    root = tmp_path / "root"
    with working(root) as other:
        log = Batch(root, str(tmp_path)).run(expect=TASK_FAILED)
    assert f"BusyError: {root}: another run works here (process {other.pid}" in log
    assert sorted(os.listdir(root)) == [".run.json", ".run.lock"]


def test_builds_are_left_alone_while_a_batch_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path / "duckdb", [film(1, "Ash"), film(2, "Ash")], build_id="one")
    with working(tmp_path):
        assert main(["--root", str(tmp_path), "prune", "--keep", "1"]) == 1
        assert "another run works here" in capsys.readouterr().err
        assert main(["--root", str(tmp_path), "list"]) == 0
