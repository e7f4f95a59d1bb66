"""The titles of one chunk: type, wording, year, runtime, genres, rating and votes."""

from dataclasses import dataclass

import numpy as np

from workflow.sample import arrow, genres, tables, wording
from workflow.sample.arrow import Bools, Floats, Ints, Text
from workflow.sample.plan import Plan, stream

_TYPES = ("movie", *tables.OTHER_TYPES)
_EPISODE = _TYPES.index("tvEpisode")
_SHORT = _TYPES.index("short")
_TV_SERIES = _TYPES.index("tvSeries")


@dataclass(frozen=True)
class TitleChunk:
    """Columns of consecutive titles; `film` is the place among the films in series, or -1."""

    number: Ints
    kind: Ints
    film: Ints
    rated: Bools
    rating_tenths: Ints
    votes: Ints
    year: Ints
    year_known: Bools
    end_year: Ints
    end_known: Bools
    runtime: Ints
    runtime_known: Bools
    genres: Text
    adult: Bools
    documentary: Bools
    primary: Text
    original: Text

    @property
    def movie(self) -> Bools:
        return np.asarray(self.kind == 0)

    @property
    def tconst(self) -> Text:
        return arrow.id_strings("tt", self.number)

    def basics(self, rows: Ints) -> bytes:
        """Lines of title.basics; a row may be asked for twice."""
        columns: tuple[Text, ...] = (
            self.tconst,
            arrow.take(arrow.words(_TYPES), self.kind),
            self.primary,
            self.original,
            arrow.choose(self.adult, "1", "0"),
            arrow.numbers_text(self.year, self.year_known),
            arrow.numbers_text(self.end_year, self.end_known),
            arrow.numbers_text(self.runtime, self.runtime_known),
            self.genres,
        )
        return arrow.lines(*(arrow.take(column, rows) for column in columns))

    def ratings(self) -> bytes:
        rows = np.flatnonzero(self.rated)
        whole, tenth = np.divmod(self.rating_tenths[rows], 10)
        average = arrow.join(arrow.numbers_text(whole), arrow.numbers_text(tenth), separator=".")
        votes = arrow.numbers_text(self.votes[rows])
        return arrow.lines(arrow.id_strings("tt", self.number[rows]), average, votes)


def make_titles(plan: Plan, chunk: int, start: int, end: int) -> TitleChunk:
    rng = stream(plan.seed, "titles", chunk)
    count = end - start
    first, last = plan.movies_between(start, end)
    at = plan.movie_at[first:last] - start
    kind = 1 + arrow.draw(tables.OTHER_TYPES.values(), rng.random(count))
    kind[at] = 0
    film = np.full(count, -1, np.int64)
    film[at] = plan.series_slot[first:last]
    movie, member = kind == 0, film >= 0
    rated, tenths, votes = _ratings(rng, plan, movie, film)
    popular = movie & rated & (tenths >= tables.RULE_RATING_TENTHS) & (votes >= tables.RULE_VOTES)
    genre_text, adult, documentary = _genres(rng, plan, kind, popular, film)
    year, year_known = _years(rng, plan, rated, film)
    runtime, runtime_known = _runtimes(rng, movie, rated, member)
    primary, original = _wordings(rng, plan, kind, film, (first, last))
    ended = (kind == _TV_SERIES) & year_known & (rng.random(count) < 0.6)
    return TitleChunk(
        number=plan.title_numbers(np.arange(start, end)), kind=kind, film=film,
        rated=rated, rating_tenths=tenths, votes=votes, year=year, year_known=year_known,
        end_year=np.minimum(tables.YEARS[-1], year + rng.integers(0, 9, count)), end_known=ended,
        runtime=runtime, runtime_known=runtime_known, genres=genre_text, adult=adult,
        documentary=documentary, primary=primary, original=original,
    )  # fmt: skip


def _stars(u: Floats, counts: tuple[int, ...]) -> Ints:
    return np.asarray(10 * (1 + arrow.draw(counts, u)), np.int64)


