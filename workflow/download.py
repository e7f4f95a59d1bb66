"""One source file brought into a folder: whole, verified, or not at all.

From a host (`workflow.transfer`), which is asked whether its file changed before it is fetched
again; or copied from a local folder. Either way the gzip stream is read against its checksums
before the file gets its name.
"""

import json
import logging
import shutil
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from filmkin.errors import CorruptFileError, DownloadError, SourceError
from workflow.checksum import sha256
from workflow.runs import run_id
from workflow.scratch import write_whole
from workflow.transfer import (
    DownloadLimits,
    Validators,
    ask,
    ask_patiently,
    forget,
    transfer,
)
from workflow.tsv import verify_gzip

log = logging.getLogger(__name__)

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """Where a file came from and what it is; kept beside it."""

    url: str
    bytes: int
    sha256: str
    etag: str | None
    last_modified: str | None
    #: (bytes, modification time in ns) of a local original, by which a change is noticed.
    original: tuple[int, int] | None
    #: the run in which the host last said that this is its file
    run: str

    @property
    def validators(self) -> Validators:
        return Validators(self.etag, self.last_modified)

    @classmethod
    def of(cls, path: Path) -> "SourceRecord | None":
        """The record of the file `path`, or None where the file is not as its record says."""
        try:
            fields = json.loads(_record_path(path).read_text(encoding="utf-8"))
            original = fields.pop("original")
            record = cls(**fields, original=tuple(original) if original else None)
            return record if path.stat().st_size == record.bytes else None
        except (OSError, ValueError, TypeError, KeyError):
            return None


def is_current(url: str, path: Path, limits: DownloadLimits) -> bool:
    """Whether `path` is whole and comes from `url`, as that stands now.

    A host is asked once a run, if `limits` say so at all; one that does not answer leaves the file
    in doubt, for `fetch` to ask again with more patience.
    """
    run = run_id()  # also where it is not needed: workers that are forked later have it from here
    record = SourceRecord.of(path)
    if record is None or record.url != url:
        return False
    local = local_path(url)
    if local is not None:
        return record.original == _local_state(local)
    return not limits.ask_host or record.run == run or _is_confirmed(record, limits, run)


def fetch(url: str, path: Path, limits: DownloadLimits) -> SourceRecord:
    """Bring `url`, an http(s) address or a local file, to `path`. Raises SourceError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    local = local_path(url)
    if local is not None and local.resolve() == path.resolve():
        raise DownloadError(url, "is itself the place that it would be copied to", retryable=False)
    record = SourceRecord.of(path)
    if local is None and record is not None and record.url == url:
        same = ask_patiently(url, record.validators, limits)
        if same is not None:
            record = replace(record, **same._asdict(), run=run_id())
            write_whole(_record_path(path), json.dumps(asdict(record), indent=1))
            return record
    return _bring(url, path, limits)


def fetch_if_changed(url: str, path: Path, limits: DownloadLimits) -> bool:
    """Bring the file anew if its source has another by now; whether it did. Raises SourceError.

    Of a host that tells files apart by nothing, or that is not to be asked, what came is believed.
    """
    record = SourceRecord.of(path)
    if record is not None and local_path(url) is None:
        if not limits.ask_host or not any(record.validators):
            return False
    elif is_current(url, path, limits):
        return False
    return fetch(url, path, limits).sha256 != (record.sha256 if record else None)


def is_as_it_came(path: Path) -> bool:
    """Whether the file can be read, and is what its record says."""
    record = SourceRecord.of(path)
    try:
        return record is not None and sha256(path) == record.sha256
    except OSError:
        return False


def distrust(path: Path) -> None:
    """Let the file be fetched again by the next run: it is not what came from its source."""
    _record_path(path).unlink(missing_ok=True)


def _bring(url: str, path: Path, limits: DownloadLimits) -> SourceRecord:
    """Download or copy the file, whatever is there."""
    part = path.with_name(f".{path.name}.part")
    local = local_path(url)
    validators = Validators(None, None)
    original: tuple[int, int] | None = None
    if local is None:
        validators = transfer(url, part, limits)
    else:
        original = _local_state(local)
        _copy(local, part)
        if _local_state(local) != original:
            raise DownloadError(str(local), "changed while it was read")
    try:
        _verify(url, part)
    except SourceError:
        forget(part)
        raise
    size, digest = part.stat().st_size, sha256(part)
    record = SourceRecord(url, size, digest, *validators, original, run_id())
    _record_path(path).unlink(missing_ok=True)  # an old record is not to vouch for a new file
    part.replace(path)
    write_whole(_record_path(path), json.dumps(asdict(record), indent=1))
    forget(part)
    return record


@cache
def _is_confirmed(record: SourceRecord, limits: DownloadLimits, _run: str) -> bool:
    """Whether the host says that its file is still the recorded one. It is asked once a run."""
    try:
        confirmed = ask(record.url, record.validators, limits) is not None
    except DownloadError as error:
        log.warning("%s", error)
        return False
    log.info("%s: %s", record.url, "not changed" if confirmed else "changed")
    return confirmed


def local_path(url: str) -> Path | None:
    """The local file that `url` names, or None when it is an address of a host."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return None
    return Path(parts.path) if parts.scheme == "file" else Path(url)


def _verify(url: str, part: Path) -> None:
    """Raise, naming the source, when the file is not one whole gzip stream; of a file that is not
    named as one, when it is empty or a page.
    """
    with part.open("rb") as file:
        start = file.read(512)
    if not start:
        raise CorruptFileError(url, "empty")
    is_page = start.lstrip().lower().startswith((b"<!doc", b"<html"))
    is_to_be_gzip = urlsplit(url).path.endswith(".gz")
    if is_page or (is_to_be_gzip and not start.startswith(_GZIP_MAGIC)):
        kind = "an HTML page" if is_page else "not gzip"
        raise CorruptFileError(url, f"{kind}: it begins {start[:40]!r}")
    if not is_to_be_gzip:
        return
    try:
        verify_gzip(part)
    except CorruptFileError as error:
        raise CorruptFileError(url, error.problem) from error


def _copy(local: Path, part: Path) -> None:
    forget(part)  # a note on a broken download is not to vouch for a copy
    try:
        source = local.open("rb")
    except OSError as error:
        raise DownloadError(str(local), error.strerror or str(error), retryable=False) from error
    with source, part.open("wb") as target:
        shutil.copyfileobj(source, target)


def _local_state(local: Path | None) -> tuple[int, int] | None:
    """(bytes, modification time in ns), or None where the file is not there."""
    try:
        state = local.stat() if local else None
    except OSError:
        return None
    return (state.st_size, state.st_mtime_ns) if state else None


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
