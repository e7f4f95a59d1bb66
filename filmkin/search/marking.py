"""Where in a text the words stand that it was found by."""

from collections.abc import Collection
from typing import NamedTuple

from filmkin.text import in_one, written_words


class Part(NamedTuple):
    """A piece of a text, and whether it is what was looked for."""

    text: str
    matched: bool


def marked(text: str, terms: Collection[str]) -> list[Part]:
    """`text` in pieces; put together they are the text."""
    if not text or not _may_have(text, terms):
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


def _may_have(text: str, terms: Collection[str]) -> bool:
    """False where none of the words can be in the text: most texts, and told fast."""
    squeezed = in_one(text)
    return any(term in squeezed for term in terms)


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
