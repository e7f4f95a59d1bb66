"""What the batch writes to a terminal: what was done, not how the scheduler kept its books."""

import copy
import logging
import sys
from typing import TextIO

from filmkin.errors import FilmkinError
from workflow import config
from workflow.runs import summary

_BOOKKEEPING = (
    "Informed scheduler",
    "[pid ",
    "Worker Worker",
    "Done scheduling",
    "Running Worker",
    "Running command",
)

_SUMMARY = "===== Luigi Execution Summary ====="


class BatchHandler(logging.StreamHandler[TextIO]):
    """Lines to stderr, without Luigi's per-task bookkeeping; its summary and errors stay."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def filter(self, record: logging.LogRecord) -> bool:
        bookkeeping = (
            record.name == "luigi-interface"
            and record.levelno < logging.WARNING
            and record.getMessage().startswith(_BOOKKEEPING)
        )
        return not bookkeeping and bool(super().filter(record))

    def format(self, record: logging.LogRecord) -> str:
        """What Filmkin did stands before Luigi's own summary."""
        text = self._format(record)
        if record.name == "luigi-interface" and _SUMMARY in text:
            text = f"{summary(config.paths().folder)}\n{text}"
        return text

    def _format(self, record: logging.LogRecord) -> str:
        """An error that is raised on purpose says all by itself: no traceback."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, FilmkinError):
            record = copy.copy(record)
            record.msg, record.args = f"{type(error).__name__}: {error}", None
            record.exc_info = record.exc_text = None
        return super().format(record)