def _ratings(
    rng: np.random.Generator, plan: Plan, movie: Bools, film: Ints
) -> tuple[Bools, Ints, Ints]:
    """Which titles are rated, the average in tenths, and the votes."""
    count = len(movie)
    share = np.where(movie, tables.MOVIE_RATED_SHARE, tables.OTHER_RATED_SHARE)
    rated = (rng.random(count) < share) | (film >= 0)
    u = rng.random(count)
    stars = np.where(
        movie, _stars(u, tables.MOVIE_RATING_COUNTS), _stars(u, tables.OTHER_RATING_COUNTS)
    )
    tenths = np.minimum(100, stars + rng.integers(0, 10, count))
    u = rng.random(count)
    votes = np.where(
        movie,
        arrow.quantile(u, tables.VOTE_PROBABILITIES, tables.MOVIE_VOTES),
        arrow.quantile(u, tables.VOTE_PROBABILITIES, tables.OTHER_VOTES),
    ).astype(np.int64)
    member = film >= 0
    tenths[member] = plan.series.rating_tenths[film[member]]
    votes[member] = plan.series.votes[film[member]]
    return rated, tenths, votes


def _genres(
    rng: np.random.Generator, plan: Plan, kind: Ints, popular: Bools, film: Ints
) -> tuple[Text, Bools, Bools]:
    """The text of the genres, and whether Adult and Documentary are among them."""
    movie, short = kind == 0, kind == _SHORT
    groups: list[tuple[Ints, Text]] = []
    adult, documentary = np.zeros((2, len(kind)), np.bool_)
    for table, mask in (
        (genres.popular_table(), popular),
        (genres.movie_table(), movie & ~popular),
        (genres.short_table(), short),
        (genres.other_table(), ~movie & ~short),
    ):
        where = np.flatnonzero(mask)
        picked = table.draw(rng.random(len(where)))
        if mask is popular:
            slots = film[where]
            picked = np.where(slots >= 0, plan.series.genres[plan.series.series[slots]], picked)
        groups.append((where, table.text(picked)))
        adult[where] = table.has("Adult", picked)
        documentary[where] = table.has("Documentary", picked)
    return arrow.reorder(groups), adult, documentary


def _years(rng: np.random.Generator, plan: Plan, rated: Bools, film: Ints) -> tuple[Ints, Bools]:
    count = len(rated)
    year = np.interp(rng.random(count), tables.YEAR_PROBABILITIES, tables.YEARS).astype(np.int64)
    null = np.where(rated, tables.YEAR_NULL_RATED, tables.YEAR_NULL_UNRATED)
    member = film >= 0
    year[member] = plan.series.year[film[member]]
    return year, (rng.random(count) >= null) | member


def _runtimes(
    rng: np.random.Generator, movie: Bools, rated: Bools, member: Bools
) -> tuple[Ints, Bools]:
    u = rng.random(len(movie))
    minutes = np.where(
        movie,
        arrow.quantile(u, tables.RUNTIME_PROBABILITIES, tables.MOVIE_RUNTIMES),
        arrow.quantile(u, tables.RUNTIME_PROBABILITIES, tables.OTHER_RUNTIMES),
    )
    null = np.where(rated, tables.RUNTIME_NULL_RATED, tables.RUNTIME_NULL_UNRATED)
    known = (rng.random(len(movie)) >= null) | member
    return np.rint(minutes).astype(np.int64), known


def _wordings(
    rng: np.random.Generator, plan: Plan, kind: Ints, film: Ints, movies: tuple[int, int]
) -> tuple[Text, Text]:
    """Primary and original titles; the latter are now and then in another language."""
    count = len(kind)
    titles = wording.random_titles(rng, count)
    plain = (kind == _EPISODE) & (rng.random(count) < tables.PLAIN_EPISODE_SHARE)
    space = int(wording.SPACES[wording.EPISODE])
    numbered = wording.Titles(np.full(count, wording.EPISODE), rng.integers(0, space, count))
    titles = titles.where(plain, numbered)
    own = plan.movie_titles.part(*movies)
    titles.template[kind == 0] = own.template
    titles.combination[kind == 0] = own.combination
    member = film >= 0
    in_series = arrow.take(plan.series.title, np.maximum(film, 0))
    primary = arrow.choose(member, in_series, wording.spell(titles))
    foreign = wording.spell(wording.foreign_titles(rng, count))
    differs = (rng.random(count) < tables.ORIGINAL_DIFFERS_SHARE) & ~member & ~plain
    return primary, arrow.choose(differs, foreign, primary)
