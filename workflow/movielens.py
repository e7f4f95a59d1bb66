"""MovieLens' files out of the zip that its host has, or where they lie in a folder."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zlib import error as ZlibError

from filmkin.errors import SourceError
from workflow.sources import MOVIELENS


@contextmanager
def unpacked(source: Path, folder: Path) -> Iterator[Path]:
    """The folder with the files; what was unpacked into `folder` is gone afterwards.

    Each is read against its checksum. Raises SourceError for a zip that is damaged or lacks one.
    """
    if source.is_dir():
        yield source
        return
    out = folder / "unpacked"
    out.mkdir()
    try:
        with zipfile.ZipFile(source) as packed:
            members = {PurePosixPath(name).name: name for name in packed.namelist()}
            for name in MOVIELENS:
                if name not in members:
                    raise SourceError(source.name, f"there is no {name} in it")
                with packed.open(members[name]) as read, (out / name).open("wb") as written:
                    shutil.copyfileobj(read, written)
        yield out
    except (zipfile.BadZipFile, ZlibError, EOFError) as error:
        raise SourceError(source.name, f"cannot be read: {error}") from error
    finally:
        shutil.rmtree(out, ignore_errors=True)
