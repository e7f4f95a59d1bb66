"""One source file brought into a folder: whole, verified, or not at all.

From a host: streamed, resumed after a break (Range with If-Range, RFC 9110), retried with backoff,
limited in time; what is there already is fetched again only when the host says that it changed
(If-None-Match, If-Modified-Since). From a local folder: copied. Either way the gzip stream is read
against its checksums before the file gets its name.
"""

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, Never
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.stop import stop_any, stop_before_delay
from tenacity.wait import wait_exponential
from tqdm import tqdm

from filmkin.errors import CorruptFileError, DownloadError, SourceError
from workflow.checksum import sha256
from workflow.runs import run_id
from workflow.scratch import write_whole
from workflow.tsv import verify_gzip

log = logging.getLogger(__name__)

_GZIP_MAGIC = b"\x1f\x8b"
# A host that answers so is asked again: too early, too often, or broken for now (RFC 9110, 6585).
_PASSING_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Seconds for one silence and for the whole file, how often to try, and whether to ask a host
    if it has another file by now than the one that is there.
    """

    silence_seconds: float = 60.0
    total_seconds: float = 7200.0
    attempts: int = 6
    first_wait_seconds: float = 1.0
    ask_host: bool = True


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
        with _client(limits) as client:
            confirmed = _retrying(limits)(_confirmed, client, record)
        if confirmed:
            write_whole(_record_path(path), json.dumps(asdict(confirmed), indent=1))
            return confirmed
    return _bring(url, path, limits)


def fetch_if_changed(url: str, path: Path, limits: DownloadLimits) -> bool:
    """Bring the file anew if its source has another by now; whether it did. Raises SourceError.

    Of a host that tells files apart by nothing, or that is not to be asked, what came is believed.
    """
    record = SourceRecord.of(path)
    if record is not None and local_path(url) is None:
        if not limits.ask_host or (record.etag, record.last_modified) == (None, None):
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
    etag: str | None = None
    last_modified: str | None = None
    original: tuple[int, int] | None = None
    if local is None:
        etag, last_modified = _download(url, part, limits)
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
    size, digest = part.stat().st_size, sha256(part)
    record = SourceRecord(url, size, digest, etag, last_modified, original, run_id())
    _record_path(path).unlink(missing_ok=True)  # an old record is not to vouch for a new file
    part.replace(path)
    write_whole(_record_path(path), json.dumps(asdict(record), indent=1))
    _forget(part)
    return record


@cache
def _is_confirmed(record: SourceRecord, limits: DownloadLimits, _run: str) -> bool:
    """Whether the host says that its file is still the recorded one. It is asked once a run."""
    try:
        with _client(limits) as client:
            confirmed = _confirmed(client, record) is not None
    except DownloadError as error:
        log.warning("%s", error)
        return False
    log.info("%s: %s", record.url, "not changed" if confirmed else "changed")
    return confirmed


def _confirmed(client: httpx.Client, record: SourceRecord) -> SourceRecord | None:
    """The record of a file that is still the host's, or None; raises DownloadError."""
    request = {"Accept-Encoding": "identity"}
    if record.etag:
        request["If-None-Match"] = record.etag
    elif record.last_modified:
        request["If-Modified-Since"] = record.last_modified
    with _asked(client, record.url, request) as response:
        etag, last_modified = map(response.headers.get, ("etag", "last-modified"))
        if response.status_code != httpx.codes.NOT_MODIFIED:
            _expected(record.url, response, 0)
            # A host may send all of it although nothing changed; then its headers say so.
            found = (etag, last_modified)
            if found == (None, None) or found != (record.etag, record.last_modified):
                return None
        # The same bytes may have been published anew; when, a host that goes by ETags may not say.
        if last_modified is None and not record.etag:
            last_modified = record.last_modified
        return replace(record, last_modified=last_modified, run=run_id())


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
        source = local.open("rb")
    except OSError as error:
        raise DownloadError(str(local), error.strerror or str(error), retryable=False) from error
    with source, part.open("wb") as target:
        shutil.copyfileobj(source, target)


def _download(url: str, part: Path, limits: DownloadLimits) -> "_Validators":
    """Fetch into `part`, in as many attempts as it takes."""
    deadline = time.monotonic() + limits.total_seconds
    with _client(limits) as client:
        _retrying(limits)(_attempt, client, url, part, limits, deadline)
    return _noted(url, part)


def _client(limits: DownloadLimits) -> httpx.Client:
    return httpx.Client(timeout=limits.silence_seconds, follow_redirects=True)


