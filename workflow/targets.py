"""Luigi targets that are complete only when their data is, and is the data asked for.

A result is written under a temporary name and renamed when it is whole, together with a record:
the fingerprint of what it was made from, size and SHA-256 of each file, and figures worth knowing
later.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import luigi

from filmkin.errors import BuildError
from workflow.checksum import is_intact, sha256
from workflow.scratch import temporary, write_whole

RECORD = "_record.json"


@dataclass(frozen=True, slots=True)
class Record:
    """`fingerprint` says what the data was made from; of each file by its relative name, `bytes`
    are how many there are and `digests` their SHA-256.
    """

    fingerprint: str
    bytes: Mapping[str, int]
    digests: Mapping[str, str]
    figures: Mapping[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        write_whole(path, json.dumps(asdict(self), indent=1, sort_keys=True))

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        """The record, or None where there is none that can be read."""
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


class FolderTarget(luigi.Target):
    """A folder of files with a record inside. `fingerprint` None: what it needs is not there."""

    def __init__(self, folder: Path, fingerprint: str | None) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    @property
    def record(self) -> Record | None:
        return Record.read(self.folder / RECORD)

    def exists(self) -> bool:
        record = self.record
        return (
            record is not None
            and record.fingerprint == self.fingerprint
            and {name: file.stat().st_size for name, file in _files(self.folder)} == record.bytes
        )

    def prove(self) -> None:
        """Read every file against its digest; raises BuildError, and is not complete then."""
        record = self.record
        if record is None:
            raise BuildError(f"{self.folder} is not there")
        for name, file in _files(self.folder):
            if not _has_digest(file, record.digests.get(name)):
                (self.folder / RECORD).unlink()
                raise BuildError(
                    f"{file} was damaged since it was written. The next run makes it anew."
                )

    def replace_with(self, made: Path, figures: Mapping[str, Any]) -> None:
        """Put the folder `made` in place, with its record; the old one goes."""
        if self.fingerprint is None:
            raise ValueError(f"{self.folder}: made before what it needs was there")
        sizes = {name: file.stat().st_size for name, file in _files(made)}
        digests = {name: sha256(file) for name, file in _files(made)}
        Record(self.fingerprint, sizes, digests, figures).write(made / RECORD)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        old = temporary(self.folder)
        if self.folder.exists():
            self.folder.rename(old)
        made.rename(self.folder)
        shutil.rmtree(old, ignore_errors=True)


class LinkTarget(luigi.Target):
    """A symbolic link that leads to one file; None: that file is not known yet."""

    def __init__(self, link: Path, file: Path | None) -> None:
        self.link = link
        self.file = file

    def exists(self) -> bool:
        return (
            self.file is not None
            and self.link.is_symlink()
            and self.file.is_file()
            and self.link.resolve() == self.file.resolve()
        )


class ReportTarget(luigi.Target):
    """A page that is complete when it bears the fingerprint asked for; None: not known yet."""

    def __init__(self, file: Path | None, fingerprint: str | None) -> None:
        self.file = file
        self.fingerprint = fingerprint

    def exists(self) -> bool:
        if self.file is None or self.fingerprint is None:
            return False
        try:
            return self.fingerprint in self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return False


class BuildStepTarget(luigi.Target):
    """A step of a build, complete when the checked build or the one in the making says so itself.

    The step's mark is written in the transaction that writes its tables (`workflow.load`). A
    checked build must be as it was when it was checked.
    """

    def __init__(self, step: str, checked: Path | None, unchecked: Path | None = None) -> None:
        self.step = step
        self.checked = checked
        self.unchecked = unchecked

    def exists(self) -> bool:
        if self.checked and is_intact(self.checked) and self.step in _steps(self.checked):
            return True
        return self.unchecked is not None and self.step in _steps(self.unchecked)


def _steps(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    try:
        with duckdb.connect(str(file), read_only=True) as database:
            return {step for (step,) in database.execute("FROM build_steps").fetchall()}
    except duckdb.Error:
        return set()  # not readable is not complete: the build is made again


def _has_digest(file: Path, digest: str | None) -> bool:
    try:
        return sha256(file) == digest
    except OSError:
        return False  # what cannot be read is not there


def _files(folder: Path) -> list[tuple[str, Path]]:
    """(relative name, path) of the files of a folder; bookkeeping with a dot is left out."""
    return [
        (str(file.relative_to(folder)), file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != RECORD and not file.name.startswith(".")
    ]
