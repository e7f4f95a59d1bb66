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
    """Parts of words, each of which a matching text has, and what it begins with; all folded.

    With `enough`, a text that begins so, or that has the one part where no beginning is told,
    matches.
    """

    parts: tuple[str, ...]
    enough: bool
    beginning: str = ""


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
    beginning = _beginning(pattern)
    ends_there = bool(beginning) and len(pattern) == len("^") + len(beginning)
    return Required(longest_first, simple or ends_there, beginning)


def _beginning(pattern: str) -> str:
    """What the texts begin with that match a pattern without alternatives outside of groups."""
    if not pattern.startswith("^"):
        return ""
    stop = 1
    while stop < len(pattern) and _stands_for_itself(pattern[stop]):
        stop += 1
    if _REPEAT.match(pattern, stop):
        stop -= 1  # it may occur no times at all
    return folded(pattern[1:stop])


def _stands_for_itself(char: str) -> bool:
    """Whether a character has no case, or two forms that are folded into one."""
    if char.isascii():
        return char.isalnum() or char in _PUNCTUATION
    return _is_plain(char.lower())


_PUNCTUATION = " !\"#%&',-/:;<=>@_`~"


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
    forms = {char, char.upper()}
    alike = {char.casefold()} | _others().get(char.casefold(), set())
    return alike == {char} or (alike <= forms and char.upper().lower() == char)


@cache
def _others() -> Mapping[str, set[str]]:
    """What characters are when case is not told apart, and the others that are the same."""
    others: dict[str, set[str]] = defaultdict(set)
    for char in map(chr, range(0x10000)):
        same = char.casefold()
        if same != char:
            others[same].add(char)
    return others


def folded(text: str) -> str:
    """`text` as it is compared where case is not told apart, as `filmkin.catalogue.FOLDED`.

    In lower case character by character, as a regular expression that knows no case has it: the
    long s is an s; the capital I with a dot is none but itself, which no letter in lower case is.
    """
    if text.isascii():
        return text.lower()
    return "".join(char.lower()[0] for char in text.translate(_NOT_BY_LOWER))


_NOT_BY_LOWER = str.maketrans("ſİ", "s𝚤")
