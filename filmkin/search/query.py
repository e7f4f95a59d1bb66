"""What a person types -> what is asked for.

    alien -resurrection "in space" person:weaver year:1979..1992

Words may stand anywhere in a film; a phrase stands there word by word; what is marked with a minus
must not be there; what has a field before it must stand in that field. Nothing that is typed is an
error: what has no such meaning is a word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from filmkin.text import words

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
    r'(?P<minus>-)?(?:(?P<field>[a-z]+):(?=\S))?(?:"(?P<phrase>[^"]*)"?|(?P<bare>\S+))'
)
_YEARS = re.compile(r"(?P<first>[0-9]{0,4})(?P<to>\.\.)?(?P<last>[0-9]{0,4})")


@dataclass(frozen=True, slots=True)
class Condition:
    """Words that a film must have side by side, or must not."""

    words: tuple[str, ...]
    field: str | None = None
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`words` tell how well a film answers; all `conditions` must hold.

    `years` are the first and the last, both included. `is_typing`: the last word may go on.
    """

    words: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    years: tuple[int, int] | None = None
    is_typing: bool = False


def parse(text: str) -> Query:
    """What `text` asks for. Any text asks for something, if only for all films."""
    free: list[str] = []
    conditions: list[Condition] = []
    years = None
    last_is_free = False
    for part in _PART.finditer(text.replace("\u201c", '"').replace("\u201d", '"')):
        minus, field, phrase, bare = part.group("minus", "field", "phrase", "bare")
        last_is_free = False
        if field == "year" and bare is not None and minus is None:
            span = _years(bare)
            if span is not None:
                years = span
                continue
        if field is not None and field not in FIELD_NAMES:
            # No field of ours: a title such as "Alien:Resurrection".
            bare, phrase, field = f"{field} {bare or phrase}", None, None
        found = tuple(words(phrase if phrase is not None else bare))
        if not found:
            continue
        if minus or field or phrase is not None:
            name = FIELD_NAMES[field] if field else None
            conditions.append(Condition(found, name, bool(minus)))
            if minus:
                continue
        free += found
        last_is_free = not (minus or field or phrase is not None)
    is_typing = last_is_free and not text[-1:].isspace()
    return Query(tuple(dict.fromkeys(free))[:MOST_WORDS], tuple(conditions), years, is_typing)


def _years(text: str) -> tuple[int, int] | None:
    """`1990..1999`, `1990..`, `..1999`, `1990`; `199` is on its way to be one of the 1990s."""
    found = _YEARS.fullmatch(text)
    if not found or not (found["first"] or found["last"]):
        return None
    first = int(found["first"].ljust(4, "0")) if found["first"] else 0
    last = int(found["last"].ljust(4, "9")) if found["last"] else 9999
    if not found["to"]:
        last = int(found["first"].ljust(4, "9"))
    return first, last
