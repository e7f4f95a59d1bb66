"""The batch as Luigi's graph: `luigi --module tasks AllTasks --local-scheduler`.

SourceDataset -> OneNight -> StageDataset -> PrepFilms -> GenreParquets
SourceDataset -> PrepDetails                   |
                     |                         +--------> CosineSimilarity
                     +-------------------------+--------> SearchIndex
                     +-------------------------+--------> TrainPrediction
SourceDataset, StoredRatings -> PrepRatings <--+
                                    `-> TrainRecommender       |
                     |                         |               |
                     `-----------------------> CreateDuckDBFilms -> CreateDuckDBFilmsCosSim
                                          -> CreateDuckDBSearch -> CreateDuckDBPrediction
                                          -> CreateDuckDBRecommender -> CheckBuild -> PublishBuild
                                          -> BuildReport -> AllTasks -> Nightly
                                          -> Notebook -> Notebooks
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import luigi

from filmkin.catalogue import PREDICTION, RECOMMENDATION
from filmkin.errors import CorruptFileError, FilmkinError, SettingError, SourceError
from workflow import config, download, load, night, notebooks, notify, staging
from workflow.builds import Builds
from workflow.checksum import sha256
from workflow.code_version import code_version
from workflow.prediction.tables import write_tables
from workflow.runs import run_id
from workflow.scratch import scratch_folder, write_whole
from workflow.sources import IMDB
from workflow.steps import FolderStep, SparkStep, Step, at_work, digest
from workflow.stored_ratings import digest_of, write_snapshot
from workflow.targets import BuildStepTarget, FolderTarget, LinkTarget, ReportTarget

log = logging.getLogger(__name__)


class SourceDataset(luigi.Task):
    """Brings one source file to a path: downloaded or copied, and verified."""

    url = luigi.Parameter(description="an http(s) address or a local file")
    path = luigi.Parameter(description="where the file goes")

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(str(self.path))

    def complete(self) -> bool:
        limits = config.download().limits()
        return download.is_current(str(self.url), Path(str(self.path)), limits)

    def fingerprint(self) -> str | None:
        record = download.SourceRecord.of(Path(str(self.path))) if self.complete() else None
        return digest([Path(str(self.path)).name, record.sha256]) if record else None

    def run(self) -> None:
        path = Path(str(self.path))
        with at_work(f"SourceDataset {path.name}") as done:
            record = download.fetch(str(self.url), path, config.download().limits())
            done.where = [os.path.relpath(path, config.paths().folder)]
        log.info("%s: %d bytes of %s", path.name, record.bytes, self.url)


class OneNight(luigi.Task):
    """Makes sure that no source file changed while others came: a build is of one night."""

    def requires(self) -> list[SourceDataset]:
        return [SourceDataset(url=url, path=str(p)) for url, p in _source_files().items()]

    def complete(self) -> bool:
        return night.is_settled(_source_files(), config.paths().night, config.download().limits())

    def fingerprint(self) -> str | None:
        """Says nothing of the files, only that they may be read."""
        return digest("one night") if self.complete() else None

    def run(self) -> None:
        settings, note = config.download(), config.paths().night
        with at_work("OneNight"):
            night.settle(_source_files(), note, settings.limits(), settings.night_hours)


class StageDataset(FolderStep):
    """Reads one source file into typed parquet and proves it complete."""

    name = luigi.ChoiceParameter(choices=list(IMDB), description="IMDb's name of the file")

    code = ("workflow.staging",)

    @property
    def parent(self) -> Path:
        return config.paths().parquets / "staged"

    def folder_names(self) -> tuple[str, ...]:
        return (str(self.name),)

    def requires(self) -> list[luigi.Task]:
        return [self._source(), OneNight()]

    def _source(self) -> SourceDataset:
        table = IMDB[str(self.name)]
        path = config.paths().datasets / table.file_name
        return SourceDataset(url=config.sources().url(table), path=str(path))

    def make(self, scratch: Path) -> Mapping[str, Any]:
        out, source = scratch / str(self.name), Path(self._source().output().path)
        out.mkdir()
        try:
            return asdict(staging.stage(source, IMDB[str(self.name)], out))
        except (SourceError, OSError) as error:
            _prove_as_it_came(source, error)
            raise

    def rows_in(self) -> int | None:
        record = self.output()[0].record
        return record.figures["lines"] if record else None

    def provenance(self) -> dict[str, Any]:
        """What the build says of this file."""
        source = download.SourceRecord.of(Path(self._source().output().path))
        record = self.output()[0].record
        if source is None or record is None:
            raise FileNotFoundError(f"{self.name} is not staged")
        file = {k: v for k, v in asdict(source).items() if k not in ("original", "run")}
        counts = {name: record.figures[name] for name in ("lines", "rows", "rejected")}
        return {"name": IMDB[str(self.name)].file_name, **file, **counts}


class PrepFilms(SparkStep):
    """Joins the staged files into the films and their credits, by the film rule."""

    code = ("workflow.jobs.films",)
    job = "films"
    folders = ("credits", "films")

    def requires(self) -> list[StageDataset]:
        return [StageDataset(name=table.name) for table in config.sources().tables()]

    def parameters(self) -> Mapping[str, Any]:
        return config.film_rule().rule().as_dict()

    def arguments(self, scratch: Path) -> list[str]:
        staged = self.requires()
        names = ",".join(str(task.name) for task in staged)
        return [str(staged[0].parent), str(scratch), names, json.dumps(self.parameters())]


class PrepDetails(SparkStep):
    """Cleans the files of details into one row a film, and counts what could not be read."""

    code = ("workflow.jobs.details",)
    job = "details"
    folders = ("details",)

    def requires(self) -> list[SourceDataset]:
        files = config.sources().details_files()
        if not files:
            raise SettingError("[sources] details: no file is named")
        config.details().columns_of(files)  # what is wrong there is said before a file is fetched
        return [SourceDataset(url=url, path=str(self._path(name))) for name, url in files.items()]

    @staticmethod
    def _path(name: str) -> Path:
        return config.paths().datasets / "details" / name

    def make(self, scratch: Path) -> Mapping[str, Any]:
        try:
            return super().make(scratch)
        except FilmkinError as error:
            for source in self.requires():
                _prove_as_it_came(Path(source.output().path), error)
            raise

    def parameters(self) -> Mapping[str, Any]:
        return {"columns": config.details().columns_of(config.sources().details_files())}

    def arguments(self, scratch: Path) -> list[str]:
        paths = {name: str(self._path(name)) for name in config.sources().details_files()}
        return [json.dumps(paths), json.dumps(self.parameters()["columns"]), str(scratch)]


class GenreParquets(SparkStep):
    """Writes the films partitioned by genre, a film under each of its genres."""

    code = ("workflow.jobs.genres",)
    job = "genres"
    folders = ("genres",)

    def requires(self) -> PrepFilms:
        return PrepFilms()

    def arguments(self, scratch: Path) -> list[str]:
        return [str(_folder(self.requires().output())), str(scratch)]


class CosineSimilarity(SparkStep):
    """Computes every pair of similar films, and the vectors that they are computed from."""

    code = ("workflow.jobs.similarity",)
    job = "similarity"
    folders = ("film_features", "tokens", "csfilms")

    def requires(self) -> PrepFilms:
        return PrepFilms()

    def parameters(self) -> Mapping[str, Any]:
        return config.similarity().settings().as_dict()

    def arguments(self, scratch: Path) -> list[str]:
        return [
            str(_folder(self.requires().output())),
            str(scratch),
            json.dumps(self.parameters()),
            str(config.similarity().block_films),
        ]


class SearchIndex(SparkStep):
    """Finds where each word of the films and their details stands, for the free-text search."""

    code = ("workflow.jobs.search",)
    job = "search"
    folders = ("search_postings", "search_terms")

    def requires(self) -> list[FolderStep]:
        return [PrepFilms(), *_details()]

    def arguments(self, scratch: Path) -> list[str]:
        details = [str(_folder(step.output())) for step in _details()]
        return [str(_folder(PrepFilms().output())), *(details or [""]), str(scratch)]


class StoredRatings(FolderStep):
    """Copies the ratings that people gave into the store, as they are at one moment.

    People rate on and forget while a run is at work: once it has its copy, the copy is what counts,
    to the end of the run. The next one compares it with the store.
    """

    code = ("workflow.stored_ratings",)
    folders = ("stored_ratings",)

    def fingerprint(self) -> str:
        return self._fingerprint_of(
            self._copied() or digest_of(config.sources().ratings_url(), run_id())
        )

    def _fingerprint_of(self, ratings: str) -> str:
        return digest([self.task_family, code_version(*self.code), ratings])

    def _copied(self) -> str | None:
        """The digest of the copy that this run has made; None until it has."""
        (folder,) = self.where()
        record = FolderTarget(folder, None).record
        is_own = record is not None and record.figures.get("run") == run_id()
        return record.figures["digest"] if record and is_own else None

    def make(self, scratch: Path) -> Mapping[str, Any]:
        (folder,) = self.folders
        copied = write_snapshot(config.sources().ratings_url(), scratch / folder)
        return {**copied._asdict(), "run": run_id()}

    def work(self) -> Mapping[str, Any]:
        (folder,) = self.where()
        with scratch_folder(self.parent, self.task_family) as scratch:
            figures = self.make(scratch)
            target = FolderTarget(folder, self._fingerprint_of(figures["digest"]))
            target.replace_with(scratch / folder.name, figures)
        return {"rows": figures["rows"]}


class PrepRatings(SparkStep):
    """Joins MovieLens' ratings with those of the store, by IMDb's numbers of the films."""

    code = ("workflow.jobs.ratings",)
    job = "ratings"
    folders = ("movielens_people", "movielens_films", "ratings")

    def requires(self) -> list[luigi.Task]:
        return [*self._sources(), PrepFilms(), *self._stored()]

    @staticmethod
    def _sources() -> list[SourceDataset]:
        files = config.sources().movielens_files()
        if not files:
            raise SettingError("[sources] movielens: nothing is named")
        folder = config.paths().datasets / "movielens"
        return [SourceDataset(url=url, path=str(folder / name)) for name, url in files.items()]

    @staticmethod
    def _stored() -> list[StoredRatings]:
        return [StoredRatings()] if config.sources().ratings_url() else []

    def make(self, scratch: Path) -> Mapping[str, Any]:
        try:
            return super().make(scratch)
        except FilmkinError as error:
            for source in self._sources():
                _prove_as_it_came(Path(source.output().path), error)
            raise

    def arguments(self, scratch: Path) -> list[str]:
        files = [Path(source.output().path) for source in self._sources()]
        source = files[0] if len(files) == 1 else files[0].parent
        stored = [str(_folder(step.output())) for step in self._stored()]
        return [str(source), *(stored or [""]), str(_folder(PrepFilms().output())), str(scratch)]


class TrainRecommender(SparkStep):
    """Learns what people would rate and like, and tries how it is learnt best."""

    code = ("workflow.jobs.recommender",)
    job = "recommender"
    folders = ("recommender", "rated_films")
    computes = True

    def requires(self) -> PrepRatings:
        return PrepRatings()

    def parameters(self) -> Mapping[str, Any]:
        return config.recommender().search().as_dict()

    def arguments(self, scratch: Path) -> list[str]:
        _, films, ratings = (str(target.folder) for target in PrepRatings().output())
        return [ratings, films, str(scratch), json.dumps(self.parameters())]


class TrainPrediction(SparkStep):
    """Learns what a film will cost, take and be rated, from what is known before its release."""

    code = ("workflow.jobs.prediction",)
    job = "prediction"
    computes = True
    folders = tuple(table.name for table in PREDICTION)

    def requires(self) -> list[FolderStep]:
        return [PrepFilms(), *_details()]

    def parameters(self) -> Mapping[str, Any]:
        return config.prediction().learning().as_dict()

    def make(self, scratch: Path) -> Mapping[str, Any]:
        learning = config.prediction().learning()
        if learning.targets:
            return super().make(scratch)
        write_tables([], learning, scratch)
        return {"rows": 0}

    def arguments(self, scratch: Path) -> list[str]:
        credits, films = (str(target.folder) for target in PrepFilms().output())
        details = [str(_folder(step.output())) for step in _details()]
        settings = json.dumps(self.parameters())
        return [films, credits, *(details or [""]), str(scratch), settings]


class BuildTask(Step):
    """A step of a build: they share the build file, and only one writes at a time."""

    code = ("workflow.load",)
    resources = {"duckdb": 1}  # noqa: RUF012  Luigi's own name and form
    step: ClassVar[str]

    def build_file(self) -> Path | None:
        return CreateDuckDBFilms().build_file()

    def output(self) -> luigi.Target | list[luigi.Target]:
        file = self.build_file()
        return BuildStepTarget(self.step, file, load.unchecked_file(file) if file else None)

    def file(self) -> Path:
        """The build file, which is known once everything upstream is there."""
        file = self.build_file()
        if file is None:
            raise FileNotFoundError(f"{self}: what it requires is not there")
        return file

    def where(self) -> list[Path]:
        file = self.file()
        return [file if file.exists() else load.unchecked_file(file)]


class CreateDuckDBFilms(BuildTask):
    """Begins a new build file: films, people and their words, and what they were made from."""

    step = load.FILMS_STEP

    def requires(self) -> list[Step]:
        made = [PrepFilms(), *_details(), CosineSimilarity(), SearchIndex(), TrainPrediction()]
        return [*made, *_ratings(), *PrepFilms().requires()]

    def build_file(self) -> Path | None:
        fingerprint = self.fingerprint()
        return load.build_file(config.paths().builds, fingerprint[:12]) if fingerprint else None

    def work(self) -> Mapping[str, Any]:
        file = self.file()
        provenance = load.Provenance(
            build_id=load.build_id(file),
            created=datetime.now(UTC),
            code_version=code_version(
                *StageDataset.code,
                *PrepFilms.code,
                *PrepDetails.code,
                *CosineSimilarity.code,
                *SearchIndex.code,
                *TrainPrediction.code,
                *TrainRecommender.code,
                *self.code,
            ),
            parameters={
                "film_rule": PrepFilms().parameters(),
                "details": [step.parameters() for step in _details()],
                "similarity": CosineSimilarity().parameters(),
                "prediction": TrainPrediction().parameters(),
                "recommender": [step.parameters() for step in _ratings()[1:]],
            },
            min_similarity=config.similarity().settings().min_similarity,
            max_similar=_figures(CosineSimilarity().output())["max_similar"],
            sources=[task.provenance() for task in PrepFilms().requires()],
        )
        credits, films = (target.folder for target in PrepFilms().output())
        details = _folder(_details()[0].output()) if _details() else None
        rows = load.create_films(file, films, credits, details, provenance)
        return {"build": file.name, "rows": rows}

    def reads(self) -> list[FolderStep]:
        return [PrepFilms(), *_details()]


class CreateDuckDBFilmsCosSim(BuildTask):
    """Adds the similar pairs, the vectors and the tokens to the build."""

    step = load.SIMILARITY_STEP

    def requires(self) -> list[Step]:
        return [CreateDuckDBFilms(), CosineSimilarity()]

    def work(self) -> Mapping[str, Any]:
        features, tokens, csfilms = (target.folder for target in CosineSimilarity().output())
        rows = load.create_similarity(self.file(), csfilms, features, tokens)
        return {"build": self.file().name, "rows": rows}

    def reads(self) -> list[FolderStep]:
        return [CosineSimilarity()]


class CreateDuckDBSearch(BuildTask):
    """Adds the index of the free-text search to the build."""

    step = load.SEARCH_STEP

    def requires(self) -> list[Step]:
        return [CreateDuckDBFilmsCosSim(), SearchIndex()]

    def work(self) -> Mapping[str, Any]:
        postings, terms = (target.folder for target in SearchIndex().output())
        return {
            "build": self.file().name,
            "rows": load.create_search(self.file(), postings, terms),
        }

    def reads(self) -> list[FolderStep]:
        return [SearchIndex()]


class CreateDuckDBPrediction(BuildTask):
    """Adds the models that predict films to the build."""

    step = load.PREDICTION_STEP

    def requires(self) -> list[Step]:
        return [CreateDuckDBSearch(), TrainPrediction()]

    def work(self) -> Mapping[str, Any]:
        folders = (target.folder for target in TrainPrediction().output())
        made = dict(zip(PREDICTION, folders, strict=True))
        return {"build": self.file().name, "rows": load.create_prediction(self.file(), made)}

    def reads(self) -> list[FolderStep]:
        return [TrainPrediction()]


class CreateDuckDBRecommender(BuildTask):
    """Adds what people's ratings teach to the build; nothing where there are none."""

    step = load.RECOMMENDER_STEP

    def requires(self) -> list[Step]:
        return [CreateDuckDBPrediction(), *_ratings()]

    def work(self) -> Mapping[str, Any]:
        folders = {
            target.folder.name: target.folder for step in _ratings() for target in step.output()
        }
        made = {table: folders[table.name] for table in RECOMMENDATION if table.name in folders}
        return {"build": self.file().name, "rows": load.create_recommender(self.file(), made)}


