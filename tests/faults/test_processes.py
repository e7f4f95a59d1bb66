"""Processes that are told to end, or killed: nothing half stays, and nobody is left behind."""

import os
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.batch import TASK_FAILED, Batch, contents, leftovers
from tests.http_host import Host, serve
from tests.programs import Program


def python_of(batch: Batch, program: Program, word: str) -> psutil.Process:
    """The Python process of a step whose command holds this word."""

    def found() -> psutil.Process | None:
        for process in batch.processes():
            for one in [process, *_descendants(process)]:
                command = _command(one) or [""]
                if "python" in Path(command[0]).name and any(word in w for w in command[1:]):
                    return one
        return None

    return program.until(word, found)


def java_and_its_children(batch: Batch, program: Program) -> list[psutil.Process]:
    """Those of PrepFilms, once the job itself has begun: Java first."""
    java = python_of(batch, program, "films.py").parent()
    assert java is not None
    return [java, *_descendants(java)]


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def assert_nobody_is_left(batch: Batch, family: list[psutil.Process]) -> None:
    deadline = time.monotonic() + 15
    while alive := [*batch.processes(), *(p for p in family if _command(p))]:
        assert time.monotonic() < deadline, [_command(process) for process in alive]
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_batch_that_is_told_to_end_leaves_nothing_half_and_nobody(
    batch: Batch, undisturbed: Batch, number: signal.Signals
) -> None:
    shutil.rmtree(batch.root / "output" / "films")
    program = batch.start("--film-rule-min-votes", "1")
    family = java_and_its_children(batch, program)
    os.kill(program.pid, number)
    log = program.wait(30, expect=-signal.SIGINT)
    assert f"{number.name}: ending. What is done stays; run again to go on from there." in log
    assert "Traceback" not in log
    assert_nobody_is_left(batch, family)
    assert leftovers(batch.root) == []
    assert not (batch.root / "output" / "films").exists()
    assert contents(batch) == contents(undisturbed)


def test_workers_of_luigi_end_with_the_run_that_began_them(
    batch: Batch, undisturbed: Batch
) -> None:
    shutil.rmtree(batch.root / "output" / "films")
    program = batch.start("--film-rule-min-votes", "1", "--workers", "2")
    family = java_and_its_children(batch, program)
    os.kill(program.pid, signal.SIGKILL)
    program.wait(expect=-signal.SIGKILL)
    assert_nobody_is_left(batch, family)
    assert leftovers(batch.root) == []
    assert not (batch.root / "output" / "films").exists(), "nobody went on"
    assert contents(batch) == contents(undisturbed)


def test_workers_of_luigi_that_wait_for_their_turn_end_with_the_run_as_well(
    tmp_path: Path, sample: Path
) -> None:
    host = Host.of_folder(sample)
    host.answers = [(200, {"Content-Length": "99"}, b"")] * 100  # and then nothing
    with serve(host):
        batch = Batch(tmp_path / "root", host.url)
        program = batch.start("--workers", "4")
        program.until("four workers", lambda: len(batch.processes()) == 5)
        program.until("one of them at work", lambda: host.requests)
        os.kill(program.pid, signal.SIGKILL)
        program.wait(expect=-signal.SIGKILL)
        assert_nobody_is_left(batch, [])


def test_a_driver_that_is_killed_is_named_and_leaves_nothing_half(
    batch: Batch, undisturbed: Batch
) -> None:
    shutil.rmtree(batch.root / "output" / "films")
    earlier = batch.link.resolve()
    program = batch.start("--film-rule-min-votes", "1")
    family = java_and_its_children(batch, program)
    family[0].kill()
    log = program.wait(30, expect=TASK_FAILED)
    assert "FilmkinError: PrepFilms: Spark failed: it was killed (SIGKILL)" in log
    assert_nobody_is_left(batch, family)
    assert leftovers(batch.root) == []
    assert batch.link.resolve() == earlier
    assert not (batch.root / "output" / "films").exists()
    assert contents(batch) == contents(undisturbed)


@pytest.mark.heavy
def test_an_executor_that_is_killed_is_named_and_its_work_done_again(
    batch: Batch, undisturbed: Batch
) -> None:
    """On one machine; on a cluster another takes over, see integration/test_cluster.py."""
    shutil.rmtree(batch.root / "output" / "csfilms")
    program = batch.start("--similarity-min-similarity", "0.2")
    daemon = python_of(batch, program, "pyspark.daemon")
    for process in [*_descendants(daemon), daemon]:
        process.kill()
    log = program.wait(60, expect=TASK_FAILED)
    assert "CosineSimilarity: Spark failed: " in log
    assert_nobody_is_left(batch, [])
    assert leftovers(batch.root) == []
    batch.run()
    assert contents(batch) == contents(undisturbed)
