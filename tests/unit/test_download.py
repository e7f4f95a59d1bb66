"""A file arrives whole or not at all, from hosts that behave and hosts that do not."""

import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from filmkin.errors import CorruptFileError, DownloadError, SourceError
from tests.http_host import MODIFIED, Host, serve
from workflow.download import SourceRecord, fetch, fetch_if_changed, is_current
from workflow.runs import run_id
from workflow.transfer import DownloadLimits

# Noise does not compress: the file is as long as its content.
CONTENT = gzip.compress(random.Random(1).randbytes(200_000))
NAME = "/title.ratings.tsv.gz"
QUICK = DownloadLimits(silence_seconds=1, total_seconds=20, attempts=3, first_wait_seconds=0.01)


@pytest.fixture
def host() -> Iterator[Host]:
    with serve(Host(files={NAME: CONTENT})) as host:
        yield host


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "datasets" / "title.ratings.tsv.gz"


def left(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_a_file_comes_with_a_record_of_what_it_is(host: Host, path: Path) -> None:
    record = fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert record == SourceRecord.of(path)
    assert record.bytes == len(CONTENT)
    assert record.etag is not None
    assert is_current(host.url + NAME, path, QUICK)
    assert not is_current(host.url + "/other.tsv.gz", path, QUICK)
    assert left(path) == [path.name, f"{path.name}.json"]


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_a_broken_download_goes_on_where_it_broke(host: Host, path: Path, validator: str) -> None:
    host.validators = (validator,)
    host.breaks = [70_000, 50_000]
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert [asked for _, asked in host.requests] == ["", "bytes=70000-", "bytes=120000-"]


def test_a_download_goes_on_in_a_later_run(host: Host, path: Path) -> None:
    host.breaks = [30_000, 20_000, 0, 0, 0]
    with pytest.raises(DownloadError, match="title.ratings"):
        fetch(host.url + NAME, path, QUICK)
    assert not path.exists()
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert host.requests[-1] == (NAME, "bytes=50000-")


def test_what_the_first_answer_said_of_the_file_is_kept_when_the_next_says_nothing(
    host: Host, path: Path
) -> None:
    """A part need not come with the Last-Modified that it was asked by (RFC 9110, 15.3.7)."""
    host.validators, host.partial_validators = ("Last-Modified",), False
    host.breaks = [30_000, 20_000]
    record = fetch(host.url + NAME, path, QUICK)
    assert host.asked(NAME) == ["", "bytes=30000-", "bytes=50000-"]
    assert record.last_modified == MODIFIED


def test_a_host_that_breaks_off_every_request_brings_the_file_all_the_same(
    host: Host, path: Path
) -> None:
    host.breaks = [10_000] * 100
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert len(host.requests) > 20


def test_a_run_that_ended_after_the_last_byte_is_no_obstacle(
    host: Host, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.download.verify_gzip", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(host.url + NAME, path, QUICK)
    monkeypatch.undo()
    assert path.with_name(f".{path.name}.part").stat().st_size == len(CONTENT)
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert left(path) == [path.name, f"{path.name}.json"]


def _interrupt(_: Path) -> None:
    raise KeyboardInterrupt


def test_a_host_that_asks_for_more_patience_than_allowed_is_given_up(
    host: Host, path: Path
) -> None:
    host.answers = [(429, {"Retry-After": "3600"}, b"")]
    with pytest.raises(DownloadError, match="answered 429"):
        fetch(host.url + NAME, path, QUICK)
    assert len(host.requests) == 1


def test_a_file_that_changed_at_the_host_is_begun_anew(host: Host, path: Path) -> None:
    host.breaks = [30_000, 0, 0, 0]
    with pytest.raises(DownloadError):
        fetch(host.url + NAME, path, QUICK)
    host.files[NAME] = gzip.compress(b"something else")
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == host.files[NAME]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_not_asked_again(host: Host, path: Path, status: int) -> None:
    host.answers = [(status, {}, b"no")]
    with pytest.raises(DownloadError, match=f"title.ratings.tsv.gz: the host answered {status}"):
        fetch(host.url + NAME, path, QUICK)
    assert len(host.requests) == 1
    assert left(path) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_fault_is_asked_again(host: Host, path: Path, status: int) -> None:
    host.answers = [(status, {}, b""), (status, {}, b"")]
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert len(host.requests) == 3


def test_retry_after_is_waited_for(host: Host, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=15), usegmt=True)
    host.answers = [(429, {"Retry-After": "7"}, b""), (503, {"Retry-After": at}, b"")]
    fetch(host.url + NAME, path, QUICK)
    assert waits[0] == 7
    assert 13 <= waits[1] <= 16


def test_a_host_that_keeps_failing_is_given_up(host: Host, path: Path) -> None:
    host.answers = [(500, {}, b"")] * 10
    with pytest.raises(DownloadError, match="answered 500"):
        fetch(host.url + NAME, path, QUICK)
    assert len(host.requests) == QUICK.attempts


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "an HTML page"),
        (b"plain text", "not gzip"),
        (b"", "empty"),
        (CONTENT[:100_000], "the gzip stream ends before its end mark"),
        (CONTENT[:-8] + bytes(8), "not a sound gzip file"),
    ],
    ids=["HTML", "text", "nothing", "half", "a wrong checksum"],
)
def test_what_is_not_a_sound_gzip_file_is_refused_by_name(
    host: Host, path: Path, body: bytes, problem: str
) -> None:
    host.files[NAME] = body
    with pytest.raises(CorruptFileError, match=f"title.ratings.tsv.gz: {problem}"):
        fetch(host.url + NAME, path, QUICK)
    assert left(path) == []