class CheckBuild(BuildTask):
    """Checks the build; a build that fails is never published."""

    step = load.CHECK_STEP

    def output(self) -> luigi.Target:
        return BuildStepTarget(self.step, self.build_file())

    def requires(self) -> CreateDuckDBRecommender:
        return CreateDuckDBRecommender()

    def work(self) -> Mapping[str, Any]:
        load.check_build(self.file(), config.checks().limits(), config.paths().database.resolve())
        return {"build": self.file().name}


class PublishBuild(BuildTask):
    """Points the link that the service follows at the build, and drops the oldest ones."""

    def requires(self) -> CheckBuild:
        return CheckBuild()

    def output(self) -> list[luigi.Target]:
        return [self.requires().output(), LinkTarget(config.paths().database, self.build_file())]

    def work(self) -> Mapping[str, Any]:
        load.publish(self.file(), config.paths().database, config.builds().keep)
        return {"build": self.file().name}

    def where(self) -> list[Path]:
        return [config.paths().database]


class BuildReport(Step):
    """Writes what the published build is made of, and how, as a page beside it."""

    code = ("workflow.report",)

    def requires(self) -> PublishBuild:
        return PublishBuild()

    def output(self) -> ReportTarget:
        file = CreateDuckDBFilms().build_file()
        return ReportTarget(load.report_file(file) if file else None, self.fingerprint())

    def work(self) -> Mapping[str, Any]:
        build = CreateDuckDBFilms().build_file()
        if build is None:
            raise FileNotFoundError(f"{self}: what it requires is not there")
        # Its charts' library takes a second to import, which every run would pay.
        from workflow.report import report

        page = report(build, self.fingerprint() or "")
        write_whole(load.report_file(build), page)
        return {"build": build.name}

    def where(self) -> list[Path]:
        file = self.output().file
        return [file] if file else []


