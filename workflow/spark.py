"""The only place that builds a SparkSession."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import SparkSession

from workflow.java import known_classes
from workflow.submit import spark_environment, spark_settings

_QUIET = {"spark.ui.showConsoleProgress": "false"}


@contextmanager
def spark_session(
    name: str,
    master: str | None = None,
    settings: Mapping[str, str] | None = None,
    *,
    computes: bool = False,
) -> Iterator[SparkSession]:
    """A session, stopped at the end.

    Under spark-submit the master and the settings are already there; `master` is for a session
    that starts in this process, `settings` go on top of those that every session has, `computes`
    is as in `spark_settings`.
    """
    builder = SparkSession.builder.appName(name)
    with ExitStack() as stack:
        if master:
            scratch = Path(stack.enter_context(TemporaryDirectory(prefix="filmkin-")))
            os.environ.update(spark_environment())
            builder = builder.master(master)
            own = spark_settings(master, known_classes(), scratch, computes=computes) | _QUIET
            for key, value in (own | dict(settings or {})).items():
                builder = builder.config(key, value)
        spark = builder.getOrCreate()
        stack.callback(spark.stop)
        spark.sparkContext.setLogLevel("WARN")
        yield spark
