"""The contracts: every column of every table once, and which titles count as films.

Types are written as DuckDB writes them; `workflow.contracts` says the same to Spark.
"""

from dataclasses import asdict, dataclass

from filmkin.errors import SettingError


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: `type` in SQL, `description` with its unit, `source` where from."""

    name: str
    type: str
    description: str
    source: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns in order, the columns that tell rows apart, the order of rows."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


FILMS = Table(
    name="films",
    description="One row a film.",
    columns=(
        Column("film_id", "INTEGER", "the digits of tconst", "title.basics tconst"),
        Column(
            "title",
            "VARCHAR",
            "the title it is best known by, or null",
            "title.basics primaryTitle",
        ),
        Column("year", "DATE", "1 January of its first year, or null", "title.basics startYear"),
        Column("duration", "INTEGER", "minutes, or null", "title.basics runtimeMinutes"),
        Column("genres", "VARCHAR[]", "in IMDb's order", "title.basics genres"),
        Column("rating", "DECIMAL(4,2)", "mean vote, 1 to 10, or null", "title.ratings"),
        Column("vote_count", "INTEGER", "votes, or null", "title.ratings numVotes"),
        Column(
            "persons", "VARCHAR[]", "names in billing order, one entry a person", "title.principals"
        ),
        Column("original_title", "VARCHAR", "in its own language", "title.basics originalTitle"),
        Column("person_ids", "INTEGER[]", "digits of nconst, parallel to persons", "name.basics"),
        Column("directors", "VARCHAR[]", "names", "title.crew, else title.principals"),
        Column("writers", "VARCHAR[]", "names", "title.crew, else title.principals"),
        Column("alternative_titles", "VARCHAR[]", "other titles it is known by", "title.akas"),
        Column("languages", "VARCHAR[]", "ISO 639-1 codes of its titles", "title.akas"),
    ),
    key=("film_id",),
    order=("film_id",),
)

CREDITS = Table(
    name="credits",
    description="Who did what in a film.",
    columns=(
        Column("film_id", "INTEGER", "the film", "films"),
        Column("person_id", "INTEGER", "digits of nconst", "title.principals, title.crew"),
        Column("role", "VARCHAR", "IMDb's category: actor, director ...", "title.principals"),
        Column(
            "position",
            "INTEGER",
            "place among the people of the role; null where title.crew does not list it",
            "title.crew, else title.principals",
        ),
        Column(
            "billing", "INTEGER", "first place in title.principals; null when not there", "ordering"
        ),
        Column("name", "VARCHAR", "of the person", "name.basics primaryName"),
    ),
    key=("film_id", "person_id", "role"),
    order=("film_id", "billing", "position", "person_id", "role"),
)

_DETAILS_SOURCE = "the files of [sources] details"

DETAILS = Table(
    name="details",
    description="What IMDb's files do not say of films, one row a film; null where nobody says it.",
    columns=tuple(
        Column(name, sql_type, description, _DETAILS_SOURCE)
        for name, sql_type, description in (
            ("film_id", "INTEGER", "the digits of tconst"),
            ("overview", "VARCHAR", "the plot in a few sentences"),
            ("tagline", "VARCHAR", "what its poster says"),
            ("keywords", "VARCHAR[]", "what it is about, in the order of the source"),
            ("language", "VARCHAR", "ISO 639 code of the language that it is spoken in"),
            ("country", "VARCHAR", "where it was made, as the source names it"),
            ("year", "INTEGER", "of its release"),
            ("duration", "INTEGER", "minutes"),
            ("budget", "BIGINT", "what it cost, in budget_currency"),
            ("budget_currency", "VARCHAR", "ISO 4217 code, or null where the amount is unmarked"),
            ("gross", "BIGINT", "what it took, in gross_currency"),
            ("gross_currency", "VARCHAR", "ISO 4217 code, or null where the amount is unmarked"),
            ("metascore", "INTEGER", "0 to 100"),
            ("num_reviews", "INTEGER", "reviews by users"),
            ("num_critics", "INTEGER", "reviews by critics"),
            ("thumbnail", "VARCHAR", "address of a small picture"),
        )
    ),
    key=("film_id",),
    order=("film_id",),
)

#: what details say, without the film that they say it of
TOLD_DETAILS = tuple(column for column in DETAILS.columns if column.name not in DETAILS.key)

#: a text as it is compared where case is not told apart; in Python `filmkin.patterns.folded`
FOLDED = "lower(translate({}, 'ſİ', 's𝚤'))"

PEOPLE = Table(
    name="people",
    description="Everyone of the films, by name: upper and lower case alike, then by person_id.",
    columns=(
        Column("person_id", "INTEGER", "digits of nconst", "credits"),
        Column("name", "VARCHAR", "as it is written", "credits"),
        Column("films", "INTEGER", "how many films they worked on", "credits"),
        Column(
            "film_rows",
            "INTEGER[]",
            "places of the films, counted from 0 by film_id, that name them in persons",
            "films",
        ),
    ),
    key=("person_id",),
    order=(FOLDED.format("name"), "person_id"),
)

FILM_DOCUMENTS = Table(
    name="film_documents",
    description="The films as they are sent.",
    columns=(
        Column("film_id", "INTEGER", "the film", "films"),
        Column(
            "document",
            "VARCHAR",
            "a JSON object: the row of films, and as `details` that of details, or null",
            "films, details",
        ),
    ),
    key=("film_id",),
    order=("film_id",),
)

WORDS = Table(
    name="words",
    description="Where a word occurs: what a pattern needs not be tried on is left out by it.",
    columns=(
        Column("field", "VARCHAR", "title, original_title or person", "films, people"),
        Column("word", "VARCHAR", "letters and digits, without case", "films, people"),
        Column(
            "rows", "INTEGER[]", "places in films or people, from 0 in their order", "films, people"
        ),
    ),
    key=("field", "word"),
    order=("field", "word"),
)

SIMILARITY_DECIMALS = 9  # to which similarities are rounded before anything is done with them

SIMILARITY = Table(
    name="films_cos_sim",
    description="Pairs of films at or above the stored floor, in both directions.",
    columns=(
        Column("film_id", "INTEGER", "the film", "films"),
        Column("other_id", "INTEGER", "a film that is similar, never itself", "films"),
        Column("similarity", "DOUBLE", "cosine in (0, 1], rounded to 9 decimals", "film_features"),
    ),
    key=("film_id", "other_id"),
    order=("film_id", "similarity DESC", "other_id"),
)

NEIGHBOURS = Table(
    name="neighbours",
    description="The pairs of films_cos_sim, one row a film: most similar first, then by film_id.",
    columns=(
        Column("film_id", "INTEGER", "the film", "films_cos_sim"),
        Column("nearest", "DOUBLE", "the largest of its similarities", "films_cos_sim"),
        Column("other_ids", "INTEGER[]", "the films that are similar to it", "films_cos_sim"),
        Column("similarities", "DOUBLE[]", "parallel to other_ids", "films_cos_sim"),
    ),
    key=("film_id",),
    order=("film_id",),
)

FILM_FEATURES = Table(
    name="film_features",
    description="The films as unit vectors, one row a component.",
    columns=(
        Column("film_id", "INTEGER", "the film", "films"),
        Column("token_id", "INTEGER", "the component", "tokens"),
        Column("weight", "DOUBLE", "its value; the squares of a film sum to 1", "films"),
    ),
    key=("film_id", "token_id"),
    order=("film_id", "token_id"),
)

TOKENS = Table(
    name="tokens",
    description="What the components of the vectors stand for.",
    columns=(
        Column("token_id", "INTEGER", "counted from 0", "films"),
        Column("field", "VARCHAR", "title, series, people, genres, rating or year", "films"),
        Column("text", "VARCHAR", "the word, name, genre or number", "films"),
        Column("weight", "DOUBLE", "inverse document frequency; 1 for people", "films"),
    ),
    key=("token_id",),
    order=("token_id",),
)

SEARCH_TERMS = Table(
    name="search_terms",
    description="Every word of the free-text search.",
    columns=(
        Column("term", "VARCHAR", "the word, without case and accents", "films, details"),
        Column("films", "INTEGER", "document frequency: films that have it", "films, details"),
        Column(
            "idf",
            "DOUBLE",
            "inverse document frequency: ln(1 + (n - films + 0.5) / (films + 0.5)) of n films",
            "films, details",
        ),
    ),
    key=("term",),
    order=("term",),
)

SEARCH_POSTINGS = Table(
    name="search_postings",
    description="Where each word stands: in a field, one entry an occurrence.",
    columns=(
        Column("term", "VARCHAR", "the word", "search_terms"),
        Column("field", "VARCHAR", "title, person, overview ...", "films, details"),
        Column("film_rows", "INTEGER[]", "places of films, counted from 0 by film_id", "films"),
        Column(
            "positions",
            "SMALLINT[]",
            "parallel to film_rows: which word of the field it is, ascending in a film",
            "films, details",
        ),
        Column(
            "weights",
            "FLOAT[]",
            "parallel to film_rows: 1 / (1 - b + b l / m), of the l words that the field has there"
            " and m on average; their sum in a film is its term frequency, and that times idf its"
            " TF-IDF weight",
            "films, details",
        ),
    ),
    key=("term", "field"),
    order=("term", "field"),
)

_LEARNT = "TrainPrediction"

PREDICTION_MODELS = Table(
    name="prediction_models",
    description="What is predicted of films: one row a target; money is learnt as its log10.",
    columns=(
        Column("target", "VARCHAR", "rating, budget or gross", _LEARNT),
        Column("method", "VARCHAR", "which trees, or the mean of both", _LEARNT),
        Column("films", "INTEGER", "how many it learnt from", "films, details"),
        Column("features", "VARCHAR[]", "their names, in the order that trees name them", _LEARNT),
        Column("tree_weights", "DOUBLE[]", "what each tree counts in the sum", _LEARNT),
        Column("train_to", "INTEGER", "last year that candidates learnt from", "films"),
        Column("validation_to", "INTEGER", "last year of those that it was chosen by", "films"),
        Column("level", "DOUBLE", "share of films that an interval is to hold", "luigi.cfg"),
        Column(
            "half_width",
            "DOUBLE",
            "of the interval: points, or powers of ten; of the films that it was chosen by",
            _LEARNT,
        ),
        Column("coverage", "DOUBLE", "share of the films after them that it held", _LEARNT),
        Column("seed", "INTEGER", "of the random choices", _LEARNT),
    ),
    key=("target",),
    order=("target",),
)

PREDICTION_CANDIDATES = Table(
    name="prediction_candidates",
    description="What each model was chosen from, learnt from the films up to train_to alone.",
    columns=(
        Column("target", "VARCHAR", "of the model", "prediction_models"),
        Column("method", "VARCHAR", "which trees; median: without any", _LEARNT),
        Column("rounds", "INTEGER", "of boosting", _LEARNT),
        Column("is_chosen", "BOOLEAN", "whether it has the least validation_mae", _LEARNT),
        Column("validation_mae", "DOUBLE", "mean absolute error up to validation_to", _LEARNT),
        Column("validation_r2", "DOUBLE", "share of variance explained there", _LEARNT),
        Column("test_mae", "DOUBLE", "mean absolute error of the films after that", _LEARNT),
        Column("test_r2", "DOUBLE", "share of variance explained there", _LEARNT),
    ),
    key=("target", "method", "rounds"),
    order=("target", "method", "rounds"),
)

PREDICTION_NODES = Table(
    name="prediction_nodes",
    description="The trees of the models, node by node, the root of each tree first.",
    columns=(
        Column("target", "VARCHAR", "of the model", "prediction_models"),
        Column("node", "INTEGER", "counted from 0 over all trees of the model", _LEARNT),
        Column("tree", "INTEGER", "counted from 0", _LEARNT),
        Column("feature", "INTEGER", "place in features of what it asks for, from 0", _LEARNT),
        Column("threshold", "DOUBLE", "up to it a film goes left, above it right", _LEARNT),
        Column("left_node", "INTEGER", "where it goes; a leaf names itself", _LEARNT),
        Column("right_node", "INTEGER", "where it goes; a leaf names itself", _LEARNT),
        Column("value", "DOUBLE", "mean of the films that came to the node in learning", _LEARNT),
    ),
    key=("target", "node"),
    order=("target", "node"),
)

PREDICTION_CAREERS = Table(
    name="prediction_careers",
    description="What people's films were like up to a year, for the films of later years.",
    columns=(
        Column("target", "VARCHAR", "rating, budget or gross", "prediction_models"),
        Column("role", "VARCHAR", "director, writer, cast, people; level: all films", "credits"),
        Column("person_id", "INTEGER", "digits of nconst; 0 of level", "credits"),
        Column("year", "INTEGER", "in which someone had films", "films"),
        Column("films", "INTEGER", "how many up to that year whose target is known", "films"),
        Column(
            "total",
            "DOUBLE",
            "sum over these of the target less the mean of all films of the ten years before each;"
            " of level, of the target itself",
            "films, details",
        ),
    ),
    key=("target", "role", "person_id", "year"),
    order=("target", "role", "person_id", "year"),
)

PREDICTION_TRIALS = Table(
    name="prediction_trials",
    description="What was predicted of later films by a model that learnt up to train_to alone.",
    columns=(
        Column("target", "VARCHAR", "of the model", "prediction_models"),
        Column("film_id", "INTEGER", "a film of a later year than train_to", "films"),
        Column("predicted", "DOUBLE", "points, or log10 of money", _LEARNT),
        Column("truth", "DOUBLE", "in the same unit", "films, details"),
    ),
    key=("target", "film_id"),
    order=("target", "film_id"),
)

#: what is learnt of predictions, in the order that it is written
PREDICTION = (
    PREDICTION_MODELS,
    PREDICTION_CANDIDATES,
    PREDICTION_NODES,
    PREDICTION_CAREERS,
    PREDICTION_TRIALS,
)

_MOVIELENS = "[sources] movielens"
_RATED = "TrainRecommender"

RECOMMENDER = Table(
    name="recommender",
    description="One row: how ratings are learnt from, and what else was tried; none without any.",
    columns=(
        Column("ratings", "BIGINT", "how many it learnt from", _MOVIELENS + ", the ratings store"),
        Column("people", "INTEGER", "how many gave them", _MOVIELENS + ", the ratings store"),
        Column("mean", "DOUBLE", "of all ratings, in stars", _RATED),
        Column("choice", "JSON", "the settings that were found best", _RATED),
        Column("search", "JSON", "what was tried, the split and the seed", "luigi.cfg"),
        Column("trials", "JSON", "a list: what each try came to on what was held back", _RATED),
    ),
    key=("ratings",),
    order=("ratings",),
)

RATED_FILMS = Table(
    name="rated_films",
    description="Every film that was rated by people, in the catalogue or not, and its factors.",
    columns=(
        Column("film_id", "INTEGER", "the digits of its tconst", "links.csv imdbId"),
        Column("movie_ids", "INTEGER[]", "MovieLens' numbers of it, if any", "links.csv movieId"),
        Column("title", "VARCHAR", "as MovieLens writes it, or null", "movies.csv title"),
        Column("tags", "VARCHAR[]", "what people call it, the most frequent first", "tags.csv"),
        Column("in_catalogue", "BOOLEAN", "whether it is in films", "films"),
        Column("ratings", "INTEGER", "how many", _MOVIELENS + ", the ratings store"),
        Column("mean", "DOUBLE", "of them, in stars", _MOVIELENS + ", the ratings store"),
        Column("bias", "DOUBLE", "what it adds to a rating, in stars", _RATED),
        Column("factors", "FLOAT[]", "of predicted ratings, by ALS", _RATED),
        Column("implicit_factors", "FLOAT[]", "of what is seen and liked, by ALS", _RATED),
        Column("given", "FLOAT[]", "what it gives the scores of others, when rated", _RATED),
        Column("taken", "FLOAT[]", "what it takes of what others give", _RATED),
    ),
    key=("film_id",),
    order=("film_id",),
)

MOVIELENS_PEOPLE = Table(
    name="movielens_people",
    description="MovieLens' people and their ratings, one row a person, the newest first.",
    columns=(
        Column("user_id", "INTEGER", "MovieLens' number", "ratings.csv userId"),
        Column("film_ids", "INTEGER[]", "films, in the catalogue or not", "ratings.csv movieId"),
        Column("ratings", "FLOAT[]", "parallel to film_ids: stars", "ratings.csv rating"),
        Column("rated_at", "BIGINT[]", "parallel to film_ids: seconds since 1970", "timestamp"),
    ),
    key=("user_id",),
    order=("user_id",),
)

#: what is learnt of people's ratings, in the order that it is written
RECOMMENDATION = (RECOMMENDER, RATED_FILMS, MOVIELENS_PEOPLE)

RATINGS = Table(
    name="ratings",
    description="What is learnt from: a person's last rating of a film.",
    columns=(
        Column("person", "INTEGER", "counted from 0", "ratings.csv, the ratings store"),
        Column("film_id", "INTEGER", "the digits of its tconst", "ratings.csv, the ratings store"),
        Column("rating", "DOUBLE", "stars", "ratings.csv, the ratings store"),
        Column("rated_at", "BIGINT", "seconds since 1970, UTC", "ratings.csv, the ratings store"),
    ),
    key=("person", "film_id"),
    order=("person", "film_id"),
)

MOVIELENS_FILMS = Table(
    name="movielens_films",
    description="The films of MovieLens by IMDb's number.",
    columns=tuple(c for c in RATED_FILMS.columns[:5]),
    key=("film_id",),
    order=("film_id",),
)

BUILD = Table(
    name="build",
    description="One row: what this database was made from.",
    columns=(
        Column("build_id", "VARCHAR", "fingerprint of sources, settings and code", "the batch"),
        Column("created", "TIMESTAMP WITH TIME ZONE", "when the build was begun", "the batch"),
        Column("code_version", "VARCHAR", "fingerprint of the code that wrote it", "the batch"),
        Column("parameters", "JSON", "the settings that decide the data", "luigi.cfg"),
        Column("min_similarity", "DOUBLE", "the stored floor", "luigi.cfg"),
        Column("max_similar", "INTEGER", "films stored a film at most, or null", "luigi.cfg"),
        Column(
            "sources",
            "STRUCT(name VARCHAR, url VARCHAR, bytes BIGINT, sha256 VARCHAR, etag VARCHAR,"
            " last_modified VARCHAR, lines BIGINT, rows BIGINT, rejected BIGINT)[]",
            "each source file: bytes and hash of it, its lines and what became of them",
            "the batch",
        ),
    ),
    key=("build_id",),
    order=("build_id",),
)

BUILD_CHECKS = Table(
    name="build_checks",
    description="What was checked before publishing.",
    columns=(
        Column("name", "VARCHAR", "what must hold", "the batch"),
        Column("offending", "BIGINT", "rows for which it does not", "the batch"),
    ),
    key=("name",),
    order=("name",),
)

TABLES = (
    FILMS,
    CREDITS,
    DETAILS,
    PEOPLE,
    FILM_DOCUMENTS,
    WORDS,
    SIMILARITY,
    NEIGHBOURS,
    FILM_FEATURES,
    TOKENS,
    SEARCH_TERMS,
    SEARCH_POSTINGS,
    *PREDICTION,
    *RECOMMENDATION,
    BUILD,
    BUILD_CHECKS,
)


@dataclass(frozen=True, slots=True)
class FilmRule:
    """Which titles count as films. A minimum of 0 asks for nothing, not even for a rating."""

    title_types: tuple[str, ...] = ("movie",)
    min_rating: float = 6.0
    min_votes: int = 500
    min_genres: int = 1

    def __post_init__(self) -> None:
        # A rule that came as JSON carries a list.
        object.__setattr__(self, "title_types", tuple(self.title_types))
        if not self.title_types or not all(self.title_types):
            raise SettingError("film rule: name at least one title type")
        if not 0 <= self.min_rating <= 10:
            raise SettingError(f"film rule: min_rating is 0 to 10, not {self.min_rating}")
        if self.min_votes < 0 or self.min_genres < 0:
            raise SettingError("film rule: min_votes and min_genres are 0 or more")

    def as_dict(self) -> dict[str, object]:
        return asdict(self)
