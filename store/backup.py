"""The whole store as one file, for any database: gzipped lines of JSON.

The first line says what it is and of when, then comes one line a rating, sorted by person and film;
the last line says how many there are and the SHA-256 of all lines before it.
"""

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from filmkin.errors import BackupError, StoreError
from store.ratings import RatingStore, Write
from store.values import Put

_FORMAT = "filmkin ratings"
_VERSION = 1
_LONGEST_LINE = 4_096  # bytes; a rating's is less than 1,000


def backup(store: RatingStore, file: Path) -> int:
    """Writes all ratings, as they are at one moment, to a file that is there whole or not at all.

    Returns how many. Only its owner may read the file. Raises StoreError, OSError.
    """
    with _replaced(file) as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as lines:
        summed = hashlib.sha256()
        ratings = -1  # the first line is none
        for line in _lines(store.every()):
            summed.update(line)
            lines.write(line)
            ratings += 1
        lines.write(_line({"ratings": ratings, "sha256": summed.hexdigest()}))
    return ratings


def restore(store: RatingStore, file: Path, *, replace: bool = False) -> int:
    """Fills the store with the ratings of a backup, all of them or none; returns how many.

    Raises BackupError for a file that is not a whole backup, StoreError where the store has ratings
    already, unless they are to be replaced, and OSError.
    """
    with file.open("rb") as raw, gzip.GzipFile(fileobj=raw) as lines:
        return store.fill(_ratings(file.name, _read(file.name, lines)), replace=replace)


def _lines(writes: Iterable[Write]) -> Iterator[bytes]:
    yield _line({"format": _FORMAT, "version": _VERSION, "created": _text(datetime.now(UTC))})
    for write in writes:
        yield _line({**write._asdict(), "rated_at": _text(write.rated_at)})


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _replaced(file: Path) -> Iterator[BinaryIO]:
    """A new file beside it that takes its name once it is whole and on the disk."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        new.replace(file)
    finally:
        with suppress(FileNotFoundError):
            new.unlink()
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(name: str, lines: gzip.GzipFile) -> Iterator[bytes]:
    """The lines of a gzip file; raises BackupError for what is damaged or is no text."""
    try:
        while line := lines.readline(_LONGEST_LINE):
            yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BackupError(name, f"it is damaged or no gzip file ({error}).") from None


def _ratings(name: str, lines: Iterator[bytes]) -> Iterator[Write]:
    """The ratings of a backup; raises BackupError, at its end too, when it is not one."""
    first = next(lines, b"")
    _check_header(name, first)
    summed = hashlib.sha256(first)
    count = 0
    for line in lines:
        value = _parsed(name, line)
        if "sha256" in value:
            if value != {"ratings": count, "sha256": summed.hexdigest()}:
                raise BackupError(name, "its ratings are not those that it was written with.")
            if next(lines, None) is not None:
                raise BackupError(name, "something follows on its last line.")
            return
        summed.update(line)
        count += 1
        yield _write(name, count, value)
    raise BackupError(name, f"it ends after {count} ratings, without its last line.")


def _check_header(name: str, line: bytes) -> None:
    header = _parsed(name, line)
    if header.get("format") != _FORMAT:
        raise BackupError(name, "it is no backup of a ratings store.")
    if header.get("version") != _VERSION:
        raise BackupError(
            name,
            f"it is of version {header.get('version')}, and this program knows {_VERSION}.",
        )


def _parsed(name: str, line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:  # of bytes that are no UTF-8 too
        value = None
    if not isinstance(value, dict):
        raise BackupError(name, "it is no backup of a ratings store: its lines are not JSON.")
    return value


def _write(name: str, number: int, value: dict[str, Any]) -> Write:
    """A rating; its values are not told when they are none."""
    try:
        at = datetime.fromisoformat(value.pop("rated_at"))
        write = Write(**value, rated_at=at)
        if type(write.film_id) is not int or type(write.rating) not in (int, float):
            raise TypeError
        Put([write]).check()
    except (KeyError, TypeError, ValueError, StoreError):
        raise BackupError(name, f"its rating {number} is not one.") from None
    return write
