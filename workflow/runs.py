"""One run of the batch: what tells it from others, and what its tasks did.

Each task notes its own end in a file of the root, one JSON object a line, whichever process it ran
in; the summary at the end of the run is made of these.
"""

import json
import multiprocessing
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

_RUN_ID = "FILMKIN_RUN_ID"
_JOURNAL = ".run.jsonl"


def main_process() -> int:
    """The process that this run began with; Luigi's workers are children of it."""
    parent = multiprocessing.parent_process()
    return os.getpid() if parent is None or parent.pid is None else parent.pid


def run_id() -> str:
    """The same in every process of a run, and in no other run.

    The main process must ask for it before there are others: they inherit it.
    """
    prefix = f"{main_process()}."
    if not os.environ.get(_RUN_ID, "").startswith(prefix):
        os.environ[_RUN_ID] = f"{prefix}{uuid.uuid4().hex}"
    return os.environ[_RUN_ID]


@dataclass(slots=True)
class Done:
    """What became of a task: rows in and out and rejected lines as far as it counts any, and
    `where` its result is, below the root.
    """

    task: str
    run: str
    seconds: float = 0.0
    rows_in: int | None = None
    rows_out: int | None = None
    rejected: int | None = None
    where: list[str] = field(default_factory=list)
    error: str = ""


@contextmanager
def noted(root: Path, task: str) -> Iterator[Done]:
    """A task of this run; what became of it is noted in `root`, which the run has claimed."""
    done = Done(task, run_id())
    begin = time.monotonic()
    try:
        yield done
    except BaseException as error:
        done.error = f"{type(error).__name__}: {error}"
        raise
    finally:
        done.seconds = round(time.monotonic() - begin, 1)
        with suppress(OSError):  # a full disk is the task's to report
            _append(root / _JOURNAL, done)


def summary(root: Path) -> str:
    """What the tasks of this run did, as a table for a person."""
    rows = [done for done in _read(root / _JOURNAL) if done.run == run_id()]
    if not rows:
        return f"No task did anything in {root}."
    table = [("task", "seconds", "rows in", "rows out", "rejected", "where"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [_line(cells, widths) for cells in table]
    return "\n".join([f"What was done in {root}:", *lines])


def _cells(done: Done) -> tuple[str, ...]:
    counts = (done.rows_in, done.rows_out, done.rejected)
    shown = ("" if count is None else f"{count:,}" for count in counts)
    return (done.task, f"{done.seconds:.1f}", *shown, done.error or ", ".join(done.where))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *numbers, last = (
        cell.ljust(width) if index == 0 else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(cells, [*widths[:-1], 0], strict=True))
    )
    return "  ".join(["", first, *numbers, last]).rstrip()


def _append(journal: Path, done: Done) -> None:
    begun = _read(journal)
    is_of_this_run = bool(begun) and begun[0].run == done.run
    with journal.open("a" if is_of_this_run else "w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(done)) + "\n")


def _read(journal: Path) -> list[Done]:
    """The lines that a run left whole."""
    try:
        lines = journal.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(Done(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found
