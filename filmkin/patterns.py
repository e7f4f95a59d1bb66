r"""What a regular expression asks of a text before it is tried: words that the text must have.

The syntax is RE2's (https://github.com/google/re2/wiki/Syntax), case is not told apart. What is
found is necessary and not sufficient: "wars.*i" can only match where one word contains "wars" and
one contains "i"; of "(wars|trek)" nothing is found. So an index of words leaves few texts to try.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

_REPEAT = re.compile(r"[*?]|\{[0-9]+(,[0-9]*)?\}")
# What follows a backslash and belongs to it: \pL, \p{Greek}, \x41, \x{1F3AC}, \123, \d ...
_ESCAPE = re.compile(r"\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|[0-9A-Fa-f]{2})|[0-7]{1,3}|.)", re.S)
# Without going back (*+): what is not closed would be tried in all the ways that it can be read.
_CLASS = re.compile(r"\[\^?\]?(?:\[:\^?\w+:\]|\\(?:[pPx]\{[^}]*\}|.)|[^\]\\])*+\]", re.S)


class Required(NamedTuple):
    """Parts of words, in lower case, each of which a matching text has.

    With `enough`, a text that has them matches.
    """

    parts: tuple[str, ...]
    enough: bool


def required(pattern: str) -> Required:
    """What the texts that match `pattern` have in common, as far as it can be told simply.

    Of a pattern that is not valid anything may be said.
    """
    runs: list[str] = []
    run = ""
    depth, at, simple = 0, 0, bool(pattern)
    while at < len(pattern):
        char, step = pattern[at], 1
        if depth == 0 and char not in "\\[(|" and _is_plain(char.lower()):
            run += char.lower()
            at += 1
            continue
        simple = False
        if repeat := _REPEAT.match(pattern, at):
            run = run[:-1]  # it may occur no times at all
            step = len(repeat[0])
        elif char == "\\":
            escape = _ESCAPE.match(pattern, at)
            if escape is None or escape[0] in ("\\Q", "\\C"):
                return Required((), enough=False)
            step = len(escape[0])
        elif char == "[":
            group = _CLASS.match(pattern, at)
            if group is None:
                return Required((), enough=False)
            step = len(group[0])
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            return Required((), enough=False)
        runs.append(run)
        run = ""
        at += step
    parts = {part for part in (*runs, run) if part}
    longest_first = tuple(sorted(parts, key=lambda part: (-len(part), part)))
    return Required(longest_first, enough=simple)


@cache
def _is_plain(char: str) -> bool:
    """Whether the character is part of a word and equals, in any case, just its own two forms.

    Letters and digits of old (Unicode 3.2) alone: on others, versions of Unicode disagree.
    """
    if char.isascii():
        return char.isalnum()
    if len(char) > 1:  # what one letter became in lower case
        return False
    versions = (unicodedata, unicodedata.ucd_3_2_0)
    if any(version.category(char)[0] not in "LN" for version in versions):
        return False
    return _alike()[char.casefold()] <= {char, char.upper()} and char.upper().lower() == char


@cache
def _alike() -> Mapping[str, set[str]]:
    """Characters by what they are when case is not told apart."""
    alike: dict[str, set[str]] = defaultdict(set)
    for point in range(0x10000):
        alike[chr(point).casefold()].add(chr(point))
    return alike


def lower(text: str) -> str:
    """`text` in lower case, character by character as a database does it."""
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)
