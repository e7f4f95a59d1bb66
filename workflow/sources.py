"""The source files as their publishers declare them: columns in order, types, what is kept.

IMDb: https://developer.imdb.com/non-commercial-datasets/ (tab-separated, `\\N` for null, no
quoting). A column whose type is None is checked by name and then left out of the staged file.
"""

from dataclasses import dataclass, field

from filmkin.catalogue import DETAILS


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """`type` in SQL, or None for a column that nobody reads.

    `prefix` marks an id such as tt0099785, staged as its digits; an id is never null. What lies
    outside of `least` to `most` is no such number.
    """

    name: str
    type: str | None = None
    prefix: str = ""
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One file of a source. `optional` files are used where they are present."""

    name: str
    columns: tuple[SourceColumn, ...]
    optional: bool = False
    kept: tuple[SourceColumn, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", tuple(c for c in self.columns if c.type is not None))

    @property
    def file_name(self) -> str:
        return f"{self.name}.tsv.gz"


def _title_id(name: str) -> SourceColumn:
    return SourceColumn(name, "INTEGER", prefix="tt")


def _person_id(name: str) -> SourceColumn:
    return SourceColumn(name, "INTEGER", prefix="nm")


_IMDB = (
    SourceTable(
        "title.basics",
        (
            _title_id("tconst"),
            SourceColumn("titleType", "VARCHAR"),
            SourceColumn("primaryTitle", "VARCHAR"),
            SourceColumn("originalTitle", "VARCHAR"),
            SourceColumn("isAdult"),
            SourceColumn("startYear", "INTEGER", least=1000, most=9999),
            SourceColumn("endYear"),
            SourceColumn("runtimeMinutes", "INTEGER", least=0),
            SourceColumn("genres", "VARCHAR"),
        ),
    ),
    SourceTable(
        "title.ratings",
        (
            _title_id("tconst"),
            SourceColumn("averageRating", "DECIMAL(4,2)", least=0, most=10),
            SourceColumn("numVotes", "INTEGER", least=0),
        ),
    ),
    SourceTable(
        "title.principals",
        (
            _title_id("tconst"),
            SourceColumn("ordering", "INTEGER"),
            _person_id("nconst"),
            SourceColumn("category", "VARCHAR"),
            SourceColumn("job"),
            SourceColumn("characters"),
        ),
    ),
    SourceTable(
        "name.basics",
        (
            _person_id("nconst"),
            SourceColumn("primaryName", "VARCHAR"),
            SourceColumn("birthYear"),
            SourceColumn("deathYear"),
            SourceColumn("primaryProfession"),
            SourceColumn("knownForTitles"),
        ),
    ),
    SourceTable(
        "title.crew",
        (
            _title_id("tconst"),
            SourceColumn("directors", "VARCHAR"),
            SourceColumn("writers", "VARCHAR"),
        ),
        optional=True,
    ),
    SourceTable(
        "title.akas",
        (
            _title_id("titleId"),
            SourceColumn("ordering", "INTEGER"),
            SourceColumn("title", "VARCHAR"),
            SourceColumn("region"),
            SourceColumn("language", "VARCHAR"),
            SourceColumn("types"),
            SourceColumn("attributes"),
            SourceColumn("isOriginalTitle"),
        ),
        optional=True,
    ),
)

#: what a column of a file of details may hold; an amount brings its currency along
DETAILS_FIELDS = tuple(name for name in DETAILS.column_names if not name.endswith("_currency"))

#: of the IMDB 5000 scrape, and of plots by tconst: which column holds which field of details
DETAILS_COLUMNS: dict[str, dict[str, str]] = {
    "movie_metadata.csv": {
        "film_id": "movie_imdb_link",
        "keywords": "plot_keywords",
        "language": "language",
        "country": "country",
        "year": "title_year",
        "duration": "duration",
        "budget": "budget",
        "gross": "gross",
        "num_reviews": "num_user_for_reviews",
        "num_critics": "num_critic_for_reviews",
    },
    "overviews.tsv.gz": {"film_id": "tconst", "overview": "overview"},
}

IMDB: dict[str, SourceTable] = {table.name: table for table in _IMDB}

#: MovieLens: https://files.grouplens.org/datasets/movielens/ml-latest-README.html (comma-separated,
#: quoted where needed): its files and their columns
MOVIELENS: dict[str, tuple[str, ...]] = {
    "ratings.csv": ("userId", "movieId", "rating", "timestamp"),
    "movies.csv": ("movieId", "title", "genres"),
    "links.csv": ("movieId", "imdbId", "tmdbId"),
    "tags.csv": ("userId", "movieId", "tag", "timestamp"),
}
