"""SHA-256 of files, kept beside them in the form of sha256sum(1)."""

import hashlib
from functools import lru_cache
from pathlib import Path

from workflow.scratch import write_whole


def sha256(file: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksum_file(file: Path) -> Path:
    """Where the digest of `file` is kept."""
    return file.with_name(f"{file.name}.sha256")


def write_checksum(file: Path, content: Path) -> None:
    """Keep the digest of `content` as that of `file`."""
    write_whole(checksum_file(file), f"{sha256(content)}  {file.name}\n")


def read_checksum(file: Path) -> str | None:
    """The digest that is kept of `file`, or None where there is none."""
    try:
        return checksum_file(file).read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError, ValueError):
        return None


def is_intact(file: Path) -> bool:
    """Whether `file` can be read and has the content that its checksum was made of.

    It is read once, and again when it was written since.
    """
    try:
        state = file.stat()
        digest = _sha256_of_state(file, state.st_ino, state.st_size, state.st_mtime_ns)
    except OSError:
        return False
    return digest == read_checksum(file)


@lru_cache
def _sha256_of_state(file: Path, *_state: int) -> str:
    return sha256(file)
