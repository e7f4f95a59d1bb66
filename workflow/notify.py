"""Tell an operator that a task failed: by a command, by a webhook, or both."""

import logging
import os
import shlex
import subprocess

import httpx

log = logging.getLogger(__name__)

_PATIENCE = 30.0  # seconds; a night is not to hang on the messenger


def tell(task: str, error: str, *, command: str = "", webhook: str = "") -> None:
    """Run `command` and post to `webhook`, each unless empty; what goes wrong is only logged.

    The command finds FILMKIN_TASK and FILMKIN_ERROR in its environment, the webhook gets JSON with
    `task`, `error` and, as chat services expect it, `text`.
    """
    if command:
        _run(command, os.environ | {"FILMKIN_TASK": task, "FILMKIN_ERROR": error})
    if webhook:
        _post(webhook, {"task": task, "error": error, "text": f"Filmkin: {task} failed: {error}"})


def _run(command: str, environment: dict[str, str]) -> None:
    try:
        subprocess.run(shlex.split(command), env=environment, timeout=_PATIENCE, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        log.warning("[on_failure] command did not do its work: %s", problem)


def _post(webhook: str, message: dict[str, str]) -> None:
    try:
        httpx.post(webhook, json=message, timeout=_PATIENCE).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        # An address of a webhook is often its secret.
        log.warning("[on_failure] webhook did not take the message: %s", type(problem).__name__)
