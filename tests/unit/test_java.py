"""Spark's classes are kept for the next Java, whole or not at all."""

import re
import sys
from pathlib import Path

import pytest

from workflow.java import known_classes, shared_classes


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "an environment"))
    return tmp_path / "an environment"


def file_of(option: str, name: str) -> Path:
    """The file of a Java option in quotes."""
    found = re.match(rf'"-XX:{name}=([^"]+)"', option)
    assert found, option
    return Path(found[1])


def test_the_first_java_leaves_its_classes_to_the_next(environment: Path) -> None:
    assert known_classes() == ""
    with shared_classes() as option:
        file_of(option, "ArchiveClassesAtExit").write_text("classes")
        assert known_classes() == "", "not before it has ended"
    with shared_classes() as option:
        kept = file_of(option, "SharedArchiveFile")
    assert kept.read_text() == "classes"
    assert option == known_classes()
    assert [path for path in environment.rglob("*") if path.is_file()] == [kept]


def test_a_java_that_fails_or_leaves_nothing_is_not_the_last_word(environment: Path) -> None:
    def fail() -> None:
        with shared_classes() as option:
            file_of(option, "ArchiveClassesAtExit").write_text("half of the cla")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with shared_classes():
        pass
    assert known_classes() == ""
    assert [path for path in environment.rglob("*") if path.is_file()] == []


def test_an_environment_that_cannot_be_written_is_no_obstacle(environment: Path) -> None:
    environment.write_text("a file where a folder should be")
    with shared_classes() as option:
        assert option == ""
