"""Temporary names, and results that are there whole or not at all.

A name holds the process it belongs to, so that what a dead one left is known and swept.
"""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all."""
    new = temporary(path)
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """An empty folder for one attempt, gone afterwards; those of dead processes go too."""
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent)
    folder = temporary(parent / name)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sweep(parent)  # a JVM that outlived its parent may have gone on writing after the first


def sweep(parent: Path) -> None:
    """Remove temporary files and folders whose process is gone."""
    for left in parent.glob(".*.tmp"):
        pid = left.name.split(".")[-3]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()


def temporary(path: Path) -> Path:
    """A name beside `path` that no other attempt has, and that `sweep` knows."""
    return path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.tmp")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
