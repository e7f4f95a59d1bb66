"""What has to be known before the first chunk: sizes, which titles are movies, which are series.

The plan holds a few numbers per movie and nothing per title or credit, so that memory stays
bounded while the files are streamed.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from workflow.sample import arrow, tables
from workflow.sample.arrow import Bools, Ints
from workflow.sample.series import Series, plan_series
from workflow.sample.wording import Titles, distinct_titles
from workflow.sample.words import SERIES_TEMPLATE

CHUNK = 1 << 17
# Random numbers of different purposes come from different streams of the same seed; a new one comes
# last, so that what is there keeps its bytes.
STREAMS = ("plan", "titles", "credits", "akas", "people", "ratings")


def stream(seed: int, purpose: str, chunk: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, STREAMS.index(purpose), chunk])


@dataclass(frozen=True)
class Pool:
    """Everybody who can be credited: movie people by role first, then companies of television."""

    names: int
    role_start: Ints = field(repr=False)  # borders of the pools of movie people
    regulars: Ints = field(repr=False)  # how many of each pool are regulars
    step: int
    company_start: int
    companies: int

    def slots(self, person: Ints) -> Ints:
        """Where persons stand in name.basics: scattered, so that rank does not show in the id."""
        return np.asarray(person * self.step % self.names, np.int64)

    def persons(self, slots: Ints) -> Ints:
        return np.asarray(slots * pow(self.step, -1, self.names) % self.names, np.int64)


@dataclass(frozen=True)
class Plan:
    titles: int
    seed: int
    movie_at: Ints = field(repr=False)
    movie_titles: Titles = field(repr=False)
    series: Series = field(repr=False)
    pool: Pool

    @cached_property
    def series_slot(self) -> Ints:
        """For every movie its place among the films in series, or -1."""
        slot = np.full(len(self.movie_at), -1, np.int64)
        slot[self.series.movie] = np.arange(len(self.series.movie))
        return slot

    def chunks(self) -> list[tuple[int, int]]:
        return [(a, min(a + CHUNK, self.titles)) for a in range(0, self.titles, CHUNK)]

    def movies_between(self, start: int, end: int) -> tuple[int, int]:
        first, last = np.searchsorted(self.movie_at, (start, end))
        return int(first), int(last)

    def title_numbers(self, titles: Ints) -> Ints:
        return arrow.id_numbers(titles, self.titles)

    def person_numbers(self, persons: Ints) -> Ints:
        return arrow.id_numbers(self.pool.slots(persons), self.pool.names)

    def is_actress(self, persons: Ints) -> Bools:
        return np.asarray(arrow.unit(persons, self.seed * 16 + 1) < tables.ACTRESS_SHARE)


def make_plan(titles: int, seed: int) -> Plan:
    rng = stream(seed, "plan")
    movies = max(round(titles * tables.MOVIE_SHARE), tables.MIN_MOVIES)
    gap = titles / movies
    jitter = rng.integers(0, max(1, int(gap)), movies)
    movie_at = np.floor(np.arange(movies) * gap).astype(np.int64) + jitter
    pool = make_pool(titles, movies)
    series = plan_series(rng, movies, pool.role_start)
    skip = {SERIES_TEMPLATE: len(series.names)}
    titled = distinct_titles(rng, movies, skip)
    copied = rng.random(movies) < tables.COPIED_TITLE_SHARE
    source = rng.integers(0, movies, movies)
    same = Titles(titled.template[source], titled.combination[source])
    return Plan(titles, seed, movie_at, titled.where(copied, same), series, pool)


def make_pool(titles: int, movies: int) -> Pool:
    """Sizes of the pools; the borders of the movie pools are in the order self, then ROLES."""
    mean = tables.MOVIE_RATED_SHARE * tables.PRINCIPALS_MEAN_RATED
    mean += (1 - tables.MOVIE_RATED_SHARE) * tables.PRINCIPALS_MEAN_UNRATED
    documentaries = tables.MOVIE_GENRES["Documentary"] / 100
    cast, *crew = (percent / 100 for percent in tables.ROLES.values())
    shares = np.array([cast * documentaries, cast * (1 - documentaries), *crew])
    regulars = tables.REGULAR_SHARE / tables.CREDITS_PER_REGULAR
    people = regulars + 1 - tables.REGULAR_SHARE
    sizes = np.ceil(shares * movies * mean * people).astype(np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    places = sum(tables.COMPANY_PLACES)
    companies = max(4, (round(titles * tables.NAMES_PER_TITLE) - int(starts[-1])) // places)
    names = int(starts[-1]) + companies * places
    regular = np.ceil(sizes * regulars / people).astype(np.int64)
    return Pool(names, starts, regular, arrow.coprime_step(names), int(starts[-1]), companies)
