"""kill -9 at random moments: the rerun gives what an undisturbed run does, without cleaning."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.batch import Batch, contents, leftovers

LONGEST = 12.0  # seconds; more than any task takes


@pytest.mark.parametrize(
    ("seed", "kills"),
    [(0, 2), *(pytest.param(seed, 3, marks=pytest.mark.heavy) for seed in range(1, 11))],
)
def test_a_batch_that_is_killed_again_and_again_comes_to_the_same(
    undisturbed: Batch, tmp_path: Path, seed: int, kills: int
) -> None:
    """Each run goes on from where the one before was killed."""
    moments = random.Random(seed)
    batch = Batch(tmp_path / "root", undisturbed.source, undisturbed.settings)
    for _ in range(kills):
        program = batch.start()
        time.sleep(moments.uniform(0.5, LONGEST))
        if program.is_running():
            os.kill(program.pid, signal.SIGKILL)
            program.wait(expect=-signal.SIGKILL)
        assert_nothing_works_on(batch)
    batch.run()
    assert contents(batch) == contents(undisturbed)
    assert leftovers(batch.root) == []


def assert_nothing_works_on(batch: Batch) -> None:
    """Java and Python that the batch had started end by themselves, soon."""
    deadline = time.monotonic() + 10
    while alive := batch.processes():
        assert time.monotonic() < deadline, [process.cmdline() for process in alive]
        time.sleep(0.1)
