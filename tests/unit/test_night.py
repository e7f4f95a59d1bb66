"""The files of a build are of one night, whatever the host does while they come."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from filmkin.errors import MixedNightsError
from tests.http_host import Host, serve
from workflow import night
from workflow.download import fetch
from workflow.transfer import DownloadLimits

QUICK = DownloadLimits(silence_seconds=1, total_seconds=20, attempts=2, first_wait_seconds=0.01)
NAMES = ("/one.tsv.gz", "/two.tsv.gz", "/three.tsv.gz")


def content(text: str) -> bytes:
    return gzip.compress(text.encode())


@pytest.fixture
def host() -> Iterator[Host]:
    with serve(Host(files={name: content(f"{name} of the first night") for name in NAMES})) as host:
        yield host


@pytest.fixture
def files(host: Host, tmp_path: Path) -> dict[str, Path]:
    return {host.url + name: tmp_path / name[1:] for name in NAMES}


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "night.json"


def bring(files: dict[str, Path]) -> None:
    for url, path in files.items():
        fetch(url, path, QUICK)


def assert_as_published(host: Host, files: dict[str, Path], note: Path) -> None:
    assert night.is_settled(files, note, QUICK)
    for name, path in zip(NAMES, files.values(), strict=True):
        assert path.read_bytes() == host.files[name]


def test_files_that_stay_are_asked_about_once_more(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    bring(files)
    assert not night.is_settled(files, note, QUICK)
    night.settle(files, note, QUICK, hours=12)
    assert_as_published(host, files, note)
    for name in NAMES:
        assert host.asked(name) == ["", "changed?"]


def test_what_changes_while_others_come_is_fetched_again(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    """The next night comes file by file, each as soon as another was asked for."""
    waiting = list(NAMES)

    def publish(path: str) -> None:
        if waiting and path == NAMES[-1]:
            name = waiting.pop(0)
            host.files[name] = content(f"{name} of the second night")

    host.on_request = publish
    bring(files)
    night.settle(files, note, QUICK, hours=12)
    assert waiting == []
    assert_as_published(host, files, note)


def test_a_host_that_never_settles_is_given_up(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    def publish(path: str) -> None:
        host.files[NAMES[0]] = content(f"the {len(host.requests)}th")

    host.on_request = publish
    bring(files)
    with pytest.raises(MixedNightsError, match=r"one.tsv.gz: changed again and again"):
        night.settle(files, note, QUICK, hours=12)
    assert not night.is_settled(files, note, QUICK)


def test_files_published_many_hours_apart_are_refused(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    host.modified = dict.fromkeys(NAMES[1:], "Sun, 22 Nov 2026 13:00:00 GMT")
    host.modified[NAMES[0]] = "Sat, 21 Nov 2026 12:50:00 GMT"
    bring(files)
    with pytest.raises(MixedNightsError) as refused:
        night.settle(files, note, QUICK, hours=12)
    assert str(refused.value).startswith(
        "one.tsv.gz: is of 2026-11-21 12:50 UTC, and two.tsv.gz of 2026-11-22 13:00 UTC, 24 hours"
        " later: not of one night."
    )
    assert not night.is_settled(files, note, QUICK)
    night.settle(files, note, QUICK, hours=0)
    assert_as_published(host, files, note)


def test_a_file_that_is_published_anew_as_it_was_is_of_the_new_night(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    """Its ETag tells that it has not changed, and comes with its new Last-Modified."""
    bring(files)
    host.modified = dict.fromkeys(NAMES, "Sun, 22 Nov 2026 13:00:00 GMT")
    host.files[NAMES[1]] = content("of the second night")
    fetch(host.url + NAMES[1], files[host.url + NAMES[1]], QUICK)
    night.settle(files, note, QUICK, hours=12)
    assert_as_published(host, files, note)


def test_what_comes_alone_is_not_put_beside_the_files_of_an_earlier_night(
    host: Host, files: dict[str, Path], note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where the host is not to be asked about what is there."""
    bring(files)
    for name in NAMES:
        host.files[name] = content(f"{name} of the second night")
    monkeypatch.delenv("FILMKIN_RUN_ID")
    lost = files[host.url + NAMES[1]]
    lost.unlink()
    unasked = replace(QUICK, ask_host=False)
    fetch(host.url + NAMES[1], lost, unasked)
    night.settle(files, note, unasked, hours=0)
    assert_as_published(host, files, note)


def test_a_host_that_says_only_that_a_file_is_the_same_says_not_of_which_night(
    host: Host, files: dict[str, Path], note: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Published anew as it was, it is known by its ETag; a 304 need not say when (15.4.5)."""
    bring(files)
    night.settle(files, note, QUICK, hours=12)
    host.modified = dict.fromkeys(NAMES, "Sun, 22 Nov 2026 13:00:00 GMT")
    host.confirms_with = ("ETag",)
    host.files[NAMES[1]] = content("of the second night")
    fetch(host.url + NAMES[1], files[host.url + NAMES[1]], QUICK)
    night.settle(files, note, QUICK, hours=12)
    assert_as_published(host, files, note)
    assert "night_hours: the host does not say when it published every file" in caplog.text


def test_a_file_that_is_another_now_is_not_of_the_night_that_was_noted(
    host: Host, files: dict[str, Path], note: Path
) -> None:
    bring(files)
    night.settle(files, note, QUICK, hours=12)
    host.files[NAMES[2]] = content("new")
    fetch(host.url + NAMES[2], files[host.url + NAMES[2]], QUICK)
    assert not night.is_settled(files, note, QUICK)
    note.write_text("{")
    assert not night.is_settled(files, note, QUICK)


def test_local_files_that_change_while_others_are_copied_are_copied_again(
    tmp_path: Path, note: Path
) -> None:
    originals = [tmp_path / "originals" / name[1:] for name in NAMES]
    originals[0].parent.mkdir()
    for original in originals:
        original.write_bytes(content("first"))
    files = {str(original): tmp_path / original.name for original in originals}
    bring(files)
    originals[1].write_bytes(content("second night"))
    night.settle(files, note, QUICK, hours=12)
    assert files[str(originals[1])].read_bytes() == content("second night")
    assert night.is_settled(files, note, QUICK)
