"""Languages as scrapes name them -> ISO 639 codes, by the Unicode consortium's names (CLDR)."""

from collections.abc import Iterable, Mapping

import langcodes


def language_codes(names: Iterable[str]) -> Mapping[str, str]:
    """The code of each name or code that is known: `fr` of "French" and of "fr"; two letters
    where ISO 639-1 has it, else three.
    """
    found = {name: _code(name) for name in names}
    return {name: code for name, code in found.items() if code}


def _code(name: str) -> str | None:
    if len(name) <= _LONGEST_CODE and langcodes.tag_is_valid(name):
        return langcodes.Language.get(name).language
    try:
        return langcodes.find(name).language
    except LookupError:
        return None


_LONGEST_CODE = 3
