"""Whether a file is still the one that was opened by its name."""

from pathlib import Path
from typing import NamedTuple


class OpenedFile(NamedTuple):
    """A file, by its name and by what it is: its device and inode, which no other file gets while
    it is open.
    """

    path: Path
    identity: tuple[int, int] | None

    @classmethod
    def at(cls, path: Path) -> "OpenedFile":
        """The file that has the name now."""
        return cls(path, _identity(path))

    def has_moved(self) -> bool:
        """Whether it was deleted, or another one has its name: what is written to it is lost."""
        return _identity(self.path) != self.identity


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # it is not there, or not to be reached
        return None
    return found.st_dev, found.st_ino
