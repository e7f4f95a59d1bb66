"""The graph: which setting makes which tasks incomplete. No task is run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import luigi
import pytest
from luigi.task import flatten

import tasks
from filmkin.errors import BuildError, FilmkinError, SettingError
from tests.world import write_tsv
from workflow import config, staging
from workflow.sources import IMDB
from workflow.steps import Step

LEAF = "SourceDataset"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "imdb"
    for table in IMDB.values():
        if not table.optional:
            write_tsv(folder, table.name, [])
    return folder


@pytest.fixture(autouse=True)
def settings(sources: Path, tmp_path: Path) -> Iterator[luigi.configuration.LuigiConfigParser]:
    """Luigi's settings for one test, with all source files brought in."""
    parser = luigi.configuration.get_config()
    with (
        setting(parser, "sources", "imdb", str(sources)),
        setting(parser, "paths", "root", str(tmp_path / "root")),
    ):
        bring_in_what_changed()
        yield parser


def graph() -> list[luigi.Task]:
    """Every task of AllTasks, once."""
    found: dict[str, luigi.Task] = {}
    waiting: list[luigi.Task] = [tasks.AllTasks()]
    while waiting:
        task = waiting.pop()
        if task.task_id not in found:
            found[task.task_id] = task
            waiting += flatten(task.requires())
    return list(found.values())


def bring_in_what_changed() -> list[str]:
    """As the batch does; returns the files that it brought in."""
    luigi.task_register.Register.clear_instance_cache()
    changed = [task for task in graph() if task.task_family == LEAF and not task.complete()]
    for task in [*changed, tasks.OneNight()]:
        task.run()
    return [Path(task.output().path).name for task in changed]


def fingerprints() -> dict[str, str | None]:
    luigi.task_register.Register.clear_instance_cache()
    return {
        f"{task.task_family} {task.to_str_params().get('name', '')}".strip(): task.fingerprint()
        for task in graph()
        if isinstance(task, Step)
    }


@contextmanager
def setting(
    parser: luigi.configuration.LuigiConfigParser, section: str, key: str, value: str
) -> Iterator[None]:
    """A setting for the length of a block."""
    old = parser.get(section, key, None)
    if not parser.has_section(section):
        parser.add_section(section)
    parser.set(section, key, value)
    luigi.task_register.Register.clear_instance_cache()
    try:
        yield
    finally:
        if old is None:
            parser.remove_option(section, key)
        else:
            parser.set(section, key, old)
        luigi.task_register.Register.clear_instance_cache()


def changed_by(
    parser: luigi.configuration.LuigiConfigParser, section: str, key: str, value: str
) -> set[str]:
    """The tasks whose result is another with this setting."""
    before = fingerprints()
    with setting(parser, section, key, value):
        after = fingerprints()
    assert fingerprints() == before
    return {name for name in after if before.get(name) != after[name]}


BUILD = {"CreateDuckDBFilms", "CreateDuckDBFilmsCosSim", "CreateDuckDBSearch", "CreateDuckDBPrediction", "CreateDuckDBRecommender", "CheckBuild", "PublishBuild", "BuildReport"}  # fmt: skip
FROM_FILMS = {
    "PrepFilms",
    "GenreParquets",
    "CosineSimilarity",
    "SearchIndex",
    "TrainPrediction",
} | BUILD
FROM_SIMILARITY = {"CosineSimilarity"} | BUILD


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("film_rule", "min_votes", "501", FROM_FILMS),
        ("film_rule", "min_rating", "0", FROM_FILMS),
        ("film_rule", "title_types", "movie, short", FROM_FILMS),
        ("similarity", "min_similarity", "0.2", FROM_SIMILARITY),
        ("similarity", "people", "0.5", FROM_SIMILARITY),
        ("similarity", "block_films", "7", set()),
        ("prediction", "targets", "rating", {"TrainPrediction"} | BUILD),
        ("spark", "master", "spark://127.0.0.1:7077", set()),
        ("spark", "driver_memory", "9g", set()),
        ("download", "attempts", "9", set()),
        ("download", "ask_host", "false", set()),
        ("builds", "keep", "9", set()),
    ],
)
def test_a_setting_changes_the_tasks_behind_it_and_no_others(
    settings: luigi.configuration.LuigiConfigParser,
    section: str,
    key: str,
    value: str,
    expected: set[str],
) -> None:
    assert changed_by(settings, section, key, value) == expected


def test_another_file_changes_the_tasks_behind_it(sources: Path) -> None:
    before = fingerprints()
    write_tsv(
        sources, "title.ratings", [{"tconst": "tt0000001", "averageRating": "7", "numVotes": 1}]
    )
    assert bring_in_what_changed() == ["title.ratings.tsv.gz"]
    after = fingerprints()
    assert {n for n in after if after[n] != before[n]} == FROM_FILMS | {
        "StageDataset title.ratings"
    }


