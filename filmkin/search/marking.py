"""Where in a text the words stand that it was found by."""

from collections.abc import Collection, Sequence
from itertools import islice
from typing import NamedTuple

from filmkin.text import in_one, written_words


class Part(NamedTuple):
    """A piece of a text, and whether it is what was looked for."""

    text: str
    matched: bool


def marked(text: str, terms: Collection[str]) -> list[Part]:
    """`text` in pieces; put together they are the text."""
    terms = _possible(text, terms)
    if not terms:
        return [Part(text, False)] if text else []
    parts: list[Part] = []
    at = 0
    for word in written_words(text):
        if word.start >= at and word.folded in terms:
            if word.start > at:
                parts.append(Part(text[at : word.start], False))
            parts.append(Part(text[word.start : word.stop], True))
            at = word.stop
    return [*parts, Part(text[at:], False)] if at < len(text) else parts


def having(texts: Sequence[str], terms: Collection[str], most: int) -> list[list[Part]]:
    """The texts in which a word stands, in pieces: `most` of them, the first."""
    terms = _possible("\n".join(texts), terms)
    every = (marked(text, terms) for text in texts) if terms else ()
    return list(islice((parts for parts in every if has_match(parts)), most))


def has_match(parts: Sequence[Part]) -> bool:
    return any(part.matched for part in parts)


def _possible(text: str, terms: Collection[str]) -> frozenset[str]:
    """The words that can be in a text: none in most texts, and told fast."""
    squeezed = in_one(text)
    return frozenset(term for term in terms if term in squeezed)


def excerpt(text: str, terms: Collection[str], letters: int) -> list[Part]:
    """The piece of about so many letters that has most of the words, in pieces as by `marked`."""
    if len(text) <= letters:
        return marked(text, terms)
    found = [word for word in written_words(text) if word.folded in terms]
    if not found:
        return []
    starts = [word.start for word in found]
    ends = [word.stop for word in found]
    # From each word as far as fits.
    held = [sum(start <= end <= start + letters // 2 for end in ends) for start in starts]
    middle = starts[max(range(len(held)), key=held.__getitem__)]
    begin = text.rfind(" ", 0, max(0, middle - letters // 4)) + 1
    end = text.find(" ", begin + letters)
    piece = text[begin : end if end >= 0 else len(text)]
    parts = marked(piece, terms)
    before = [Part("\u2026 ", False)] if begin else []
    return [*before, *parts, *([Part(" \u2026", False)] if end >= 0 else [])]
