"""What SQL needs that no parameter can say."""

from pathlib import Path


def quoted(path: Path) -> str:
    """A path as a literal, where a statement takes no parameter."""
    return "'" + str(path).replace("'", "''") + "'"