def test_a_file_that_is_only_touched_changes_nothing(sources: Path) -> None:
    before = fingerprints()
    file = sources / "title.ratings.tsv.gz"
    file.write_bytes(file.read_bytes())
    assert bring_in_what_changed() == ["title.ratings.tsv.gz"]
    assert fingerprints() == before


def test_a_file_address_is_a_folder(
    settings: luigi.configuration.LuigiConfigParser, sources: Path
) -> None:
    with setting(settings, "sources", "imdb", f"file://{sources}"):
        assert config.sources().url(IMDB["title.ratings"]) == str(sources / "title.ratings.tsv.gz")


def test_a_result_whose_sources_changed_meanwhile_is_not_kept(
    sources: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks.StageDataset(name="title.ratings")
    stage = staging.stage

    def disturbed(*arguments: Any) -> Any:
        report = stage(*arguments)
        write_tsv(
            sources, "title.ratings", [{"tconst": "tt0000001", "averageRating": "7", "numVotes": 1}]
        )
        bring_in_what_changed()
        return report

    monkeypatch.setattr(staging, "stage", disturbed)
    with pytest.raises(BuildError, match="title.ratings.*changed meanwhile"):
        task.run()
    assert not task.complete()
    monkeypatch.undo()
    task.run()
    assert task.complete()


def test_a_spark_job_that_fails_says_why_and_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = "26/11/22 WARN Something\nTraceback\nValueError: no such column\n26/11/22 INFO bye\n"
    failing = tmp_path / "failing"
    failing.write_text(f"#!/bin/sh\nprintf '{said}'\nexit 1\n")
    failing.chmod(0o755)

    for task in graph():
        if task.task_family == "StageDataset":
            task.run()
    monkeypatch.setattr(tasks.PrepFilms, "spark_submit", str(failing))
    monkeypatch.setenv("TOKEN", "secret")
    with pytest.raises(FilmkinError) as failed:
        tasks.PrepFilms().run()
    log = tmp_path / "root" / ".PrepFilms.log"
    cause = "PrepFilms: Spark failed: ValueError: no such column"
    assert str(failed.value) == f"{cause} (all that it said is in {log})"
    assert log.read_text() == said.rstrip()
    assert not tasks.PrepFilms().complete()


def test_optional_files_are_taken_where_they_are(sources: Path) -> None:
    assert [table.name for table in config.sources().tables()] == [
        "title.basics", "title.ratings", "title.principals", "name.basics",
    ]  # fmt: skip
    write_tsv(sources, "title.crew", [])
    assert "title.crew" in [table.name for table in config.sources().tables()]


def test_nothing_is_complete_before_its_sources_are(tmp_path: Path) -> None:
    for file in (tmp_path / "root" / "datasets").glob("name.basics*"):
        file.unlink()
    assert set(fingerprints().values()) == {None}
    assert not tasks.PublishBuild().complete()


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("film_rule", "min_rating", "11", "min_rating is 0 to 10, not 11"),
        ("film_rule", "title_types", "", "at least one title type"),
        ("film_rule", "min_votes", "-1", "min_votes and min_genres are 0 or more"),
        ("similarity", "min_similarity", "0", "above 0 and at most 1, not 0.0"),
        ("similarity", "people", "-1", "field shares"),
        ("prediction", "targets", "rating, votes", "no target votes; there are rating, budget"),
        ("prediction", "level", "1", "level is above 0 and below 1, not 1.0"),
        ("paths", "root", "data[1]", "root may not hold any of"),
        ("sources", "extra", "title.episode", "no optional file title.episode"),
        ("sources", "details", "plots.csv", "columns: nothing is said of plots.csv; known are "),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(
    settings: luigi.configuration.LuigiConfigParser,
    section: str,
    key: str,
    value: str,
    message: str,
) -> None:
    with setting(settings, section, key, value), pytest.raises(SettingError, match=message):
        fingerprints()


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (tasks.PrepDetails, r"\[sources\] details: no file is named"),
        (tasks.PrepRatings, r"\[sources\] movielens: nothing is named"),
    ],
)
def test_a_task_whose_source_is_not_set_says_which(task: type[luigi.Task], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        task().requires()


def test_one_question_looks_at_a_source_once_and_the_next_one_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    fingerprint = tasks.SourceDataset.fingerprint

    def noted(self: tasks.SourceDataset) -> str | None:
        asked.append(str(self.url))
        return fingerprint(self)

    monkeypatch.setattr(tasks.SourceDataset, "fingerprint", noted)
    first = tasks.CreateDuckDBFilms().fingerprint()
    assert sorted(asked) == sorted(set(asked))
    assert len(asked) >= 4
    for file in config.paths().datasets.glob("name.basics*"):
        file.unlink()
    assert first is not None
    assert tasks.CreateDuckDBFilms().fingerprint() is None
