"""A file from a host into a folder: as many requests as it takes (HTTP, RFC 9110).

Streamed, resumed after a break (Range with If-Range), retried with backoff, limited in time; and
asked about, whether it is still the same (If-None-Match, If-Modified-Since).
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple, Never
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.stop import stop_any, stop_before_delay
from tenacity.wait import wait_exponential
from tqdm import tqdm

from filmkin.errors import DownloadError
from workflow.scratch import write_whole

log = logging.getLogger(__name__)

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


class Validators(NamedTuple):
    """By what a host tells a file from its successor."""

    etag: str | None
    last_modified: str | None


def transfer(url: str, part: Path, limits: DownloadLimits) -> Validators:
    """Fetch `url` into `part`, and go on with what an earlier attempt left there.

    Raises DownloadError, and leaves what came for the next attempt.
    """
    deadline = time.monotonic() + limits.total_seconds
    with _client(limits) as client:
        _retrying(limits)(_attempt, client, url, part, limits, deadline)
    return _noted(url, part)


def forget(part: Path) -> None:
    """Remove what attempts left."""
    part.unlink(missing_ok=True)
    _note_path(part).unlink(missing_ok=True)


def ask(url: str, known: Validators, limits: DownloadLimits) -> Validators | None:
    """Ask the host, once, about the file that is known by these.

    Returns what is known of it now, or None when the host has another; raises DownloadError.
    """
    with _client(limits) as client:
        return _ask(client, url, known)


def ask_patiently(url: str, known: Validators, limits: DownloadLimits) -> Validators | None:
    """The same, in as many attempts as it takes."""
    with _client(limits) as client:
        return _retrying(limits)(_ask, client, url, known)


def _ask(client: httpx.Client, url: str, known: Validators) -> Validators | None:
    request = {"Accept-Encoding": "identity"}
    if known.etag:
        request["If-None-Match"] = known.etag
    elif known.last_modified:
        request["If-Modified-Since"] = known.last_modified
    with _asked(client, url, request) as response:
        found = Validators(*map(response.headers.get, ("etag", "last-modified")))
        if response.status_code != httpx.codes.NOT_MODIFIED:
            _expected(url, response, 0)
            # A host may send all of it although nothing changed; then its headers say so.
            return found if found == known and any(found) else None
        # The same bytes may have been published anew; when, a host that goes by ETags may not say.
        return known._replace(last_modified=found.last_modified) if known.etag else known


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
            forget(part)
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


def _resumable(url: str, part: Path) -> tuple[int, str]:
    """(bytes, validator) of a broken download of the same address; (0, "") where there is none.

    Only a strong validator proves that the rest belongs to what is there (RFC 9110, 13.1.5).
    """
    etag, last_modified = _noted(url, part)
    validator = (etag or last_modified or "") if not (etag or "").startswith("W/") else ""
    return (_size(part), validator) if validator else (0, "")


def _noted(url: str, part: Path) -> Validators:
    """What is known of the file that a download of `url` brings."""
    try:
        noted = json.loads(_note_path(part).read_text(encoding="utf-8"))
        if noted["url"] == url:
            return Validators(noted["etag"], noted["last_modified"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return Validators(None, None)


def _note(url: str, part: Path, response: httpx.Response, have: int) -> None:
    # A part of the file need not come with what the first answer told (RFC 9110, 15.3.7).
    known = _noted(url, part) if have else Validators(None, None)
    etag = response.headers.get("etag", known.etag)
    last_modified = response.headers.get("last-modified", known.last_modified)
    noted = {"url": url, "etag": etag, "last_modified": last_modified}
    write_whole(_note_path(part), json.dumps(noted))


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


def _note_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")
