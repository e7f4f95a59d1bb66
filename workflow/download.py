"""One source file brought into a folder: whole, verified, or not at all.

From a host: streamed, resumed after a break (Range with If-Range, RFC 9110), retried with backoff,
limited in time. From a local folder: copied. Either way the gzip stream is read against its
checksums before the file gets its name.
"""

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Never
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.stop import stop_any, stop_before_delay
from tenacity.wait import wait_exponential
from tqdm import tqdm

from filmkin.errors import CorruptFileError, DownloadError, SourceError
from workflow.scratch import write_whole
from workflow.tsv import verify_gzip

log = logging.getLogger(__name__)

_GZIP_MAGIC = b"\x1f\x8b"
# A host that answers so is asked again: too early, too often, or broken for now (RFC 9110, 6585).
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Seconds for one silence and for the whole file, and how often to try."""

    silence_seconds: float = 60.0
    total_seconds: float = 7200.0
    attempts: int = 6
    first_wait_seconds: float = 1.0


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


def is_current(url: str, path: Path) -> bool:
    """Whether `path` is whole and comes from `url`, as that stands now if it is a local file."""
    record = SourceRecord.of(path)
    if record is None or record.url != url:
        return False
    return record.original is None or record.original == _local_state(local_path(url))


def fetch(url: str, path: Path, limits: DownloadLimits) -> SourceRecord:
    """Bring `url`, an http(s) address or a local file, to `path`. Raises SourceError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    local = local_path(url)
    if local is not None and local.resolve() == path.resolve():
        raise DownloadError(url, "is itself the place that it would be copied to", retryable=False)
    etag: str | None = None
    last_modified: str | None = None
    original: tuple[int, int] | None = None
    if local is None:
        headers = _download(url, part, limits)
        etag, last_modified = headers.get("etag"), headers.get("last-modified")
    else:
        original = _local_state(local)
        _copy(local, part)
        if _local_state(local) != original:
            raise DownloadError(str(local), "changed while it was read")
    try:
        _verify(url, part)
    except SourceError:
        _forget(part)
        raise
    record = SourceRecord(url, part.stat().st_size, _sha256(part), etag, last_modified, original)
    _record_path(path).unlink(missing_ok=True)  # an old record is not to vouch for a new file
    part.replace(path)
    write_whole(_record_path(path), json.dumps(asdict(record), indent=1))
    _forget(part)
    return record


def local_path(url: str) -> Path | None:
    """The local file that `url` names, or None when it is an address of a host."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return None
    return Path(parts.path) if parts.scheme == "file" else Path(url)


def _verify(url: str, part: Path) -> None:
    """Raise, naming the source, when the file is not one whole gzip stream."""
    with part.open("rb") as file:
        start = file.read(512)
    if not start:
        raise CorruptFileError(url, "empty")
    if not start.startswith(_GZIP_MAGIC):
        kind = (
            "an HTML page"
            if start.lstrip().lower().startswith((b"<!doc", b"<html"))
            else "not gzip"
        )
        raise CorruptFileError(url, f"{kind}: it begins {start[:40]!r}")
    try:
        verify_gzip(part)
    except CorruptFileError as error:
        raise CorruptFileError(url, error.problem) from error


def _copy(local: Path, part: Path) -> None:
    _forget(part)  # a note on a broken download is not to vouch for a copy
    try:
        shutil.copyfile(local, part)
    except OSError as error:
        raise DownloadError(str(local), error.strerror or str(error), retryable=False) from error


def _download(url: str, part: Path, limits: DownloadLimits) -> dict[str, str]:
    """Fetch into `part`, in as many attempts as it takes; returns the headers of the file."""
    deadline = time.monotonic() + limits.total_seconds
    retrying = Retrying(
        stop=stop_any(stop_after_attempt(limits.attempts), stop_before_delay(limits.total_seconds)),
        wait=_wait(limits),
        retry=retry_if_exception(lambda e: isinstance(e, DownloadError) and e.retryable),
        before_sleep=lambda state: log.warning("%s; trying again", _outcome(state)),
        reraise=True,
    )
    timeout = httpx.Timeout(limits.silence_seconds)
    with httpx.Client(timeout=timeout, follow_redirects=True) as client:
        return retrying(_attempt, client, url, part, deadline)


def _attempt(client: httpx.Client, url: str, part: Path, deadline: float) -> dict[str, str]:
    """One request, from where the last one broke off if the host's file is still the same."""
    have, validator = _resumable(url, part)
    # Identity: a host that compresses on the way would send other bytes than the file's.
    request = {"Accept-Encoding": "identity"}
    if have:
        request |= {"Range": f"bytes={have}-", "If-Range": validator}
    try:
        with client.stream("GET", url, headers=request) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                # What is there is as long as the file, or longer: a run ended before it was named.
                _forget(part)
                raise DownloadError(url, f"nothing comes after byte {have}; beginning anew")
            have, total = _expected(url, response, have)
            with part.open("ab" if have else "wb") as file, _progress(url, have, total) as bar:
                _note(url, part, response)  # now that the file holds nothing of another
                for data in response.iter_raw():  # as it comes: what is buffered is lost in a break
                    file.write(data)
                    bar.update(len(data))
                    if time.monotonic() > deadline:
                        raise DownloadError(url, "took longer than allowed", retryable=False)
            size = part.stat().st_size
            if total is not None and size != total:
                raise DownloadError(url, f"{size} bytes came of {total}")
            return dict(response.headers)
    except httpx.HTTPError as error:
        raise DownloadError(url, f"{type(error).__name__}: {error}") from error


