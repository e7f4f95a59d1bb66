"""A target is complete when its data is there, whole, and made from what was asked for."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from filmkin.errors import BuildError
from tests.world import film, publish
from workflow.scratch import scratch_folder, sweep
from workflow.targets import (
    RECORD,
    BuildStepTarget,
    FolderTarget,
    LinkTarget,
)


@pytest.fixture
def made(tmp_path: Path) -> FolderTarget:
    target = FolderTarget(tmp_path / "films", "asked")
    with scratch_folder(tmp_path, "work") as scratch:
        (scratch / "films").mkdir()
        (scratch / "films" / "part-0.parquet").write_bytes(b"12345")
        target.replace_with(scratch / "films", {"rows": 5})
    return target


def test_a_folder_is_complete_with_its_record_and_nothing_else_is_left(made: FolderTarget) -> None:
    assert made.exists()
    assert made.record is not None
    assert made.record.figures == {"rows": 5}
    assert sorted(os.listdir(made.folder.parent)) == ["films"]


def test_another_fingerprint_is_not_complete(made: FolderTarget) -> None:
    assert not FolderTarget(made.folder, "another").exists()
    assert not FolderTarget(made.folder, None).exists()


def test_a_file_that_is_gone_shorter_or_new_is_noticed(made: FolderTarget) -> None:
    part = made.folder / "part-0.parquet"
    part.write_bytes(b"1234")
    assert not made.exists()
    part.write_bytes(b"12345")
    assert made.exists()
    (made.folder / "part-1.parquet").write_bytes(b"1")
    assert not made.exists()
    (made.folder / "part-1.parquet").unlink()
    part.unlink()
    assert not made.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": "asked"}', "null"])
def test_a_record_that_cannot_be_read_is_no_record(made: FolderTarget, text: str) -> None:
    (made.folder / RECORD).write_text(text)
    assert not made.exists()


def test_a_folder_without_a_record_is_not_complete(made: FolderTarget) -> None:
    (made.folder / RECORD).unlink()
    assert not made.exists()


def test_a_new_result_takes_the_place_of_the_old(made: FolderTarget) -> None:
    new = FolderTarget(made.folder, "new")
    with scratch_folder(made.folder.parent, "work") as scratch:
        (scratch / "films").mkdir()
        (scratch / "films" / "other.parquet").write_bytes(b"1")
        new.replace_with(scratch / "films", {})
    assert new.exists()
    assert not made.exists()
    assert sorted(os.listdir(made.folder)) == [RECORD, "other.parquet"]


def test_what_dead_processes_left_is_swept_and_what_lives_stays(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    (tmp_path / f".films.{dead}.abcd1234.tmp").mkdir()
    (tmp_path / f".films.duckdb.{dead}.link.tmp").write_text("")
    (tmp_path / f".films.{os.getpid()}.abcd1234.tmp").mkdir()
    (tmp_path / "films").mkdir()
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [f".films.{os.getpid()}.abcd1234.tmp", "films"]


def test_a_scratch_folder_is_gone_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path, "work"):
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_a_link_is_complete_when_it_leads_to_the_file(tmp_path: Path) -> None:
    one, two, link = tmp_path / "one", tmp_path / "two", tmp_path / "link"
    one.write_text("")
    two.write_text("")
    link.symlink_to("one")
    assert LinkTarget(link, one).exists()
    assert not LinkTarget(link, two).exists()
    assert not LinkTarget(link, None).exists()
    one.unlink()
    assert not LinkTarget(link, one).exists()


def test_a_build_step_is_complete_when_the_build_says_so(tmp_path: Path) -> None:
    file = publish(tmp_path, [film(1)]).resolve()
    missing = tmp_path / "missing.duckdb"
    assert BuildStepTarget("films", missing, file).exists()
    assert BuildStepTarget("checked", file).exists()
    assert not BuildStepTarget("another step", file).exists()
    assert not BuildStepTarget("films", None).exists()
    file.write_bytes(file.read_bytes()[:5000])
    assert not BuildStepTarget("films", missing, file).exists()


@pytest.mark.parametrize("place", [100, -100, 20_000], ids=["head", "tail", "midst"])
def test_a_build_that_changed_since_it_was_checked_is_not_complete(
    tmp_path: Path, place: int
) -> None:
    file = publish(tmp_path, [film(1)]).resolve()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert not BuildStepTarget("checked", file).exists()
    content[place] ^= 1
    file.write_bytes(content)
    assert BuildStepTarget("checked", file).exists()
    file.with_name(f"{file.name}.sha256").unlink()
    assert not BuildStepTarget("checked", file).exists()


def test_a_file_that_cannot_be_read_is_as_good_as_gone(
    made: FolderTarget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publish(tmp_path, [film(1)]).resolve()

    def unreadable(_: Path) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("workflow.checksum.sha256", unreadable)
    monkeypatch.setattr("workflow.targets.sha256", unreadable)
    os.utime(file, (1, 1))
    assert not BuildStepTarget("checked", file).exists()
    with pytest.raises(BuildError, match="part-0.parquet was damaged"):
        made.prove()
    assert not made.exists()


def test_a_damaged_file_of_the_same_length_is_noticed_by_who_reads_it(made: FolderTarget) -> None:
    made.prove()
    (made.folder / "part-0.parquet").write_bytes(b"12346")
    assert made.exists()
    with pytest.raises(BuildError, match="part-0.parquet was damaged since it was written"):
        made.prove()
    assert not made.exists()
