"""What happened in a Spark application, from its event log: while it runs, and afterwards.

The lines are Spark's own, one JSON object an event:
https://spark.apache.org/docs/latest/monitoring.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUCCESS = "Success"
LOST = "ExecutorLostFailure"


@dataclass(frozen=True)
class TaskRun:
    """One attempt at a task: seconds since the epoch, and Spark's word for how it ended."""

    executor: str
    launched: float
    ended: float | None = None
    outcome: str | None = None  # None: it runs


@dataclass(frozen=True)
class Stage:
    """A stage with so many tasks; `completed` is None while it runs."""

    tasks: int
    completed: float | None
    runs: list[TaskRun]

    def done_by(self, executor: str) -> list[TaskRun]:
        return [r for r in self.runs if r.executor == executor and r.outcome == SUCCESS]

    def lost_by(self, executor: str) -> list[TaskRun]:
        return [r for r in self.runs if r.executor == executor and r.outcome == LOST]

    def running_on(self, executor: str) -> list[TaskRun]:
        return [r for r in self.runs if r.executor == executor and r.outcome is None]


class Events:
    """The events that the log in a folder holds now."""

    def __init__(self, folder: Path) -> None:
        self._events = list(_events(folder))

    @property
    def application(self) -> str | None:
        return next((e["App ID"] for e in self._of("SparkListenerApplicationStart")), None)

    def removed_executors(self) -> dict[str, float]:
        """When which executor was given up."""
        removed = self._of("SparkListenerExecutorRemoved")
        return {e["Executor ID"]: e["Timestamp"] / 1000 for e in removed}

    def stage_of(self, job: str) -> Stage | None:
        """The one stage of the job with a description, once it is submitted."""
        numbers = [
            stage
            for e in self._of("SparkListenerJobStart")
            if e["Properties"].get("spark.job.description") == job
            for stage in e["Stage IDs"]
        ]
        return self._stage(numbers[0]) if numbers else None

    def _stage(self, number: int) -> Stage | None:
        states = [
            e["Stage Info"]
            for e in self._of("SparkListenerStageSubmitted", "SparkListenerStageCompleted")
            if e["Stage Info"]["Stage ID"] == number
        ]
        if not states:
            return None
        completed = states[-1].get("Completion Time")
        return Stage(
            states[-1]["Number of Tasks"], completed and completed / 1000, self._runs(number)
        )

    def _runs(self, stage: int) -> list[TaskRun]:
        runs: dict[int, TaskRun] = {}
        for e in self._of("SparkListenerTaskStart", "SparkListenerTaskEnd"):
            if e["Stage ID"] == stage:
                task = e["Task Info"]
                ended = task["Finish Time"] / 1000 if "Task End Reason" in e else None
                outcome = e.get("Task End Reason", {}).get("Reason")
                runs[task["Task ID"]] = TaskRun(
                    task["Executor ID"], task["Launch Time"] / 1000, ended, outcome
                )
        return list(runs.values())

    def _of(self, *kinds: str) -> list[dict[str, Any]]:
        # The events of SQL bear the full names of their classes.
        return [e for e in self._events if e["Event"].rsplit(".", 1)[-1] in kinds]


def _events(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("eventlog_v2_*/events_*")):
        for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):  # else it is still being written
                yield json.loads(line)
