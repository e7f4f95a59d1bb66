"""Hosts that refuse, break off, hang or lie: the file comes whole, or is refused by name."""

from pathlib import Path

import pytest

from tests.batch import TASK_FAILED, Batch, contents
from tests.http_host import Answer, Faults, Host, serve
from workflow.sample import generate

IMPATIENT = (
    "--download-attempts", "2",
    "--download-silence-seconds", "1",
    "--download-first-wait-seconds", "0.01",
)  # fmt: skip
MEGABYTE = 1 << 20


def always(*answer: *Answer) -> Faults:
    return Faults(answers=[answer] * 100)


def test_what_a_host_does_not_give_is_refused_by_name_and_the_last_build_serves_on(
    batch: Batch, undisturbed: Batch, sample: Path
) -> None:
    host = Host.of_folder(sample)
    akas = host.files["/title.akas.tsv.gz"]
    host.faults = {
        "/title.basics.tsv.gz": always(403, {}, b"no"),
        "/title.ratings.tsv.gz": always(404, {}, b"not here"),
        "/title.principals.tsv.gz": always(500, {}, b"sorry"),
        "/name.basics.tsv.gz": always(200, {"Content-Length": "99"}, b""),  # and then nothing
        "/title.crew.tsv.gz": always(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html>"),
        "/title.akas.tsv.gz": always(200, {"Content-Length": f"{len(akas)}"}, akas[:9999]),
    }
    host.faults["/title.akas.tsv.gz"].breaks = [9999] * 100
    before = {path: path.read_bytes() for path in (batch.root / "datasets").glob("*.gz")}
    with serve(host):
        log = Batch(batch.root, host.url).run(*IMPATIENT, expect=TASK_FAILED)
        for told in (
            "/title.basics.tsv.gz: the host answered 403 Forbidden",
            "/title.ratings.tsv.gz: the host answered 404 Not Found",
            "/title.principals.tsv.gz: the host answered 500 Internal Server Error",
            "/name.basics.tsv.gz: ReadTimeout: timed out",
            "/title.crew.tsv.gz: an HTML page: it begins b'<!DOCTYPE html><html>'",
            "/title.akas.tsv.gz: RemoteProtocolError: peer closed connection",
        ):
            assert f"Error: {host.url}{told}" in log
    assert {path: path.read_bytes() for path in (batch.root / "datasets").glob("*.gz")} == before
    assert contents(batch) == contents(undisturbed)


@pytest.fixture(scope="module")
def large_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with a file of several megabytes."""
    folder = tmp_path_factory.mktemp("large")
    generate(titles=60_000, seed=3, out=folder)
    return folder


def test_a_host_that_stumbles_is_asked_until_all_is_there(
    large_sample: Path, tmp_path: Path
) -> None:
    host = Host.of_folder(large_sample)
    principals = "/title.principals.tsv.gz"
    assert len(host.files[principals]) > 3 * MEGABYTE
    half = host.files["/name.basics.tsv.gz"][: MEGABYTE // 4]
    host.faults = {
        "/title.basics.tsv.gz": Faults(answers=[(429, {"Retry-After": "1"}, b"")]),
        "/title.ratings.tsv.gz": Faults(answers=[(500, {}, b"")]),
        "/name.basics.tsv.gz": Faults(answers=[(200, {"Content-Length": "999999"}, half)]),
        principals: Faults(breaks=[MEGABYTE] * 100),
    }
    with serve(host):
        batch = Batch(tmp_path / "root", host.url)
        log = batch.run(*IMPATIENT, task="OneNight")
    assert "/title.basics.tsv.gz: the host answered 429 Too Many Requests; trying again" in log
    for path, body in host.files.items():
        assert (batch.root / "datasets" / path[1:]).read_bytes() == body
    resumed = [
        f"bytes={MEGABYTE * n}-" for n in range(1, len(host.files[principals]) // MEGABYTE + 1)
    ]
    assert host.asked(principals) == ["", *resumed, "changed?"]
    assert {path.suffix for path in (batch.root / "datasets").iterdir()} == {".gz", ".json"}
