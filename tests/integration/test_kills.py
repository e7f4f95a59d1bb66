"""kill -9 in the midst of each step of a build: the rerun gives the rows of an undisturbed one."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from filmkin.catalogue import TABLES
from tests.world import film, load_and_publish, provenance, publish
from workflow import load

FILMS = [film(n, f"Ash {n % 4}", persons=[f"P{n % 3}"]) for n in range(1, 30)]

# Step -> what runs when the process is killed: the last thing before the step would be whole.
FATAL = {
    load.FILMS_STEP: "load._mark",
    load.SIMILARITY_STEP: "load._mark",
    load.SEARCH_STEP: "load._mark",
    load.PREDICTION_STEP: "load._mark",
    load.RECOMMENDER_STEP: "load._mark",
    load.CHECK_STEP: "load._mark",
    "checked, not named": "load._log_of",
    "published": "load.prune",
}

PROGRAM = """
import os, signal, sys
from pathlib import Path
from tests.world import load_and_publish, provenance
from workflow import load

fatal, step = sys.argv[2].removeprefix("load."), sys.argv[3]
original = getattr(load, fatal)
def die(*arguments):
    if fatal != "_mark" or arguments[1] == step:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)
if fatal == "_log_of":  # only in the last step but one
    check = load.run_checks
    def then_die(*arguments, **options):
        setattr(load, fatal, die)
        return check(*arguments, **options)
    load.run_checks = then_die
else:
    setattr(load, fatal, die)
load_and_publish(Path(sys.argv[1]), provenance("killed"))
"""


def rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(file), read_only=True) as database:
        tables = [t.name for t in TABLES if t.name != "build"] + ["build_steps"]
        return {name: database.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in tables}


@pytest.mark.parametrize("step", FATAL)
def test_a_killed_step_is_done_again_and_leaves_nothing(tmp_path: Path, step: str) -> None:
    undisturbed = publish(tmp_path, FILMS, build_id="undisturbed").resolve()
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), FATAL[step], step],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    link = tmp_path / "films.duckdb"
    assert rows(link.resolve()) == rows(undisturbed)
    load_and_publish(tmp_path, provenance("killed"))
    assert link.resolve() == tmp_path / "builds" / "films-killed.duckdb"
    assert rows(link.resolve()) == rows(undisturbed)
    left = {path.name for path in (tmp_path / "builds").iterdir()}
    names = {"films-killed.duckdb", "films-undisturbed.duckdb"}
    assert left == names | {f"{name}.sha256" for name in names}