class Notebook(Step):
    """Runs a notebook on a build, and writes what it shows as a page beside the build."""

    name = luigi.ChoiceParameter(choices=notebooks.NAMES, description="which one")
    build = luigi.Parameter(default="", description="id of a build; default: what is published")

    code = ("workflow.notebooks",)

    def requires(self) -> list[PublishBuild]:
        return [] if self.build else [PublishBuild()]

    def parameters(self) -> Mapping[str, Any]:
        name = str(self.name)
        known = notebooks.known_files(name, Path(config.notebooks().known_folder()))
        return {
            "build": self.build,
            "notebook": notebooks.version_of(name),
            "known": {str(file): sha256(file) for file in known},
        }

    def file(self) -> Path | None:
        """The build file; None while it is not known."""
        if not self.build:
            return CreateDuckDBFilms().build_file()
        return Builds(config.paths().builds, config.paths().database).file(str(self.build))

    def output(self) -> ReportTarget:
        file = self.file()
        page = load.notebooks_folder(file) / f"{self.name}.html" if file else None
        return ReportTarget(page, self.fingerprint())

    def work(self) -> Mapping[str, Any]:
        (page,), paths = self.where(), config.paths()
        given = {
            "database": str(self.file()),
            "datasets": str(paths.datasets),
            "staged": str(paths.parquets / "staged"),
            "known": config.notebooks().known_folder(),
        }
        html = notebooks.page(str(self.name), given, self.fingerprint() or "")
        page.parent.mkdir(exist_ok=True)
        write_whole(page, html)
        return {"page": page.name}

    def where(self) -> list[Path]:
        file = self.output().file
        return [file] if file else []


