"""Where the store is: for the service, the command and the batch alike."""

import os
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

VARIABLE = "FILMKIN_STORE"  # in the environment, the URL of the store
FILE = "ratings.sqlite"  # where it names none
DEFAULT = f"sqlite:///{FILE}"


def url_in(folder: Path) -> str:
    """Of the store whose file is in a folder, unless the environment names one."""
    return os.environ.get(VARIABLE) or f"sqlite:///{folder / FILE}"


def is_missing(url: str) -> bool:
    """Whether nobody has made this store yet, as far as that can be seen without opening it."""
    try:
        file = sqlite_file(make_url(url))
    except (ArgumentError, ValueError):  # who opens it says what is wrong
        return False
    return file is not None and not file.exists()


def sqlite_file(url: URL) -> Path | None:
    """The file that an URL names; None for a server, and for what SQLite alone makes a name of."""
    is_file = url.get_backend_name() == "sqlite" and url.database and not url.query
    return Path(str(url.database)) if is_file else None
