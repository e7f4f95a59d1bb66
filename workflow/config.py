"""The settings of the batch, one class a section of luigi.cfg.

Luigi's own convention overrides each on the command line: `--film-rule-min-votes 1000` for
`min_votes` of `[film_rule]`. Defaults stand here, once; luigi.cfg holds what a machine sets.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import luigi

from filmkin.catalogue import FilmRule
from filmkin.errors import SettingError
from filmkin.features import FieldShares
from filmkin.prediction.learning import Learning
from filmkin.similarity import SimilaritySettings
from store.location import FILE, VARIABLE, is_missing, url_in
from workflow.checks import CheckLimits
from workflow.download import local_path
from workflow.recommender.settings import Search
from workflow.sources import DETAILS_COLUMNS, DETAILS_FIELDS, IMDB, MOVIELENS, SourceTable
from workflow.transfer import DownloadLimits

Number = TypeVar("Number", int, float)


def _listed(values: Iterable[float]) -> str:
    return ",".join(str(value) for value in values)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(name: str, text: str, kind: Callable[[str], Number]) -> tuple[Number, ...]:
    """The numbers between commas. Raises SettingError by the setting's name."""
    try:
        return tuple(map(kind, _parts(text)))
    except ValueError as error:
        raise SettingError(f"{name}: numbers by comma, not {text}") from error


class sources(luigi.Config):
    imdb = luigi.Parameter(
        default="https://datasets.imdbws.com",
        description="where IMDb's files are: an address, or a folder",
    )
    extra = luigi.Parameter(
        default="title.crew,title.akas",
        description="optional files to take as well, by comma; of a folder, those that are there",
    )

    details = luigi.Parameter(
        default="",
        description="files of what IMDb's do not say (.csv or .tsv, with .gz or without), by comma:"
        " addresses or local paths; of what several say, the first is believed",
    )

    movielens = luigi.Parameter(
        default="",
        description="MovieLens' ratings: the address of one of its zips, such as ml-latest-small's,"
        " or a folder of its files; without, nothing is learnt of people's ratings",
    )
    ratings_store = luigi.Parameter(
        default="",
        description="URL of the store of people's ratings, which are learnt from as well; default:"
        f" {VARIABLE}, else {FILE} in [paths] root, where there is one",
    )

    def movielens_files(self) -> dict[str, str]:
        """The address or local path of MovieLens' zip, or of each of its files, by its name."""
        base = str(self.movielens)
        if not base:
            return {}
        folder = local_path(base)
        if folder is None:
            return {Path(urlsplit(base).path).name: base}
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            return {folder.name: str(folder)}
        return {name: str(folder / name) for name in MOVIELENS}

    def ratings_url(self) -> str:
        """Of the store of people's ratings; empty where there is none."""
        if self.ratings_store:
            return str(self.ratings_store)
        url = url_in(paths().folder)
        return "" if is_missing(url) else url

    def details_files(self) -> dict[str, str]:
        """The address or local path of each file of details, by its name."""
        files: dict[str, str] = {}
        for one in filter(None, (part.strip() for part in str(self.details).split(","))):
            folder = local_path(one)
            url = one if folder is None else str(folder.expanduser().resolve())
            name = Path(urlsplit(url).path).name
            if name in files:
                raise SettingError(f"[sources] details: two files are named {name}")
            files[name] = url
        return files

    def url(self, table: SourceTable) -> str:
        """The address or local path of one file."""
        base = str(self.imdb)
        folder = local_path(base)
        if folder is not None:
            return str(folder.expanduser().resolve() / table.file_name)
        return f"{base.rstrip('/')}/{table.file_name}"

    def tables(self) -> list[SourceTable]:
        """The files that a run reads."""
        extra = [name.strip() for name in str(self.extra).split(",") if name.strip()]
        unknown = [name for name in extra if name not in IMDB or not IMDB[name].optional]
        if unknown:
            raise SettingError(f"[sources] extra: there is no optional file {', '.join(unknown)}")
        return [
            table
            for table in IMDB.values()
            if not table.optional or (table.name in extra and self._there(table))
        ]

    def _there(self, table: SourceTable) -> bool:
        local = local_path(self.url(table))
        return local is None or local.exists()


