"""One run at a time in a root: two would take each other's folders away."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from filmkin.errors import BusyError
from workflow.scratch import write_whole

_LOCK, _HOLDER = ".run.lock", ".run.json"
_held: dict[Path, FileLock] = {}


def claim(root: Path) -> None:
    """Keep other processes from working in `root` until this one ends, however it ends.

    Raises BusyError, which says who works there. To claim a root again does nothing.
    """
    root = root.resolve()
    if root in _held:
        return
    root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(str(root), _holder(root)) from None
    _held[root] = lock
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    write_whole(root / _HOLDER, json.dumps({"process": os.getpid(), "since": since}))


def _holder(root: Path) -> str:
    """Who has the lock, as far as the file beside it says."""
    try:
        holder = json.loads((root / _HOLDER).read_text(encoding="utf-8"))
        return f"process {holder['process']}, since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "a process that has just begun"
