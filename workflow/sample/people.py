"""The people of name.basics: everything about a person follows from their number and the seed."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from workflow.sample import arrow, tables
from workflow.sample.arrow import Ints, Text
from workflow.sample.credits import CATEGORIES, Credits
from workflow.sample.name_words import LANGUAGES, NICKNAMES, Language
from workflow.sample.plan import Plan, stream
from workflow.sample.words import LETTERS

_NOBODY = -1


@dataclass(frozen=True)
class Career:
    """For every person the titles and categories of their first and last credit."""

    titles: Ints
    categories: np.ndarray[tuple[int, int], np.dtype[np.int8]]

    @classmethod
    def empty(cls, people: int) -> "Career":
        return cls(np.full((2, people), _NOBODY), np.full((2, people), _NOBODY, np.int8))

    def add(self, credits: Credits, start: int) -> None:
        """Note the credits of the chunk that begins with title `start`."""
        new = self.titles[0, credits.person] == _NOBODY
        # Of several assignments the last one counts: backwards, that is the first credit.
        first = np.flatnonzero(new)[::-1]
        for end, rows in ((0, first), (1, slice(None))):
            self.titles[end, credits.person[rows]] = credits.title[rows] + start
            self.categories[end, credits.person[rows]] = credits.category[rows]


@cache
def _first_names(language: Language, female: bool) -> Text:
    return arrow.words(language.first_names(female))


@cache
def _surnames(language: Language) -> Text:
    return arrow.words(language.all_surnames())


def _salt(seed: int, purpose: int) -> int:
    return seed * 16 + 4 + purpose


def primary_names(plan: Plan, persons: Ints) -> Text:
    """Names; some people carry the name of another on purpose, as in life."""
    seed = plan.seed
    namesake = arrow.unit(persons, _salt(seed, 0)) < tables.NAMESAKE_SHARE
    other = arrow.below(persons, _salt(seed, 1), plan.pool.names)
    # A namesake is of the same sex, or the name would not suit an actor.
    namesake &= plan.is_actress(persons) == plan.is_actress(other)
    who = np.where(namesake, other, persons)
    language = arrow.draw((tongue.share for tongue in LANGUAGES), arrow.unit(who, _salt(seed, 2)))
    female = plan.is_actress(who)
    groups: list[tuple[Ints, Text]] = []
    for number, tongue in enumerate(LANGUAGES):
        for sex in (False, True):
            where = np.flatnonzero((language == number) & (female == sex))
            groups.append((where, _names_of(seed, who[where], tongue, sex)))
    return arrow.reorder(groups)


def _names_of(seed: int, persons: Ints, language: Language, female: bool) -> Text:
    first, last = _first_names(language, female), _surnames(language)
    given = arrow.take(first, arrow.below(persons, _salt(seed, 3), len(first)))
    family = arrow.take(last, arrow.below(persons, _salt(seed, 4), len(last)))
    letter = arrow.take(arrow.words(LETTERS), arrow.below(persons, _salt(seed, 5), len(LETTERS)))
    nick = arrow.take(arrow.words(NICKNAMES), arrow.below(persons, _salt(seed, 5), len(NICKNAMES)))
    u = arrow.unit(persons, _salt(seed, 6))
    nicknamed = u < tables.NICKNAME_SHARE
    initialed = u > 1 - tables.MIDDLE_INITIAL_SHARE
    middle = arrow.choose(initialed, arrow.join(" ", letter, "."), "")
    middle = arrow.choose(nicknamed, arrow.join(' "', nick, '"'), middle)
    return arrow.join(arrow.join(given, middle), family, separator=" ")


def _known_for(plan: Plan, titles: Ints) -> Text:
    r"""The first and the last title, once if they are the same, \N without any."""
    first, last = (arrow.id_strings("tt", plan.title_numbers(np.maximum(end, 0))) for end in titles)
    two = arrow.join(first, last, separator=",")
    text = arrow.choose(np.asarray(titles[0] == titles[1]), first, two)
    return arrow.choose(np.asarray(titles[0] == _NOBODY), arrow.NULL, text)


def _professions(plan: Plan, persons: Ints, career: Career) -> Text:
    r"""The categories of the first and last credit; \N for some, and for people without any."""
    cells = [a if a == b else f"{a},{b}" for a in CATEGORIES for b in CATEGORIES]
    first, last = career.categories[:, persons].astype(np.int64)
    text = arrow.take(arrow.words(cells), np.maximum(first * len(CATEGORIES) + last, 0))
    none = arrow.unit(persons, _salt(plan.seed, 7)) < tables.NO_PROFESSION_SHARE
    return arrow.choose(none | (first == _NOBODY), arrow.NULL, text)


def name_basics(plan: Plan, career: Career, chunk: int, start: int, end: int) -> bytes:
    """Lines of name.basics for the slots from start to end."""
    rng = stream(plan.seed, "people", chunk)
    slots = np.arange(start, end)
    persons = plan.pool.persons(slots)
    born = rng.integers(1870, 2010, len(slots))
    known = rng.random(len(slots)) < tables.BIRTH_KNOWN_SHARE
    died = np.minimum(tables.YEARS[-1], born + rng.integers(25, 98, len(slots)))
    dead = known & (born < 1965) & (rng.random(len(slots)) < tables.DEATH_KNOWN_SHARE)
    return arrow.lines(
        arrow.id_strings("nm", arrow.id_numbers(slots, plan.pool.names)),
        primary_names(plan, persons),
        arrow.numbers_text(born, known),
        arrow.numbers_text(died, dead),
        _professions(plan, persons, career),
        _known_for(plan, career.titles[:, persons]),
    )
