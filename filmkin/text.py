"""Words of a text, as films are compared by and as people type them."""

import re
import unicodedata
from functools import lru_cache

# Accents of Latin, Greek and Cyrillic letters (Unicode block Combining Diacritical Marks).
_ACCENT = re.compile("[\u0300-\u036f]")
# Other marks are letters of their scripts, such as the vowel signs of Devanagari.
_MARKS = "".join(
    chr(point) for point in range(0x370, 0x10000) if unicodedata.category(chr(point))[0] == "M"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
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
    # An apostrophe joins what it stands in: "Ocean's" is one word.
    return _WORD.findall(fold(text).replace("'", "").replace("\u2019", ""))


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
