"""What a person types -> what is asked for.

    alien -resurrection "in space" person:weaver year:1979..1992

Words may stand anywhere in a film; a phrase stands there word by word; what is marked with a minus
must not be there; what has a field before it must stand in that field. Nothing that is typed is an
error: what has no such meaning is a word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from filmkin.search.fields import LONGEST_WORD
from filmkin.text import search_words

#: what a field is called in a query -> its name in the index
FIELD_NAMES: Mapping[str, str] = {
    "title": "title",
    "person": "person",
    "genre": "genre",
    "keyword": "keyword",
    "plot": "overview",
}
#: so many words of a query are looked at
MOST_WORDS = 64

_PART = re.compile(
    r'(?P<minus>-)?(?:(?P<field>[A-Za-z]+):(?=\S))?(?:"(?P<phrase>[^"]*)"?|(?P<bare>\S+))'
)
_YEARS = re.compile(r"(?P<first>[0-9]{0,4})(?P<to>\.\.|-)?(?P<last>[0-9]{0,4})")


@dataclass(frozen=True, slots=True)
class Condition:
    """Words that a film must have side by side, or must not."""

    words: tuple[str, ...]
    field: str | None = None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`words` tell how well a film answers; all `conditions` must hold.

    `years` are the first and the last, both included; those of `other_years` must not be.
    `is_typing`: the last word may go on.
    """

    words: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    years: tuple[int, int] | None = None
    other_years: tuple[tuple[int, int], ...] = ()
    is_typing: bool = False


def parse(text: str) -> Query:
    """What `text` asks for. Any text asks for something, if only for all films."""
    free: list[str] = []
    conditions: list[Condition] = []
    years: tuple[int, int] | None = None
    other_years: list[tuple[int, int]] = []
    last_is_free = False
    left = MOST_WORDS
    for part in _PART.finditer(text.replace("\u201c", '"').replace("\u201d", '"')):
        minus, field, phrase, bare = part.group("minus", "field", "phrase", "bare")
        last_is_free = False
        field = field and field.lower()
        span = _years(phrase or bare or "") if field == "year" else None
        if span is not None:
            if minus:
                other_years.append(span)
            else:
                years = span if years is None else (max(years[0], span[0]), min(years[1], span[1]))
            continue
        if field is not None and field not in FIELD_NAMES:
            # No field of ours: a title such as "Alien:Resurrection".
            bare, phrase, field = f"{field} {bare or phrase}", None, None
        every = search_words(phrase if phrase is not None else bare)
        found = tuple(word[:LONGEST_WORD] for word in every[:left])
        left -= len(found)
        if not found:
            continue
        if minus or field or phrase is not None:
            name = FIELD_NAMES[field] if field else None
            conditions.append(Condition(found, name, bool(minus)))
            if minus:
                continue
        free += found
        last_is_free = not (minus or field or phrase is not None)
    is_typing = last_is_free and free[-1] not in free[:-1] and not text[-1:].isspace()
    words = tuple(dict.fromkeys(free))
    return Query(words, tuple(conditions), years, tuple(other_years), is_typing)


def written(query: Query, instead: Mapping[str, str]) -> str:
    """A query as it may be typed, with other words in place of some; what is excluded stays."""
    held = {word for one in query.conditions if not one.is_excluded for word in one.words}
    parts = [instead.get(word, word) for word in query.words if word not in held]
    for one in query.conditions:
        words = one.words if one.is_excluded else [instead.get(word, word) for word in one.words]
        text = " ".join(words)
        name = next((typed for typed, field in FIELD_NAMES.items() if field == one.field), "")
        mark = f"{'-' if one.is_excluded else ''}{name}{':' if name else ''}"
        parts.append(f"{mark}{text}" if mark and " " not in text else f'{mark}"{text}"')
    parts.append(_span(query.years) if query.years else "")
    parts += [f"-{_span(years)}" for years in query.other_years]
    return " ".join(filter(None, parts))


def _span(years: tuple[int, int]) -> str:
    first, last = (f"{year:04}" for year in years)
    if first == last:
        return f"year:{first}"
    if int(last) == _LAST_YEAR:
        return f"year:{first}.."
    return f"year:{first if int(first) else ''}..{last}"


_LAST_YEAR = 9999


def _years(text: str) -> tuple[int, int] | None:
    """`1990..1999`, `1990..`, `..1999`, `1990`; `199` is on its way to be one of the 1990s."""
    found = _YEARS.fullmatch(text)
    if not found or not (found["first"] or found["last"]):
        return None
    first = int(found["first"].ljust(4, "0")) if found["first"] else 0
    last = int(found["last"].ljust(4, "9")) if found["last"] else _LAST_YEAR
    if not found["to"]:
        last = int(found["first"].ljust(4, "9"))
    return first, last