def test_of_a_file_that_is_not_named_as_gzip_only_a_page_or_nothing_is_refused(
    tmp_path: Path,
) -> None:
    source, path = tmp_path / "scrape.csv", tmp_path / "kept" / "scrape.csv"
    source.write_bytes(b"a,b\n1,2\n")
    fetch(str(source), path, QUICK)
    assert path.read_bytes() == b"a,b\n1,2\n"
    for body, problem in ((b" <html>Sign in</html>", "an HTML page"), (b"", "empty")):
        source.write_bytes(body)
        with pytest.raises(CorruptFileError, match=problem):
            fetch(str(source), path, QUICK)
    assert path.read_bytes() == b"a,b\n1,2\n"


def test_a_body_shorter_than_announced_is_not_kept(host: Host, path: Path) -> None:
    host.answers = [(200, {"Content-Length": str(len(CONTENT))}, CONTENT[:5000])] * 9
    host.breaks = [5000] * 9
    with pytest.raises(DownloadError, match="title.ratings.tsv.gz"):
        fetch(host.url + NAME, path, QUICK)
    assert not path.exists()


def test_an_unreachable_host_is_an_error_with_its_name(path: Path) -> None:
    with pytest.raises(DownloadError, match=r"http://127.0.0.1:9/x.gz: ConnectError"):
        fetch("http://127.0.0.1:9/x.gz", path, QUICK)


def test_a_silent_host_is_given_up_in_time(host: Host, path: Path) -> None:
    limits = DownloadLimits(silence_seconds=0.2, attempts=1)
    host.answers = [(200, {"Content-Length": "10"}, b"\x1f\x8b")] * 9  # the rest never comes
    with pytest.raises(DownloadError, match="ReadTimeout"):
        fetch(host.url + NAME, path, limits)


def test_a_good_file_stays_when_its_successor_is_refused(host: Host, path: Path) -> None:
    fetch(host.url + NAME, path, QUICK)
    host.files[NAME] = b"<html>"
    with pytest.raises(SourceError):
        fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert is_current(host.url + NAME, path, QUICK)