def _expected(url: str, response: httpx.Response, have: int) -> tuple[int, int | None]:
    """(bytes already there, bytes of the whole file if the host says); raises on a bad status."""
    length = response.headers.get("content-length")
    if response.status_code == httpx.codes.PARTIAL_CONTENT:
        begin, total = _content_range(url, response.headers.get("content-range", ""))
        if begin != have:
            raise DownloadError(url, f"asked from byte {have} on, got byte {begin}")
        return have, total
    if response.status_code == httpx.codes.OK:
        return 0, int(length) if length and length.isdigit() else None
    raise DownloadError(
        url,
        f"the host answered {response.status_code} {response.reason_phrase}",
        retryable=response.status_code in _PASSING_STATUS,
        retry_after=_seconds(response.headers.get("retry-after")),
    )


def _content_range(url: str, header: str) -> tuple[int, int | None]:
    try:
        unit, _, rest = header.partition(" ")
        span, _, total = rest.partition("/")
        if unit != "bytes":
            raise ValueError(unit)
        return int(span.split("-")[0]), None if total == "*" else int(total)
    except ValueError as error:
        raise DownloadError(url, f"Content-Range {header!r} means nothing") from error


def _resumable(url: str, part: Path) -> tuple[int, str]:
    """(bytes, validator) of a broken download of the same address; (0, "") where there is none.

    Only a strong validator proves that the rest belongs to what is there (RFC 9110, 13.1.5).
    """
    try:
        noted = json.loads(_record_path(part).read_text(encoding="utf-8"))
        if noted["url"] == url and noted["validator"]:
            return part.stat().st_size, str(noted["validator"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _note(url: str, part: Path, response: httpx.Response) -> None:
    etag = response.headers.get("etag", "")
    validator = "" if etag.startswith("W/") else etag or response.headers.get("last-modified", "")
    write_whole(_record_path(part), json.dumps({"url": url, "validator": validator}))


def _wait(limits: DownloadLimits) -> Callable[[RetryCallState], float]:
    """Exponential backoff, or as long as the host asked for (Retry-After)."""
    backoff = wait_exponential(multiplier=limits.first_wait_seconds, max=60)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        named = error.retry_after if isinstance(error, DownloadError) else None
        return max(backoff(state), min(named or 0.0, limits.total_seconds))

    return wait


def _outcome(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdigit() else None


@contextmanager
def _progress(url: str, have: int, total: int | None) -> Iterator["tqdm[Never]"]:
    """A bar on a terminal, nothing elsewhere."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    with tqdm(total=total, initial=have, desc=name, unit="B", unit_scale=True, disable=None) as bar:
        yield bar


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _local_state(local: Path | None) -> tuple[int, int] | None:
    """(bytes, modification time in ns), or None where the file is not there."""
    try:
        state = local.stat() if local else None
    except OSError:
        return None
    return (state.st_size, state.st_mtime_ns) if state else None


def _record_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _record_path(part).unlink(missing_ok=True)
