"""What the batch writes to a terminal: what was done, not how the scheduler kept its books."""

import logging
import sys

_BOOKKEEPING = (
    "Informed scheduler",
    "[pid ",
    "Worker Worker",
    "Done scheduling",
    "Running Worker",
    "Running command",
)


class BatchHandler(logging.StreamHandler):  # type: ignore[type-arg]
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
