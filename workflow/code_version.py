"""Which version of the project's own code a result was made with."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

_ROOT = Path(__file__).parents[1]
# Their own code decides values too.
_LIBRARIES = ("duckdb", "langcodes", "language_data", "numpy", "pyspark", "scipy")
_ROOMS = ("filmkin", "store", "workflow", "api", "benchmarks")


@cache
def code_version(*modules: str) -> str:
    """A hash of the text of these modules and of all project modules behind them, and of the
    versions of the libraries that compute.

    Comments count: it is cheaper to build once more than to decide which text matters.
    """
    digest = hashlib.sha256(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    for module, path in sorted(_closure(modules).items()):
        digest.update(f"{module}\0{path.read_text(encoding='utf-8')}\0".encode())
    return digest.hexdigest()


def _closure(modules: tuple[str, ...]) -> dict[str, Path]:
    """Module name -> file, for these modules and everything of the project behind them."""
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        path = _path(module)
        if module not in found and path is not None:
            found[module] = path
            waiting += imports(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _path(module: str) -> Path | None:
    """The file of a project module, or None for a library or a name inside a module."""
    if module.split(".")[0] not in _ROOMS:
        return None
    base = _ROOT.joinpath(*module.split("."))
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.exists()), None)


def imports(code: ast.AST) -> Iterator[str]:
    """The full names of what a piece of code imports: modules, and names that may be modules."""
    for node in ast.walk(code):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
