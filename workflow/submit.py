"""How a Spark process is started: with which Java, Python and settings.

Apart from sessions: a run of the batch starts such processes, and does without pyspark, which takes
half a second to import.
"""

import os
import sys
from pathlib import Path

from workflow.java import java_home

# What every session needs, on one machine and on a cluster.
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, not a wrong number
    # Who starts the job shows it, or does not.
    "spark.ui.showConsoleProgress": "true",
}
# On a cluster: each executor compiles for itself, and what it keeps of it goes with its folder.
_CLUSTER_SETTINGS = {"spark.executorEnv.XDG_CACHE_HOME": "."}
# On one machine: no port that others can reach, no more shuffle partitions than help.
_LOCAL_SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "8",
}
# The optimising compiler takes a core away from jobs of a minute, and gives them nothing back.
_LOCAL_JAVA = "-XX:+UseParallelGC"
_LIGHTLY_COMPILED = "-XX:TieredStopAtLevel=1"


def spark_environment() -> dict[str, str]:
    """The environment of a Spark process: which Java, which Python."""
    return {
        **os.environ,
        "JAVA_HOME": str(java_home()),
        "PYSPARK_PYTHON": os.environ.get("PYSPARK_PYTHON", sys.executable),
        "PYSPARK_DRIVER_PYTHON": sys.executable,
    }


def spark_settings(
    master: str, classes: str, scratch: Path, *, computes: bool = False
) -> dict[str, str]:
    """The settings of a session on `master`, for spark-submit and for a session in this process.

    `classes` is the option by which its Java shares classes with others (`workflow.java`). What
    it keeps on disk meanwhile goes to `scratch`, so that nothing is left of one that is killed.
    A session that `computes` has its numbers made in Java: without the optimising compiler, vector
    instructions are a hundred times slower than none.
    """
    java = f'{classes} "-Djava.io.tmpdir={scratch.resolve()}"'
    if not master.startswith("local"):
        return _SETTINGS | _CLUSTER_SETTINGS | {"spark.driver.extraJavaOptions": java}
    java = " ".join([_LOCAL_JAVA, *([] if computes else [_LIGHTLY_COMPILED]), java])
    return _SETTINGS | _LOCAL_SETTINGS | {"spark.driver.extraJavaOptions": java}


def spark_submit() -> str:
    """The spark-submit that belongs to this Python, wherever PATH leads."""
    return str(Path(sys.executable).with_name("spark-submit"))
