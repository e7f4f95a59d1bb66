"""Words of a text, as films are compared by and as people type them."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(ix|iv|v?i{0,3})")

# Articles, conjunctions and prepositions of the languages that most titles are in.
# fmt: off
STOP_WORDS = frozenset({
    "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
    "das", "de", "der", "die", "el", "la", "le", "les", "un", "und", "une",
})
# fmt: on


def fold(text: str) -> str:
    """`text` without case and accents: 'Amélie' becomes 'amelie' (Unicode NFKD, marks dropped)."""
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(text: str) -> list[str]:
    """The folded words of `text` in order: runs of letters and digits of any script."""
    # An apostrophe joins what it stands in: "Ocean's" is one word.
    return _WORD.findall(fold(text).replace("'", "").replace("\u2019", ""))


def telling_words(text: str) -> list[str]:
    """The words that say what a title is about: no stop words, no numerals, Roman ones included.

    A title of nothing else ("300", "The The", "It") keeps all its words.
    """
    every = words(text)
    telling = [
        word
        for word in every
        if word not in STOP_WORDS and not word.isdigit() and not _ROMAN.fullmatch(word)
    ]
    return telling or every
