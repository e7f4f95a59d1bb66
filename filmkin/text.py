"""Words of a text, as films are compared by and as people type them."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Accents of Latin, Greek and Cyrillic letters (Unicode block Combining Diacritical Marks).
_ACCENT = re.compile("[\u0300-\u036f]")
# Other marks are letters of their scripts, such as the vowel signs of Devanagari.
_MARKS = "".join(
    chr(point) for point in range(0x370, 0x10000) if unicodedata.category(chr(point))[0] == "M"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_WRITTEN = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}\u0300-\u036f'\u2019])*")
_SUBTITLE = re.compile(r":| [-\u2013\u2014] ")
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(ix|iv|v?i{0,3})")

# Articles, conjunctions and prepositions of the languages that most titles are in.
# fmt: off
STOP_WORDS = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
    "das", "de", "der", "die", "el", "la", "le", "les", "un", "und", "une",
})
# fmt: on


def fold(text: str) -> str:
    """`text` without case and accents, by Unicode's NFKD: 'Amélie' becomes 'amelie'."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", _ACCENT.sub("", decomposed))


def words(text: str) -> list[str]:
    """The folded words of `text` in order: runs of letters and digits of any script."""
    return _WORD.findall(without_apostrophes(fold(text)))


class Token(NamedTuple):
    """A word of a text, and which one it is, counted from 0."""

    word: str
    position: int


def search_fold(text: str) -> str:
    """As `fold`, and letters with a stroke, ligatures and fractions as they are typed without."""
    if text.isascii():
        return text.casefold()
    return fold(text.replace("\u00bd", " \u00bd")).translate(_TYPED_WITHOUT)


_TYPED_WITHOUT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "⁄": " "}
)


def search_words(text: str) -> list[str]:
    """The words of a query."""
    return _WORD.findall(without_apostrophes(search_fold(text)))


def tokens(text: str) -> list[Token]:
    """The words of `text`, and those that are written with a mark inside once more as one.

    "Spider-Man" is found as "spider man" and as "spiderman", "E.T." as "et", "WALL·E" as "walle".
    """
    bare = without_apostrophes(search_fold(text))
    found: list[Token] = []
    run: list[str] = []  # of words that a single mark parts
    end = -1
    for position, match in enumerate(_WORD.finditer(bare)):
        if match.start() != end + 1 or bare[end] not in _JOINTS:
            _join(found, run, position)
            run.clear()
        run.append(match[0])
        end = match.end()
        found.append(Token(match[0], position))
    _join(found, run, len(found))
    return found


def _join(found: list[Token], run: list[str], position: int) -> None:
    """The words of a run as one, at the place of its first."""
    if len(run) > 1 and not all(word.isdigit() for word in run):
        found.append(Token("".join(run), position - len(run)))


_JOINTS = "-.·*&/‐‑"
#: what may stand inside of a word
MARKS = f"{_JOINTS}'\u2019"
_WITHOUT_MARKS = str.maketrans("", "", MARKS)


def in_one(text: str) -> str:
    """`text` folded, as if what is written with a mark inside were one word."""
    return search_fold(text).translate(_WITHOUT_MARKS)


def without_apostrophes(text: str) -> str:
    """An apostrophe joins what it stands in: "Ocean's" is one word."""
    return text.replace("'", "").replace("\u2019", "")


class Written(NamedTuple):
    """A word as it stands in a text, text[start:stop], and as it is compared."""

    start: int
    stop: int
    folded: str


def written_words(text: str) -> list[Written]:
    """The words of `text` where they stand; a run that `tokens` joins is there as one as well,
    before its own words.
    """
    found: list[Written] = []
    run: list[Written] = []
    for match in _WRITTEN.finditer(text):
        word = Written(match.start(), match.end(), without_apostrophes(search_fold(match[0])))
        if not run or word.start != run[-1].stop + 1 or text[run[-1].stop] not in _JOINTS:
            _join_written(found, run)
            run = []
        run.append(word)
    _join_written(found, run)
    return found


def _join_written(found: list[Written], run: list[Written]) -> None:
    if len(run) > 1:
        found.append(Written(run[0].start, run[-1].stop, "".join(word.folded for word in run)))
    found += run


def telling_words(text: str) -> list[str]:
    """The words that say what a title is about: no stop words, no numerals, Roman ones included.

    A title of nothing else ("300", "The The", "X") keeps all its words.
    """
    every = words(text)
    return [word for word in every if _tells(word)] or every


@lru_cache(maxsize=1 << 16)  # titles use the same words over and over
def _tells(word: str) -> bool:
    return word not in STOP_WORDS and not word.isdigit() and not _ROMAN.fullmatch(word)


def series_name(title: str) -> str:
    """What a title calls its series: the telling words before its subtitle.

    A title that belongs to no series has a name of its own, which no other film shares. Without
    words there is none.
    """
    return " ".join(telling_words(_SUBTITLE.split(title, 1)[0]))


def in_the_singular(name: str) -> str:
    """`name` without the s of English plurals: enough to match by, not to be read.

    "Alien 3", "Aliens" and "Alien: Resurrection" are so of one series.
    """
    return " ".join(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in name.split(" ")
    )
