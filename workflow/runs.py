"""One run of the batch: what tells it from others."""

import os
import uuid

_RUN_ID = "FILMKIN_RUN_ID"


def run_id() -> str:
    """The same in every process of a run, and in no other run.

    The first process of a run makes it up; those that it starts inherit it.
    """
    return os.environ.setdefault(_RUN_ID, uuid.uuid4().hex)
