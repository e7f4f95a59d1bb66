"""The principals of one chunk of titles, and the crew and alternative titles that go with them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from workflow.sample import arrow, tables
from workflow.sample.arrow import Bools, Floats, Ints, Text
from workflow.sample.name_words import character_cells
from workflow.sample.plan import Plan, stream
from workflow.sample.titles import TitleChunk

_ROLE_SHARES = np.array(list(tables.ROLES.values())) / 100
_ROLES = len(_ROLE_SHARES)
CAST, DIRECTOR, WRITER = 0, 1, 2
# Categories: the roles of the crew keep their numbers, the cast becomes one of four.
_CREW = tuple(tables.ROLES)[1:]
CATEGORIES = ("actor", *_CREW, "actress", "self", "archive_footage")
_ACTRESS, _SELF, _ARCHIVE = (CATEGORIES.index(c) for c in ("actress", "self", "archive_footage"))
_PLACES = np.array(tables.COMPANY_PLACES, np.int64)
_FIRST_PLACE = np.cumsum(_PLACES) - _PLACES

_JOBS = {
    "writer": ("screenplay", "written by", "story", "novel", arrow.NULL, arrow.NULL),
    "producer": ("producer", "executive producer", "producer", "co-producer"),
    "cinematographer": ("director of photography", arrow.NULL, arrow.NULL),
}
_SELF_CELLS = ('["Self"]', '["Self"]', '["Self"]', '["Self - Host"]', '["Self - Guest"]')
_CHARACTER_NULL = 0.15


@dataclass(frozen=True)
class Credits:
    """Credits sorted by title and billing order; counts is titles by roles."""

    counts: Ints
    title: Ints
    role: Ints
    place: Ints  # among the credits of the same title and role
    person: Ints
    category: Ints

    @property
    def ordering(self) -> Ints:
        """1, 2, 3 ... within each title."""
        total = self.counts.sum(axis=1)
        first = np.cumsum(total) - total
        return np.asarray(np.arange(len(self.title)) - first[self.title] + 1, np.int64)


def make_credits(
    plan: Plan, rng: np.random.Generator, titles: TitleChunk, newcomers: Ints
) -> Credits:
    """Credits of a chunk; `newcomers` is carried on from chunk to chunk (see _movie_people)."""
    counts = _role_counts(rng, titles)
    title = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
    flat = counts.ravel()
    role = np.repeat(np.tile(np.arange(_ROLES), len(counts)), flat)
    place = np.arange(len(title)) - np.repeat(np.cumsum(flat) - flat, flat)
    by_self = titles.documentary & titles.movie
    person, company = _people(plan, rng, titles, (title, role, place), newcomers)
    by_self |= ~titles.movie & (arrow.unit(company, plan.seed * 16 + 2) < tables.SELF_SHARE)
    by_self &= titles.film < 0
    person = _first_writers(rng, titles, counts, person)
    person = _series_people(plan, titles, (title, role, place), person)
    category = _categories(plan, rng, role, person, by_self[title])
    keep = _first_of_each(title * _ROLES + role, person, plan.pool.names)
    kept = np.bincount((title * _ROLES + role)[keep], minlength=counts.size)
    return Credits(
        kept.reshape(counts.shape), title[keep], role[keep], place[keep], person[keep],
        category[keep],
    )  # fmt: skip


def _role_counts(rng: np.random.Generator, titles: TitleChunk) -> Ints:
    """How many principals of each role every title has: its total dealt out by systematic
    sampling, so that a role's count is its share rounded up or down."""
    count, member = len(titles.kind), titles.film >= 0
    big_mean = (tables.BIG_CAST_FROM + tables.PRINCIPALS_MAX) / 2
    mean = np.where(titles.rated, tables.PRINCIPALS_MEAN_RATED, tables.PRINCIPALS_MEAN_UNRATED)
    mean = (mean - tables.BIG_CAST_SHARE * big_mean) / (1 - tables.BIG_CAST_SHARE)
    shape = tables.PRINCIPALS_SHAPE
    total = np.rint(rng.gamma(shape, mean / shape))
    big = rng.random(count) < tables.BIG_CAST_SHARE
    total[big] = rng.integers(tables.BIG_CAST_FROM, tables.PRINCIPALS_MAX + 1, count)[big]
    total = np.where(member, np.maximum(total, 18), np.minimum(total, tables.PRINCIPALS_MAX))
    total = np.minimum(total, tables.PRINCIPALS_MAX)
    edges = np.concatenate(([0.0], np.cumsum(_ROLE_SHARES)))
    edges[-1] = 1.0
    dealt = np.floor(total[:, None] * edges + rng.random(count)[:, None])
    counts = np.diff(dealt, axis=1).astype(np.int64)
    undirected = titles.movie & (counts[:, DIRECTOR] == 0) & (counts[:, CAST] > 0)
    counts[undirected, DIRECTOR] += 1
    counts[undirected, CAST] -= 1
    return counts


