"""The source files of a build belong together: they are those of one night.

A host publishes one file after another, and a download takes its time. So after the last file came,
all are asked about again, until none changed meanwhile; and files that a host published many hours
apart are refused. Which files were found to belong together is noted beside them.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from filmkin.errors import MixedNightsError
from workflow.download import SourceRecord, fetch_if_changed, is_current, local_path
from workflow.runs import run_id
from workflow.scratch import write_whole
from workflow.transfer import DownloadLimits

log = logging.getLogger(__name__)

#: How often files may change while the others are looked at before that is an error.
ROUNDS = 5


def is_settled(files: Mapping[str, Path], note: Path, limits: DownloadLimits) -> bool:
    """Whether the files (url -> path) are as their sources have them, and those `note` tells of."""
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    current = all(is_current(url, path, limits) for url, path in files.items())
    return current and bool(noted == _hashes(files))


def settle(files: Mapping[str, Path], note: Path, limits: DownloadLimits, hours: float) -> None:
    """Fetch again what changed while others came, until nothing does, and note what there is.

    `hours` is the most that the files of one night lie apart by their Last-Modified; 0 does not
    look at it. Raises SourceError.
    """
    records = [SourceRecord.of(path) for path in files.values()]
    if any(record is not None and record.run == run_id() for record in records):
        # What came now may be of another night than the rest.
        limits = replace(limits, ask_host=True)
    for _ in range(ROUNDS):
        changed = [p.name for url, p in files.items() if fetch_if_changed(url, p, limits)]
        if not changed:
            break
        log.info("changed while others came, and fetched again: %s", ", ".join(changed))
    else:
        raise MixedNightsError(
            ", ".join(changed), "changed again and again while the other files came. Run it later."
        )
    if hours > 0:
        _refuse_mixture([path for url, path in files.items() if local_path(url) is None], hours)
    write_whole(note, json.dumps(_hashes(files), indent=1))


def _refuse_mixture(paths: Sequence[Path], hours: float) -> None:
    times = {path.name: time for path in paths if (time := _last_modified(path)) is not None}
    if len(times) < len(paths):
        log.warning("[download] night_hours: the host does not say when it published every file")
    if not times:
        return
    newest, oldest = max(times, key=times.__getitem__), min(times, key=times.__getitem__)
    apart = (times[newest] - times[oldest]).total_seconds() / 3600
    if apart > hours:
        raise MixedNightsError(
            oldest,
            f"is of {times[oldest]:%Y-%m-%d %H:%M} UTC, and {newest} of"
            f" {times[newest]:%Y-%m-%d %H:%M} UTC, {apart:.0f} hours later: not of one night. The"
            " host may be about to publish the rest: run it again later. If its files always lie so"
            " far apart, set [download] night_hours.",
        )


def _last_modified(path: Path) -> datetime | None:
    """When the host published the file, as far as it said so."""
    record = SourceRecord.of(path)
    if record is None or record.last_modified is None:
        return None
    try:
        return parsedate_to_datetime(record.last_modified).astimezone(UTC)
    except ValueError:
        return None


def _hashes(files: Mapping[str, Path]) -> dict[str, str | None]:
    records = {path.name: SourceRecord.of(path) for path in files.values()}
    return {name: record.sha256 if record else None for name, record in records.items()}
