"""The builds that there are: `python -m workflow.builds`, for who runs the batch.

Lists them, tells two of them apart, publishes an earlier one again, drops old ones, and carries
one to another machine: as a copy with its SHA-256 beside it, which is compared, and checked like a
build that was made there, before it is published.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from filmkin.catalogue import FILMS
from filmkin.errors import BuildError
from workflow import load
from workflow.checks import CheckLimits
from workflow.checksum import checksum_file, is_intact, read_checksum, write_checksum
from workflow.sql import quoted
from workflow.targets import BuildStepTarget


@dataclass(frozen=True, slots=True)
class Build:
    """A published or once published build: `films` and `pairs` are rows, `bytes` its file's."""

    build_id: str
    created: datetime
    films: int
    pairs: int
    bytes: int
    is_published: bool


class FilmChange(NamedTuple):
    film_id: int
    title: str | None


class Changes(NamedTuple):
    """Films that only the newer build has, that only the older has, and that differ in a column."""

    added: list[FilmChange]
    removed: list[FilmChange]
    changed: list[FilmChange]


class Builds:
    """The builds in the folder `builds`, of which the service serves the one `link` leads to."""

    def __init__(self, builds: Path, link: Path) -> None:
        self.folder = builds
        self.link = link

    def all(self) -> list[Build]:
        """Every build that can be read, the newest first."""
        found = [
            self._build(file) for file in self.folder.glob("films-*.duckdb") if _is_sound(file)
        ]
        return sorted(found, key=lambda build: build.created, reverse=True)

    def changes(self, older: str, newer: str) -> Changes:
        """What became of the films between two builds, in order of film_id. Raises BuildError."""
        columns = ", ".join(FILMS.column_names)
        with _reading(old=self.file(older), new=self.file(newer)) as database:

            def films(sql: str) -> list[FilmChange]:
                rows = database.execute(f"{sql} ORDER BY film_id").fetchall()
                return [FilmChange(*row) for row in rows]

            return Changes(
                films("SELECT film_id, title FROM new.films ANTI JOIN old.films USING (film_id)"),
                films("SELECT film_id, title FROM old.films ANTI JOIN new.films USING (film_id)"),
                films(
                    f"SELECT film_id, title FROM (SELECT {columns} FROM new.films"
                    f" EXCEPT SELECT {columns} FROM old.films) SEMI JOIN old.films USING (film_id)"
                ),
            )

    def publish(self, build_id: str) -> None:
        """Let the service serve this build; no other is dropped for it. Raises BuildError."""
        load.publish(self.file(build_id), self.link, keep=None)

    def prune(self, keep: int) -> None:
        """Drop the oldest builds but for `keep`, never the published one. Raises BuildError."""
        if not self.link.exists():
            raise BuildError(f"{self.link} leads to no build: none is dropped while none is served")
        load.prune(self.folder, self.link.resolve(), keep)

    def export(self, build_id: str, folder: Path) -> Path:
        """Copy a build into a folder, its SHA-256 beside it; returns the copy's path."""
        file = self.file(build_id)
        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / file.name
        _copy(file, copy)
        write_checksum(copy, copy)
        return copy

    def bring(self, copy: Path, limits: CheckLimits) -> None:
        """Check an exported build and publish it. Raises BuildError, and publishes nothing then."""
        expected = read_checksum(copy)
        if expected is None or not copy.is_file():
            raise BuildError(f"{copy}: there is no build with its {checksum_file(copy).name}")
        if not is_intact(copy):
            raise BuildError(f"{copy}: its SHA-256 is not {expected}: copy it again")
        if not _is_sound(copy):
            raise BuildError(f"{copy}: not a checked build")
        build_id = self._build(copy).build_id
        file = load.build_file(self.folder, build_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _copy(copy, load.unchecked_file(file))
            load.check_build(file, limits)
        self.publish(build_id)

    def file(self, build_id: str) -> Path:
        """The file of a build that is there and sound; raises BuildError."""
        file = load.build_file(self.folder, build_id)
        if not _is_sound(file):
            there = ", ".join(build.build_id for build in self.all()) or "none"
            raise BuildError(f"There is no build {build_id} that can be read. There are: {there}")
        return file

    def _build(self, file: Path) -> Build:
        with _reading(build=file) as database:
            ((build_id, created, films, pairs),) = database.execute(
                "SELECT build_id, created, (SELECT count(*) FROM build.films),"
                " (SELECT count(*) FROM build.films_cos_sim) FROM build.build"
            ).fetchall()
        published = self.link.exists() and self.link.resolve() == file.resolve()
        return Build(build_id, created, films, pairs, file.stat().st_size, published)


def _is_sound(file: Path) -> bool:
    return BuildStepTarget(load.CHECK_STEP, file).exists()


@contextmanager
def _reading(**files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads builds under these names."""
    try:
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            for name, file in files.items():
                database.execute(f"ATTACH {quoted(file)} AS {name} (READ_ONLY)")
            yield database
    except duckdb.Error as error:
        raise BuildError(f"{', '.join(file.name for file in files.values())}: {error}") from error


def _copy(source: Path, target: Path) -> None:
    """Copy a file so that it is there whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