def _people(
    plan: Plan,
    rng: np.random.Generator,
    titles: TitleChunk,
    credit: tuple[Ints, Ints, Ints],
    newcomers: Ints,
) -> tuple[Ints, Ints]:
    """Who is credited, and the company of each title that is not a movie."""
    title, role, place = credit
    movie = titles.movie[title]
    person = np.empty(len(title), np.int64)
    pool = np.where(role == CAST, 1 - titles.documentary[title], role + 1)[movie]
    person[movie] = _movie_people(plan, pool, rng.random((2, len(pool))), newcomers)
    companies, skew = plan.pool.companies, tables.COMPANY_SKEW
    company = (companies * rng.random(len(titles.kind)) ** skew).astype(np.int64)
    guest = rng.integers(0, companies, len(title))
    home = np.where(place < _PLACES[role], company[title], guest)
    seat = _FIRST_PLACE[role] + place % _PLACES[role]
    member = plan.pool.company_start + home * int(_PLACES.sum()) + seat
    person[~movie] = member[~movie]
    return person, company


def _movie_people(plan: Plan, pool: Ints, random: Floats, newcomers: Ints) -> Ints:
    """Regulars by the power law of ranks (the inverse of its distribution), and newcomers, of
    whom each is credited once: `newcomers` counts per pool how many have had their turn."""
    pools = plan.pool
    regulars = pools.regulars[pool]
    rank = (regulars * random[0] ** (1 / (1 - tables.RANK_EXPONENT))).astype(np.int64)
    rank = np.minimum(rank, regulars - 1)
    is_new = random[1] >= tables.REGULAR_SHARE
    for number, size in enumerate(_sizes(plan)):
        where = np.flatnonzero(is_new & (pool == number))
        turn = newcomers[number] + np.arange(len(where))
        newcomers[number] += len(where)
        rank[where] = pools.regulars[number] + turn % max(1, size - pools.regulars[number])
    return np.asarray(pools.role_start[pool] + np.minimum(rank, _sizes(plan)[pool] - 1), np.int64)


def _sizes(plan: Plan) -> Ints:
    return np.diff(plan.pool.role_start)


def _first_writers(
    rng: np.random.Generator, titles: TitleChunk, counts: Ints, person: Ints
) -> Ints:
    """Let some movies be written by their director."""
    total = counts.sum(axis=1)
    director = np.cumsum(total) - total + counts[:, CAST]
    both = (counts[:, DIRECTOR] > 0) & (counts[:, WRITER] > 0) & titles.movie
    both &= rng.random(len(counts)) < tables.WRITER_DIRECTS_SHARE
    person = person.copy()
    person[(director + counts[:, DIRECTOR])[both]] = person[director[both]]
    return person


def _series_people(
    plan: Plan, titles: TitleChunk, credit: tuple[Ints, Ints, Ints], person: Ints
) -> Ints:
    """Give the films of a series its leads in the first places, its director and its writer."""
    title, role, place = credit
    film = titles.film[title]
    series = plan.series
    which = np.where(film >= 0, series.series[film], 0)
    lead = (film >= 0) & (role == CAST) & (place < series.lead_count[which])
    column = np.minimum(place, series.leads.shape[1] - 1)
    person = np.where(lead, series.leads[which, column], person)
    head = (film >= 0) & (place == 0)
    person = np.where(head & (role == DIRECTOR), series.director[which], person)
    return np.where(head & (role == WRITER), series.writer[which], person)


def _categories(
    plan: Plan, rng: np.random.Generator, role: Ints, person: Ints, by_self: Bools
) -> Ints:
    acting = np.where(plan.is_actress(person), _ACTRESS, 0)
    archive = rng.random(len(role)) < tables.ARCHIVE_SHARE
    cast = np.where(by_self, np.where(archive, _ARCHIVE, _SELF), acting)
    return np.where(role == CAST, cast, role)