class details(luigi.Config):
    columns = luigi.DictParameter(
        default=dict[str, dict[str, str]](),
        description="which column holds which field, in JSON: of each file of details, by its name;"
        f" known without are {' and '.join(DETAILS_COLUMNS)}",
    )

    def columns_of(self, files: Iterable[str]) -> dict[str, dict[str, str]]:
        """What is said of these files."""
        own = {name: dict(fields) for name, fields in self.columns.items()}
        known = DETAILS_COLUMNS | own
        for name in files:
            if name not in known:
                told = f"nothing is said of {name}; known are {', '.join(known)}"
                raise SettingError(f"[details] columns: {told}")
            unknown = sorted(set(known[name]) - set(DETAILS_FIELDS))
            if unknown or "film_id" not in known[name]:
                told = f"no field {', '.join(unknown)}" if unknown else "no column of the film_id"
                raise SettingError(f"[details] columns: {name}: {told}")
        return {name: known[name] for name in files}


class download(luigi.Config):
    silence_seconds = luigi.FloatParameter(
        default=DownloadLimits().silence_seconds, description="longest silence of a host"
    )
    total_seconds = luigi.FloatParameter(
        default=DownloadLimits().total_seconds, description="longest time for one file"
    )
    attempts = luigi.IntParameter(
        default=DownloadLimits().attempts, description="how often a file is tried"
    )
    first_wait_seconds = luigi.FloatParameter(
        default=DownloadLimits().first_wait_seconds,
        description="wait before the second attempt; it doubles, up to a minute",
    )
    ask_host = luigi.BoolParameter(
        default=DownloadLimits().ask_host,
        parsing=luigi.BoolParameter.EXPLICIT_PARSING,
        description="ask the host, once a run, whether what is there is still its newest",
    )
    night_hours = luigi.FloatParameter(
        default=12.0,
        description="hours that the host's files of one night lie apart at most, by their"
        " Last-Modified; 0: not looked at",
    )

    def limits(self) -> DownloadLimits:
        return DownloadLimits(
            self.silence_seconds,
            self.total_seconds,
            self.attempts,
            self.first_wait_seconds,
            self.ask_host,
        )


class paths(luigi.Config):
    root = luigi.Parameter(default=".", description="folder of datasets/, output/ and duckdb/")

    @property
    def folder(self) -> Path:
        root = str(self.root)
        # Spark and DuckDB read paths as patterns.
        if set(root) & set("*?[]{}"):
            raise SettingError(f"[paths] root may not hold any of * ? [ ] {{ }}: {root}")
        return Path(root).absolute()  # the workers of a cluster work elsewhere

    @property
    def datasets(self) -> Path:
        return self.folder / "datasets"

    @property
    def night(self) -> Path:
        """Which source files were found to belong together."""
        return self.datasets / "night.json"

    @property
    def nights(self) -> Path:
        """What was published by the date."""
        return self.folder / "duckdb" / "nights"

    @property
    def parquets(self) -> Path:
        return self.folder / "output"

    @property
    def builds(self) -> Path:
        return self.folder / "duckdb" / "builds"

    @property
    def database(self) -> Path:
        return self.folder / "duckdb" / "films.duckdb"


class film_rule(luigi.Config):
    title_types = luigi.Parameter(
        default=",".join(FilmRule().title_types), description="IMDb's titleTypes, by comma"
    )
    min_rating = luigi.FloatParameter(
        default=FilmRule().min_rating, description="averageRating at least; 0: any"
    )
    min_votes = luigi.IntParameter(
        default=FilmRule().min_votes, description="numVotes at least; 0: any"
    )
    min_genres = luigi.IntParameter(default=FilmRule().min_genres, description="genres at least")

    def rule(self) -> FilmRule:
        types = tuple(name.strip() for name in str(self.title_types).split(","))
        return FilmRule(types, self.min_rating, self.min_votes, self.min_genres)


class similarity(luigi.Config):
    min_similarity = luigi.FloatParameter(
        default=SimilaritySettings().min_similarity,
        description="stored floor: pairs below are computed when asked for",
    )
    max_similar = luigi.IntParameter(
        default=SimilaritySettings().max_similar,
        description="films stored a film at most, in a catalogue of more than whole_up_to films",
    )
    whole_up_to = luigi.IntParameter(
        default=SimilaritySettings().whole_up_to,
        description="films of a catalogue that stores every pair from the floor up",
    )
    title = luigi.FloatParameter(default=FieldShares().title, description="share of title words")
    series = luigi.FloatParameter(default=FieldShares().series, description="share of the series")
    people = luigi.FloatParameter(default=FieldShares().people, description="share of people")
    genres = luigi.FloatParameter(default=FieldShares().genres, description="share of genres")
    rating = luigi.FloatParameter(default=FieldShares().rating, description="share of the rating")
    year = luigi.FloatParameter(default=FieldShares().year, description="share of the year")
    block_films = luigi.IntParameter(
        default=2048, description="films that one Spark task compares; no effect on the result"
    )

    def settings(self) -> SimilaritySettings:
        shares = FieldShares(
            self.title, self.series, self.people, self.genres, self.rating, self.year
        )
        return SimilaritySettings(shares, self.min_similarity, self.max_similar, self.whole_up_to)