def _retrying(limits: DownloadLimits) -> Retrying:
    return Retrying(
        stop=stop_any(stop_after_attempt(limits.attempts), stop_before_delay(limits.total_seconds)),
        wait=_wait(limits),
        retry=retry_if_exception(lambda e: isinstance(e, DownloadError) and e.retryable),
        before_sleep=lambda state: log.warning("%s; trying again", _outcome(state)),
        reraise=True,
    )


@contextmanager
def _asked(client: httpx.Client, url: str, request: dict[str, str]) -> Iterator[httpx.Response]:
    """The host's response; what breaks while it is read is a DownloadError."""
    try:
        with client.stream("GET", url, headers=request) as response:
            yield response
    except httpx.HTTPError as error:
        raise DownloadError(url, f"{type(error).__name__}: {error}") from error


def _attempt(
    client: httpx.Client, url: str, part: Path, limits: DownloadLimits, deadline: float
) -> None:
    """As many requests as each bring the file on: a host may break off every one of them."""
    while True:
        before = _size(part)
        try:
            _request(client, url, part, deadline)
            return
        except DownloadError as error:
            if not error.retryable or _size(part) <= before or time.monotonic() > deadline:
                raise
            log.warning("%s; going on from byte %d", error, _size(part))
            time.sleep(limits.first_wait_seconds)


def _request(client: httpx.Client, url: str, part: Path, deadline: float) -> None:
    """One request, from where the last one broke off if the host's file is still the same."""
    have, validator = _resumable(url, part)
    # Identity: a host that compresses on the way would send other bytes than the file's.
    request = {"Accept-Encoding": "identity"}
    if have:
        request |= {"Range": f"bytes={have}-", "If-Range": validator}
    with _asked(client, url, request) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            # What is there is as long as the file, or longer: a run ended before it was named.
            _forget(part)
            raise DownloadError(url, f"nothing comes after byte {have}; beginning anew")
        have, total = _expected(url, response, have)
        with part.open("ab" if have else "wb") as file, _progress(url, have, total) as bar:
            _note(url, part, response, have)  # now that the file holds nothing of another
            for data in response.iter_raw():  # as it comes: what is buffered is lost in a break
                file.write(data)
                bar.update(len(data))
                if time.monotonic() > deadline:
                    raise DownloadError(url, "took longer than allowed", retryable=False)
        size = part.stat().st_size
        if total is not None and size != total:
            raise DownloadError(url, f"{size} bytes came of {total}")


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
        retry_after=_seconds(response.headers),
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


class _Validators(NamedTuple):
    """By what a host tells a file from its successor."""

    etag: str | None
    last_modified: str | None


def _resumable(url: str, part: Path) -> tuple[int, str]:
    """(bytes, validator) of a broken download of the same address; (0, "") where there is none.

    Only a strong validator proves that the rest belongs to what is there (RFC 9110, 13.1.5).
    """
    etag, last_modified = _noted(url, part)
    validator = (etag or last_modified or "") if not (etag or "").startswith("W/") else ""
    return (_size(part), validator) if validator else (0, "")


def _noted(url: str, part: Path) -> _Validators:
    """What is known of the file that a download of `url` brings."""
    try:
        noted = json.loads(_record_path(part).read_text(encoding="utf-8"))
        if noted["url"] == url:
            return _Validators(noted["etag"], noted["last_modified"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return _Validators(None, None)


def _note(url: str, part: Path, response: httpx.Response, have: int) -> None:
    # A part of the file need not come with what the first answer told (RFC 9110, 15.3.7).
    known = _noted(url, part) if have else _Validators(None, None)
    etag = response.headers.get("etag", known.etag)
    last_modified = response.headers.get("last-modified", known.last_modified)
    noted = {"url": url, "etag": etag, "last_modified": last_modified}
    write_whole(_record_path(part), json.dumps(noted))


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


def _seconds(headers: httpx.Headers) -> float | None:
    """What Retry-After asks for: seconds, or a date by the host's own clock (RFC 9110, 10.2.3)."""
    asked = headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    try:
        return (_time(asked) - _time(headers.get("date", ""))).total_seconds()
    except ValueError:
        return None


def _time(text: str) -> datetime:
    return parsedate_to_datetime(text).astimezone(UTC)


@contextmanager
def _progress(url: str, have: int, total: int | None) -> Iterator["tqdm[Never]"]:
    """A bar on a terminal, nothing elsewhere."""
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    with tqdm(total=total, initial=have, desc=name, unit="B", unit_scale=True, disable=None) as bar:
        yield bar


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


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
