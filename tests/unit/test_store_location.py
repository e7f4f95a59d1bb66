"""The service, the command and the batch mean the same store, and it is named in one place."""

from pathlib import Path

import pytest

from api.settings import Settings
from store.__main__ import main
from store.location import DEFAULT, VARIABLE
from store.ratings import RatingStore
from workflow import config


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """[paths] root; no environment of who runs the tests."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(config.paths, "folder", tmp_path)
    return tmp_path


def batch() -> str:
    return config.sources(ratings_store="").ratings_url()


def test_what_the_environment_names_is_everyones(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for url in ("postgresql+psycopg://filmkin@db/filmkin", f"sqlite:///{root}/elsewhere.sqlite"):
        monkeypatch.setenv(VARIABLE, url)
        if url.startswith("sqlite"):
            assert batch() == ""  # nobody has rated anything yet
            RatingStore(url).close()
        assert Settings().store == batch() == url
        assert main(["where", str(root)]) == 0
        assert capsys.readouterr().out == f"{url}\n"
    set_for_the_batch = config.sources(ratings_store="sqlite:///other.sqlite")
    assert set_for_the_batch.ratings_url() == "sqlite:///other.sqlite"


def test_without_one_it_is_the_file_of_the_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert Settings().store == DEFAULT
    assert batch() == ""
    RatingStore(DEFAULT).close()
    main(["where", str(root)])
    assert capsys.readouterr().out == f"{batch()}\n"
    RatingStore(batch(), make=False).close()


def test_it_is_named_in_one_place() -> None:
    root = Path(__file__).parents[2]
    rooms = [path for room in ("api", "store", "workflow") for path in (root / room).rglob("*.py")]
    naming = [path for path in (*rooms, root / "Makefile", root / "tasks.py")
              if "ratings.sqlite" in path.read_text("utf-8")]  # fmt: skip
    assert naming == [root / "store" / "location.py"]
