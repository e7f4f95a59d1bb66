"""Film titles out of templates: a title is the number of a template and of a word combination.

Counting through a template's combinations gives titles that are all different, so that how many
movies share a title is decided by the plan and not by chance.
"""

import math
import re
from dataclasses import dataclass
from functools import cache

import numpy as np

from workflow.sample import arrow
from workflow.sample.arrow import Bools, Floats, Ints, Text
from workflow.sample.words import (
    EPISODE_TEMPLATE,
    FOREIGN_SHARE,
    FOREIGN_TEMPLATES,
    SUBTITLE_TEMPLATES,
    TITLE_TEMPLATES,
    WORDS,
)

FIRST_FOREIGN = len(TITLE_TEMPLATES)
EPISODE = FIRST_FOREIGN + len(FOREIGN_TEMPLATES)
FIRST_SUBTITLE = EPISODE + 1


@dataclass(frozen=True)
class Template:
    """Literal texts and word lists in turn: literals[0] lists[0] literals[1] ..."""

    literals: tuple[str, ...]
    lists: tuple[str, ...]

    @property
    def space(self) -> int:
        return math.prod(len(WORDS[name]) for name in self.lists)


def parse(pattern: str) -> Template:
    pieces = re.split(r"\{(\w+)\}", pattern)
    return Template(tuple(pieces[::2]), tuple(pieces[1::2]))


TEMPLATES: tuple[Template, ...] = tuple(
    parse(pattern)
    for pattern in (
        *(pattern for _, pattern in TITLE_TEMPLATES),
        *(pattern for _, pattern in FOREIGN_TEMPLATES),
        EPISODE_TEMPLATE,
        *SUBTITLE_TEMPLATES,
    )
)
SPACES = np.array([template.space for template in TEMPLATES], np.int64)
_STEPS = np.array([arrow.coprime_step(template.space) for template in TEMPLATES], np.int64)
_ROOMIEST = int(SPACES[:FIRST_FOREIGN].argmax())
_ORDER = 11  # any number: where in its combinations a template starts
_PLAIN_WEIGHTS = tuple(weight for weight, _ in TITLE_TEMPLATES)
_FOREIGN_WEIGHTS = tuple(weight for weight, _ in FOREIGN_TEMPLATES)


@dataclass(frozen=True)
class Titles:
    """Titles not yet spelled out."""

    template: Ints
    combination: Ints

    def part(self, start: int, end: int) -> "Titles":
        return Titles(self.template[start:end], self.combination[start:end])

    def where(self, mask: Bools, other: "Titles") -> "Titles":
        """The other titles where the mask holds."""
        return Titles(
            np.where(mask, other.template, self.template),
            np.where(mask, other.combination, self.combination),
        )


def draw_templates(u: Floats) -> Ints:
    weights = np.array(_PLAIN_WEIGHTS) / sum(_PLAIN_WEIGHTS) * (1 - FOREIGN_SHARE)
    foreign = np.array(_FOREIGN_WEIGHTS) / sum(_FOREIGN_WEIGHTS) * FOREIGN_SHARE
    return arrow.draw(np.concatenate((weights, foreign)), u)


def random_titles(rng: np.random.Generator, count: int) -> Titles:
    template = draw_templates(rng.random(count))
    return Titles(template, rng.integers(0, SPACES[template]))


def foreign_titles(rng: np.random.Generator, count: int) -> Titles:
    template = FIRST_FOREIGN + arrow.draw(_FOREIGN_WEIGHTS, rng.random(count))
    return Titles(template, rng.integers(0, SPACES[template]))


def distinct_titles(rng: np.random.Generator, count: int, skip: dict[int, int]) -> Titles:
    """Titles that all differ; `skip` so many of a template, which are taken already.

    Where a template runs out of combinations, the roomiest one steps in.
    """
    template = draw_templates(rng.random(count))
    combination = np.empty(count, np.int64)
    for number in (*(n for n in range(EPISODE) if n != _ROOMIEST), _ROOMIEST):
        where = np.flatnonzero(template == number)
        counter = np.arange(len(where), dtype=np.int64) + skip.get(number, 0)
        combination[where] = counted(number, counter)
        if TEMPLATES[number].lists != ("letter",):  # nothing is shorter than one letter
            template[where[counter >= SPACES[number]]] = _ROOMIEST
    return Titles(template, combination)


def counted(template: int, counter: Ints) -> Ints:
    """The combinations of a template in an order that mixes all its words."""
    start = arrow.below(np.array([template]), _ORDER, int(SPACES[template]))
    return np.asarray((start + counter * _STEPS[template]) % SPACES[template], np.int64)


@cache
def _list(name: str) -> Text:
    return arrow.words(WORDS[name])


def _spell_one(template: Template, combination: Ints) -> Text:
    parts: list[Text | str] = [template.literals[0]]
    rest = combination
    for name, literal in zip(template.lists, template.literals[1:], strict=True):
        rest, index = np.divmod(rest, len(WORDS[name]))
        parts += [arrow.take(_list(name), index), literal]
    return arrow.join(*parts)


def spell(titles: Titles) -> Text:
    """The titles as text."""
    groups: list[tuple[Ints, Text]] = []
    for number in np.unique(titles.template):
        where = np.flatnonzero(titles.template == number)
        groups.append((where, _spell_one(TEMPLATES[number], titles.combination[where])))
    return arrow.reorder(groups)
