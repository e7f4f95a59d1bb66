"""Ratings written one by one by many callers at once, each told when it is on the disk."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime

import numpy as np

from store.group_commit import GroupCommit
from store.ratings import RatingStore, Write


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of the writes, and of reading a person's ratings afterwards."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks store")
    parser.add_argument("--url", help="of an empty store; default: SQLite, in a temporary folder")
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/ratings.sqlite"
        with closing(RatingStore(url)) as store:
            took = asyncio.run(_write(store, options.callers, options.seconds))
            written = sum(1 for _ in store.every())
            reads = [_seconds_to_read(store, f"user {n}") for n in range(options.callers)]
    return {
        "callers": options.callers,
        "acknowledged": len(took),
        "stored": written,
        "writes_per_second": round(len(took) / options.seconds),
        "write_p50_ms": _milliseconds(took, 0.5),
        "write_p99_ms": _milliseconds(took, 0.99),
        "ratings_a_person": round(written / options.callers),
        "read_a_person_ms": _milliseconds(reads, 0.5),
    }


async def _write(store: RatingStore, callers: int, seconds: float) -> list[float]:
    """The seconds that each write took to be acknowledged."""
    group = GroupCommit(store)
    end = time.perf_counter() + seconds
    took = await asyncio.gather(*(_caller(group, f"user {n}", end) for n in range(callers)))
    await group.close()
    return [one for of_caller in took for one in of_caller]


async def _caller(group: GroupCommit, user_id: str, end: float) -> list[float]:
    took: list[float] = []
    while (begun := time.perf_counter()) < end:
        await group.put([Write(user_id, len(took), 4.5, datetime.now(UTC))])
        took.append(time.perf_counter() - begun)
    return took


def _seconds_to_read(store: RatingStore, user_id: str) -> float:
    begun = time.perf_counter()
    store.of(user_id)
    return time.perf_counter() - begun


def _milliseconds(seconds: list[float], share: float) -> float:
    return round(1000 * float(np.quantile(seconds, share)), 2)