def _first_of_each(group: Ints, person: Ints, people: int) -> Ints:
    """Rows without the repeats of a person in the same role of a title."""
    return np.sort(np.unique(group * people + person, return_index=True)[1])


@cache
def _cells(category: str) -> tuple[Text, Text]:
    """What the columns job and characters are drawn from."""
    jobs = arrow.words(_JOBS.get(category, (arrow.NULL,)))
    if category in ("actor", "actress"):
        return jobs, arrow.words(character_cells(category == "actress"))
    selves = category in ("self", "archive_footage")
    return jobs, arrow.words(_SELF_CELLS if selves else (arrow.NULL,))


def _jobs_and_characters(rng: np.random.Generator, category: Ints) -> tuple[Text, Text]:
    u, v, w = rng.random((3, len(category)))
    jobs: list[tuple[Ints, Text]] = []
    characters: list[tuple[Ints, Text]] = []
    for number, name in enumerate(CATEGORIES):
        where = np.flatnonzero(category == number)
        job, character = _cells(name)
        jobs.append((where, arrow.take(job, (u[where] * len(job)).astype(np.int64))))
        cell = (v[where] * len(character)).astype(np.int64)
        characters.append((where, arrow.take(character, cell)))
    named = arrow.choose(w < _CHARACTER_NULL, arrow.NULL, arrow.reorder(characters))
    return arrow.reorder(jobs), named


def principals(plan: Plan, rng: np.random.Generator, titles: TitleChunk, credits: Credits) -> bytes:
    """Lines of title.principals; a few belong to a title or a person that no other file has."""
    count, ordering = len(credits.title), credits.ordering
    last = np.append(np.diff(credits.title) != 0, True)[:count]
    lost = last & (ordering > 1) & (rng.random(count) < tables.ORPHAN_TITLE_SHARE)
    lost &= titles.film[credits.title] < 0
    person = plan.person_numbers(credits.person)
    unknown = rng.random(count) < tables.ORPHAN_PERSON_SHARE
    unknown &= titles.film[credits.title] < 0
    job, characters = _jobs_and_characters(rng, credits.category)
    return arrow.lines(
        arrow.id_strings("tt", titles.number[credits.title] + lost),
        arrow.numbers_text(np.where(lost, 1, ordering)),
        arrow.id_strings("nm", person + unknown),
        arrow.take(arrow.words(CATEGORIES), credits.category),
        job,
        characters,
    )


def crew(plan: Plan, titles: TitleChunk, credits: Credits) -> bytes:
    """Lines of title.crew."""
    columns = []
    for role in (DIRECTOR, WRITER):
        people = credits.person[credits.role == role]
        nconst = arrow.id_strings("nm", plan.person_numbers(people))
        columns.append(arrow.join_groups(nconst, credits.counts[:, role]))
    return arrow.lines(titles.tconst, *columns)


_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "JP", "IN", "BR", "TR", "CZ", "PL", "XWW")
_LANGUAGES = (arrow.NULL, arrow.NULL, arrow.NULL, "en", "de", "fr", "es", "tr")


def akas(seed: int, chunk: int, titles: TitleChunk) -> tuple[bytes, int]:
    """Lines of title.akas: the original title, and up to two under which it is shown."""
    rng = stream(seed, "akas", chunk)
    counts = 1 + arrow.draw((0.5, 0.35, 0.15), rng.random(len(titles.kind)))
    title = np.repeat(np.arange(len(counts)), counts)
    ordering = np.arange(len(title)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    first = ordering == 1
    region = arrow.take(arrow.words(_REGIONS), rng.integers(0, len(_REGIONS), len(title)))
    language = arrow.take(arrow.words(_LANGUAGES), rng.integers(0, len(_LANGUAGES), len(title)))
    shown = arrow.choose(
        first, arrow.take(titles.original, title), arrow.take(titles.primary, title)
    )
    lines = arrow.lines(
        arrow.id_strings("tt", titles.number[title]),
        arrow.numbers_text(ordering),
        shown,
        arrow.choose(first, arrow.NULL, region),
        arrow.choose(first, arrow.NULL, language),
        arrow.choose(first, "original", "imdbDisplay"),
        arrow.choose(rng.random(len(title)) < 0.02, "literal title", arrow.NULL),
        arrow.choose(first, "1", "0"),
    )
    return lines, len(title)
