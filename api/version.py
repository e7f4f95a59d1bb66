"""Which code serves."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_ROOMS = ("api", "filmkin", "store")

#: of the API: what its OpenAPI document describes
API_VERSION = version("filmkin")


@cache
def code_version() -> str:
    """A fingerprint of the source files that serve."""
    digest = hashlib.sha256()
    for file in sorted(path for room in _ROOMS for path in (_ROOT / room).rglob("*.py")):
        digest.update(f"{file.relative_to(_ROOT)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
