"""The rooms import each other one way only, and libraries stay in the rooms they belong to."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("filmkin", "store", "workflow", "api", "benchmarks", "tests", "tasks", "main")

# Room -> the rooms it may import.
ALLOWED = {
    "filmkin": set(),
    "store": {"filmkin"},
    "workflow": {"filmkin", "store"},
    "tasks": {"filmkin", "store", "workflow"},
    "api": {"filmkin", "store"},
    "main": {"api"},
}

# What filmkin/ is made of, beside the standard library and itself.
DOMAIN_LIBRARIES = {"numpy", "scipy", "numba", "rapidfuzz"}
# Of the standard library: nothing of files, clock, environment, network or processes.
NOT_FOR_THE_DOMAIN = {
    "os", "pathlib", "shutil", "tempfile", "io", "time", "datetime", "subprocess", "socket",
    "urllib", "http", "sqlite3", "glob", "random",
}  # fmt: skip

# Library -> the only files that may import it; a folder stands for all files below.
CONFINED = {
    "duckdb": {
        "api/db",
        "workflow/staging.py",
        "workflow/load.py",
        "workflow/targets.py",
        "workflow/checks.py",
        "workflow/builds/__init__.py",
        "workflow/report/figures.py",
    },
    "fastapi": {
        "api/app.py",
        "api/routers",
        "api/route.py",
        "api/user_route.py",
        "api/results.py",
        "api/openapi.py",
        "api/errors.py",
    },
    "duckdb_engine": set(),
    "sqlalchemy": {"store"},
    "luigi": {
        "tasks.py",
        "workflow/steps.py",
        "workflow/targets.py",
        "workflow/config.py",
        "workflow/scheduler.py",
    },
    "sklearn": set(),
    "sparse_dot_topn": set(),
    "bm25s": set(),
    "implicit": set(),
    "surprise": set(),
    "matplotlib": {"workflow/report/charts.py"},
    "jinja2": {"workflow/report/__init__.py"},
    "rapidfuzz": {"filmkin/search/vocabulary.py"},
    "langcodes": {"workflow/languages.py"},
}
NOT_FOR_THE_API = {"workflow", "pyspark", "luigi", "pandas", "pyarrow"}


def source_files() -> list[Path]:
    rooms = [ROOT / room for room in ALLOWED if (ROOT / room).is_dir()]
    return [*(p for room in rooms for p in room.rglob("*.py")), ROOT / "tasks.py", ROOT / "main.py"]


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides the room"
            yield node.module or ""


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_its_room_allows(path: Path) -> None:
    own = room(path)
    tops = {name.split(".")[0] for name in imported(path)}
    assert tops & set(ROOMS) <= ALLOWED[own] | {own}
    if own == "filmkin":
        assert tops <= set(sys.stdlib_module_names) | DOMAIN_LIBRARIES | {"filmkin"}
        assert not tops & NOT_FOR_THE_DOMAIN
    if own == "api":
        assert not tops & NOT_FOR_THE_API
    where = path.relative_to(ROOT)
    for library in tops & set(CONFINED):
        places = {Path(place) for place in CONFINED[library]}
        assert places & {where, *where.parents}, f"{library} does not belong in {where}"


def test_a_session_is_built_in_one_place_only() -> None:
    builders = [p for p in source_files() if "SparkSession.builder" in p.read_text("utf-8")]
    assert builders == [ROOT / "workflow" / "spark.py"]


def test_nothing_happens_at_import() -> None:
    """Importing every module opens no database, starts no Java and reads no setting."""
    modules = [
        ".".join(p.relative_to(ROOT).with_suffix("").parts)
        for p in source_files()
        if p.name not in ("main.py", "__main__.py")
    ]
    program = f"""
import importlib, os, subprocess, sys
def refuse(*args, **kwargs):
    raise SystemExit(f"something happened at import: {{args}}")
import duckdb, sqlalchemy, httpx
duckdb.connect = sqlalchemy.create_engine = httpx.Client = refuse
subprocess.Popen = refuse
os.environ["FILMKIN_POLL_SECONDS"] = "not a number"
for module in {modules!r}:
    importlib.import_module(module)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_service_starts_without_the_batch() -> None:
    # pandas is there as a name that says: not there.
    program = (
        "import sys, main;"
        f" print({{name for name in {NOT_FOR_THE_API!r} if sys.modules.get(name) is not None}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"
