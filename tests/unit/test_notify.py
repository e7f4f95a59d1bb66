"""Who is to know of a failure is told, and a messenger that fails harms nobody."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.batch import TASK_FAILED, Batch
from workflow.notify import tell

NOTE = "import json, os, sys; open(sys.argv[1], 'w').write(json.dumps([os.environ['FILMKIN_TASK'], os.environ['FILMKIN_ERROR']]))"


@contextmanager
def webhook(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """(address, the messages that came)"""
    messages: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/secret", messages
        finally:
            server.shutdown()
            thread.join()


def test_a_batch_that_fails_tells_by_both_ways(tmp_path: Path) -> None:
    script, note = tmp_path / "note.py", tmp_path / "note of it.json"
    script.write_text(NOTE)
    with webhook() as (address, messages):
        log = Batch(tmp_path / "root", str(tmp_path / "nowhere")).run(
            "--on-failure-command", f"{sys.executable} {script} '{note}'",
            "--on-failure-webhook", address,
            expect=TASK_FAILED,
        )  # fmt: skip
    task, error = json.loads(note.read_text())
    assert task.startswith("SourceDataset(")
    assert "nowhere/" in error
    assert "DownloadError: " in error
    assert messages[-1] == {
        "task": task,
        "error": error,
        "text": f"Filmkin: {task} failed: {error}",
    }
    assert address not in log


@pytest.mark.parametrize("command", ["/no/such/program", "false", "'unclosed"])
def test_a_command_that_fails_is_only_logged(
    command: str, caplog: pytest.LogCaptureFixture
) -> None:
    tell("Task()", "error", command=command)
    assert "[on_failure] command did not do its work" in caplog.text


def test_a_webhook_that_fails_is_only_logged_without_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    with webhook(status=500) as (address, _):
        tell("Task()", "error", webhook=address)
    tell("Task()", "error", webhook=address)
    tell("Task()", "error", webhook="not an address")
    assert caplog.text.count("[on_failure] webhook did not take the message") == 3
    assert "secret" not in caplog.text