@pytest.fixture
def another_run(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Begins the next run."""
    return lambda: monkeypatch.delenv("FILMKIN_RUN_ID", raising=False)


@pytest.mark.parametrize("honours_conditions", [True, False])
@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_a_host_is_asked_once_a_run_whether_its_file_changed(
    host: Host,
    path: Path,
    another_run: Callable[[], None],
    validator: str,
    honours_conditions: bool,
) -> None:
    host.validators, host.honours_conditions = (validator,), honours_conditions
    url = host.url + NAME
    another_run()
    fetch(url, path, QUICK)
    assert is_current(url, path, QUICK)
    assert host.asked(NAME) == [""]
    another_run()
    assert is_current(url, path, QUICK)
    assert is_current(url, path, QUICK)
    assert host.asked(NAME) == ["", "changed?"]
    host.files[NAME] = gzip.compress(b"new")
    host.modified[NAME] = "Sun, 22 Nov 2026 00:00:00 GMT"
    assert is_current(url, path, QUICK), "in this run it was"
    another_run()
    assert not is_current(url, path, QUICK)
    assert is_current(url, path, replace(QUICK, ask_host=False))
    fetch(url, path, QUICK)
    assert path.read_bytes() == host.files[NAME]
    assert is_current(url, path, QUICK)


def test_a_file_that_did_not_change_is_not_fetched_again(
    host: Host, path: Path, another_run: Callable[[], None]
) -> None:
    another_run()
    before = fetch(host.url + NAME, path, QUICK)
    another_run()
    host.answers = [(503, {}, b"")]
    after = fetch(host.url + NAME, path, QUICK)
    assert after == SourceRecord.of(path) == replace(before, run=run_id())
    assert after != before
    assert host.asked(NAME) == ["", "changed?", "changed?"]


def test_of_a_host_that_says_nothing_of_its_file_it_is_fetched_again(
    host: Host, path: Path, another_run: Callable[[], None]
) -> None:
    host.validators = ()
    another_run()
    fetch(host.url + NAME, path, QUICK)
    another_run()
    assert not is_current(host.url + NAME, path, QUICK)
    assert not fetch_if_changed(host.url + NAME, path, QUICK), "but not in the run that fetched it"
    host.files[NAME] = gzip.compress(b"new")
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == host.files[NAME]


def test_a_host_that_does_not_answer_leaves_the_file_in_doubt_and_in_place(
    host: Host, path: Path, another_run: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    another_run()
    fetch(host.url + NAME, path, QUICK)
    another_run()
    host.answers = [(500, {}, b"")] * 10
    assert not is_current(host.url + NAME, path, QUICK)
    assert "title.ratings.tsv.gz: the host answered 500" in caplog.text
    with pytest.raises(DownloadError, match="answered 500"):
        fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert is_current(host.url + NAME, path, replace(QUICK, ask_host=False))


def test_a_local_file_is_copied_and_a_change_of_it_noticed(tmp_path: Path, path: Path) -> None:
    original = tmp_path / "original.tsv.gz"
    original.write_bytes(CONTENT)
    fetch(str(original), path, QUICK)
    assert path.read_bytes() == CONTENT
    assert is_current(str(original), path, QUICK)
    original.write_bytes(gzip.compress(b"new"))
    assert not is_current(str(original), path, QUICK)


def test_a_copy_that_breaks_off_is_not_taken_for_a_download(
    host: Host, tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.breaks = [30_000, 0, 0, 0]
    with pytest.raises(DownloadError):
        fetch(host.url + NAME, path, QUICK)
    other = tmp_path / "other.tsv.gz"
    other.write_bytes(gzip.compress(b"another file"))
    monkeypatch.setattr("workflow.download.verify_gzip", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(str(other), path, QUICK)
    monkeypatch.undo()
    fetch(host.url + NAME, path, QUICK)
    assert path.read_bytes() == CONTENT
    assert host.requests[-1] == (NAME, "")


def test_a_file_is_not_copied_onto_itself(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    with pytest.raises(DownloadError, match="is itself the place"):
        fetch(str(path), path, QUICK)
    assert path.read_bytes() == CONTENT


def test_a_missing_local_file_is_an_error_with_its_name(tmp_path: Path, path: Path) -> None:
    missing = tmp_path / "missing.tsv.gz"
    with pytest.raises(DownloadError, match="missing.tsv.gz: No such file"):
        fetch(str(missing), path, QUICK)


def test_a_file_that_lost_bytes_is_not_current(host: Host, path: Path) -> None:
    fetch(host.url + NAME, path, QUICK)
    path.write_bytes(CONTENT[:-1])
    assert SourceRecord.of(path) is None
    assert not is_current(host.url + NAME, path, QUICK)
