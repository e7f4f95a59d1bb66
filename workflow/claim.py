"""One run at a time in a root: two would take each other's folders away."""

import json
import multiprocessing
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from filmkin.errors import BusyError
from workflow.processes import end_in_order
from workflow.runs import main_process
from workflow.scratch import write_whole

_LOCK, _HOLDER = ".run.lock", ".run.json"
_PATIENCE = 1.0  # seconds, for who has the lock to write down who that is
_held: dict[Path, FileLock] = {}


def claim(root: Path) -> None:
    """Keep other runs from working in `root` until this process ends, however it ends.

    It ends in order when it is told to (`workflow.processes`). Of Luigi's several worker processes,
    which are one run, one works and the others wait for it. Raises BusyError, which says who works
    there. To claim a root again does nothing.
    """
    root = root.resolve()
    if root in _held:
        return
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / _LOCK)
    end_in_order()
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not _is_of_this_run(root):
            holder = "a process that has just begun"
            if (told := _holder(root)) is not None:
                holder = f"process {told['process']}, since {told['since']}"
            raise BusyError(str(root), holder) from None
        lock.acquire()
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    try:
        write_whole(root / _HOLDER, json.dumps({"process": main_process(), "since": since}))
    except OSError:
        lock.release()  # whoever comes next is not to be told of a run that has ended
        raise
    _held[root] = lock


def _is_of_this_run(root: Path) -> bool:
    """Whether another worker of this run has the lock."""
    if multiprocessing.parent_process() is None:
        return False
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        holder = _holder(root)
        if holder is not None and holder["process"] == main_process():
            return True
        time.sleep(0.05)
    return False


def _holder(root: Path) -> dict[str, Any] | None:
    """The run that has the lock and since when, as far as the file beside it says."""
    try:
        holder = json.loads((root / _HOLDER).read_text(encoding="utf-8"))
        return {"process": holder["process"], "since": holder["since"]}
    except (OSError, ValueError, TypeError, KeyError):
        return None
