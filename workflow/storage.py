"""What a disk refuses (no space, no permission), said in words that help."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from filmkin.errors import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSALS = (*_FULL, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
_ADVICE = dict.fromkeys(_FULL, " What is done so far stays; run again once there is room.")


@contextmanager
def clear_storage_errors() -> Iterator[None]:
    """A block in which a disk's refusal is raised as StorageError."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        file = f"{error.filename}: " if error.filename else ""
        raise StorageError(f"{file}{error.strerror}.{_ADVICE.get(error.errno, '')}") from error


def storage_error(said: str) -> StorageError | None:
    """The disk's refusal in what a library or a program says of its failure, if it tells of one."""
    for line in reversed(said.splitlines()):
        is_error = ("Error" in line or "Exception" in line) and "Socket" not in line
        for number in _REFUSALS if is_error else ():
            if os.strerror(number) in line:
                return StorageError(f"{line.strip()}.{_ADVICE.get(number, '')}")
    return None