class Notebooks(luigi.WrapperTask):
    """Runs all notebooks on a build."""

    build = luigi.Parameter(default="", description="id of a build; default: what is published")

    def requires(self) -> list[Notebook]:
        return [Notebook(name=name, build=self.build) for name in notebooks.NAMES]


class AllTasks(luigi.WrapperTask):
    """Everything: a published build with its report, and the parquets beside it."""

    def requires(self) -> list[Step]:
        return [GenreParquets(), PublishBuild(), BuildReport()]


class Nightly(luigi.Task):
    """Everything, by the date: for RangeDaily and whoever counts nights.

    A date that has passed is content with the build of today, for no host has the files of then.
    """

    date = luigi.DateParameter(description="the day that a catalogue is wanted for, in UTC")

    def requires(self) -> AllTasks:
        if self.date > datetime.now(UTC).date():
            raise SettingError(f"date: {self.date} has not come yet")
        return AllTasks()

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(str(config.paths().nights / f"{self.date}.json"))

    def run(self) -> None:
        build = config.paths().database.resolve().name
        told = {"date": str(self.date), "build": build, "published": str(datetime.now(UTC))}
        with at_work(f"Nightly {self.date}"):
            config.paths().nights.mkdir(parents=True, exist_ok=True)
            write_whole(Path(self.output().path), json.dumps(told, indent=1))


