"""Where the store is: for the service, the command and the batch alike."""

from pathlib import Path

from sqlalchemy.engine import URL


def sqlite_file(url: URL) -> Path | None:
    """The file that an URL names; None for a server, and for what SQLite alone makes a name of."""
    is_file = url.get_backend_name() == "sqlite" and url.database and not url.query
    return Path(str(url.database)) if is_file else None