class prediction(luigi.Config):
    targets = luigi.Parameter(
        default=",".join(Learning().targets),
        description="what is predicted of films, by comma; none: nothing",
    )
    level = luigi.FloatParameter(
        default=Learning().level, description="share of films that an interval is to hold"
    )
    fewest = luigi.IntParameter(
        default=Learning().fewest,
        description="films that are enough to learn from; of fewer there is no model",
    )
    rounds = luigi.IntParameter(
        default=Learning().rounds, description="rounds of boosting at most, each of some trees"
    )
    forest_trees = luigi.IntParameter(
        default=Learning().forest_trees, description="trees of a random forest"
    )

    def learning(self) -> Learning:
        targets = [name for name in _parts(str(self.targets)) if name != "none"]
        return Learning(
            targets=tuple(targets),  # type: ignore[arg-type]  # it refuses any other
            level=self.level,
            fewest=self.fewest,
            rounds=self.rounds,
            forest_trees=self.forest_trees,
        )


class recommender(luigi.Config):
    ranks = luigi.Parameter(
        default=_listed(Search().ranks), description="factors of ALS that are tried, by comma"
    )
    ridges = luigi.Parameter(
        default=_listed(Search().ridges), description="regularisations of ALS that are tried"
    )
    iterations = luigi.Parameter(
        default=_listed(Search().iterations), description="iterations of ALS that are tried"
    )
    people = luigi.IntParameter(
        default=Search().people, description="people at most that a try is judged by"
    )
    seed = luigi.IntParameter(default=Search().seed, description="of the random choices")

    def search(self) -> Search:
        return Search(
            ranks=_numbers("[recommender] ranks", str(self.ranks), int),
            ridges=_numbers("[recommender] ridges", str(self.ridges), float),
            iterations=_numbers("[recommender] iterations", str(self.iterations), int),
            people=self.people,
            seed=self.seed,
        )


class spark(luigi.Config):
    master = luigi.Parameter(
        default="local[*]", description="Spark's master URL; spark://HOST:PORT for a cluster"
    )
    driver_memory = luigi.Parameter(default="4g", description="memory of the driver's JVM")
    executor_memory = luigi.Parameter(default="2g", description="of an executor's, on a cluster")
    conf = luigi.Parameter(default="", description="more settings of Spark: key=value|key=value")


class checks(luigi.Config):
    max_loss = luigi.FloatParameter(
        default=CheckLimits().max_loss,
        description="share of its rows that a table may lose against the last build; not looked at"
        " after a change of settings or sources",
    )
    max_rejected = luigi.FloatParameter(
        default=CheckLimits().max_rejected,
        description="share of a source file's lines that may be rejected",
    )

    def limits(self) -> CheckLimits:
        return CheckLimits(self.max_loss, self.max_rejected)


class on_failure(luigi.Config):
    command = luigi.Parameter(
        default="",
        description="run when a task failed; it finds FILMKIN_TASK and FILMKIN_ERROR set",
    )
    webhook = luigi.Parameter(
        default="", description="address that gets task and error as JSON when a task failed"
    )


class builds(luigi.Config):
    keep = luigi.IntParameter(default=3, description="published builds to keep, the newest first")


class notebooks(luigi.Config):
    known = luigi.Parameter(
        default="",
        description="folder with a list of series (franchises.json) and MovieLens' ml-latest-small,"
        " where there are any, for the notebook that compares similarity functions; default: that"
        " of [sources] imdb",
    )

    def known_folder(self) -> str:
        """Its path; an address where the sources have one, and so no such folder."""
        base = str(self.known or sources().imdb)
        folder = local_path(base)
        return base if folder is None else str(folder.expanduser().resolve())


SECTIONS: tuple[type[luigi.Config], ...] = (
    sources,
    details,
    download,
    paths,
    film_rule,
    similarity,
    prediction,
    recommender,
    spark,
    checks,
    on_failure,
    builds,
    notebooks,
)