@luigi.Task.event_handler(luigi.Event.FAILURE)
def tell_of_failure(task: luigi.Task, error: BaseException) -> None:
    """Whoever is to know it is told, as [on_failure] says."""
    settings = config.on_failure()
    told = f"{type(error).__name__}: {error}"
    notify.tell(str(task), told, command=settings.command, webhook=settings.webhook)


def _source_files() -> dict[str, Path]:
    """Where each source file comes from (address or local path), and where it goes."""
    sources, datasets = config.sources(), config.paths().datasets
    return {sources.url(table): datasets / table.file_name for table in sources.tables()}


def _prove_as_it_came(source: Path, error: Exception) -> None:
    """Raise CorruptFileError where the file that led to this error was damaged since it came.

    It was whole then: another one by now would be blamed on its source.
    """
    if not download.is_as_it_came(source):
        download.distrust(source)
        advice = "It was damaged since it came, and the next run fetches it."
        raise CorruptFileError(source.name, f"{error}. {advice}") from error


def _details() -> list[PrepDetails]:
    """The step that makes details, where there are files of them."""
    return [PrepDetails()] if config.sources().details_files() else []


def _ratings() -> list[FolderStep]:
    """The steps that learn of people's ratings, where there are any."""
    return [PrepRatings(), TrainRecommender()] if config.sources().movielens else []


def _folder(targets: list[FolderTarget]) -> Path:
    return targets[-1].folder


def _figures(targets: list[FolderTarget]) -> Mapping[str, Any]:
    """What the step that wrote the folders recorded of them."""
    record = targets[-1].record
    if record is None:
        raise FileNotFoundError(f"{targets[-1].folder} is not complete")
    return record.figures
