"""Spark's classes are kept for the next Java, whole or not at all."""

import re
from pathlib import Path

import pytest

from workflow.java import known_classes, shared_classes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache"))
    return tmp_path / "a cache"


def file_of(option: str, name: str) -> Path:
    """The file of a Java option in quotes."""
    found = re.match(rf'"-XX:{name}=([^"]+)"', option)
    assert found, option
    return Path(found[1])


def test_the_first_java_leaves_its_classes_to_the_next(cache: Path) -> None:
    assert known_classes() == ""
    with shared_classes() as option:
        file_of(option, "ArchiveClassesAtExit").write_text("classes")
        assert known_classes() == "", "not before it has ended"
    with shared_classes() as option:
        kept = file_of(option, "SharedArchiveFile")
    assert kept.read_text() == "classes"
    assert option == known_classes()
    assert [path for path in cache.rglob("*") if path.is_file()] == [kept]


def test_a_java_that_fails_or_leaves_nothing_is_not_the_last_word(cache: Path) -> None:
    def fail() -> None:
        with shared_classes() as option:
            file_of(option, "ArchiveClassesAtExit").write_text("half of the cla")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with shared_classes():
        pass
    assert known_classes() == ""
    assert [path for path in cache.rglob("*") if path.is_file()] == []
