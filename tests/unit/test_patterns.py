"""What a pattern requires, against the engine that tries it."""

import string
from operator import add

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmkin.catalogue import FOLDED
from filmkin.patterns import Required, folded, required

#: as `workflow.derived` has them
WORDS = f"regexp_extract_all({FOLDED.format('t')}, '[\\pL\\pN]+')"


@pytest.mark.parametrize(
    ("pattern", "parts", "enough"),
    [
        ("lucas", ("lucas",), True),
        ("LUCAS", ("lucas",), True),
        ("", (), False),
        ("wars.*i", ("wars", "i"), False),
        ("^Star Wars$", ("star", "wars"), False),
        ("o'hara", ("hara", "o"), False),
        ("colou?r", ("colo", "r"), False),
        ("ab+c", ("ab", "c"), False),
        ("ab*?c", ("a", "c"), False),
        ("ab{0,2}c", ("a", "c"), False),
        ("ab{x", ("ab", "x"), False),
        ("ab|cd", (), False),
        ("(ab|cd)ef", ("ef",), False),
        ("(?:ab)?ef", ("ef",), False),
        ("(?-i)AB", ("ab",), False),
        ("[ab]cd", ("cd",), False),
        ("[]ab]cd[^]x]", ("cd",), False),
        ("[[:alpha:]x]cd", ("cd",), False),
        (r"\dab", ("ab",), False),
        (r"\x41bc", ("bc",), False),
        (r"\x{1F3AC}bc", ("bc",), False),
        (r"\p{Greek}bc\pLd", ("bc", "d"), False),
        (r"\101bc", ("bc",), False),
        (r"\.bc", ("bc",), False),
        (r"\Qa.b\E", (), False),
        ("Amélie", ("amélie",), True),
        ("straße", ("stra", "e"), False),
        ("七人", ("七人",), True),
        ("Yıldız", ("yıldız",), True),
        ("İzmir", ("zmir",), False),
        ("[", (), False),
        ("\\", (), False),
    ],
)
def test_what_a_pattern_requires(pattern: str, parts: tuple[str, ...], enough: bool) -> None:
    assert required(pattern)[:2] == Required(parts, enough)[:2]


@pytest.mark.parametrize(
    ("pattern", "beginning", "enough"),
    [
        ("^The M", "the m", True),
        ("^the matrix$", "the matrix", False),
        ("^M\\.A", "m", False),
        ("^Colou?r", "colo", False),
        ("^ab*", "a", False),
        ("^a{2}b", "", False),
        ("^ab{x", "ab", False),
        ("^*ab", "", False),
        ("^", "", False),
        ("^^a", "", False),
        ("^a|b", "", False),
        ("^o'hara, ", "o'hara, ", True),
        ("^Été", "été", True),
        ("^straße", "stra", False),
        ("a^b", "", False),
    ],
)
def test_what_a_text_begins_with_that_matches(pattern: str, beginning: str, enough: bool) -> None:
    found = required(pattern)
    assert (found.beginning, found.enough) == (beginning, enough)


LETTERS = st.sampled_from("aAbBsSſkK\u212aiIİıéÉßẞΣσςжЖ七0 .'-")
TEXT = st.text(LETTERS, max_size=8)
ATOM = st.one_of(
    LETTERS.map(lambda c: "\\." if c == "." else c),
    st.sampled_from([".", r"\w", r"\pL", r"\x61", r"\141", "[ab]", "[^s]", "[]a]", "[[:alpha:]]"]),
    st.builds("({})".format, TEXT.filter(lambda t: "." not in t)),
    st.builds("(?:{}|{})".format, TEXT, TEXT),
)
PATTERN = st.lists(
    st.builds("{}{}".format, ATOM, st.sampled_from(["", "", "", "*", "+", "?", "{0}", "{1,2}", "+?"])),
    max_size=5,
).map("".join)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    pattern=st.builds(add, st.sampled_from(["", "^"]), st.one_of(PATTERN, TEXT)),
    texts=st.lists(TEXT, min_size=1, max_size=20),
)
def test_a_text_that_matches_has_what_is_required(pattern: str, texts: list[str]) -> None:
    parts, enough, beginning = required(pattern)
    with duckdb.connect() as database:
        rows = database.execute(
            f"SELECT regexp_matches(t, $1, 'i'), {WORDS}, t FROM (SELECT unnest($2::VARCHAR[]) AS t)",
            [pattern, texts],
        ).fetchall()
    for matches, words, text in rows:
        has_all = all(any(part in word for word in words) for part in parts)
        begins = folded(text).startswith(beginning)
        assert (has_all and begins) or not matches
        assert matches or not (enough and begins and (beginning or has_all))


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"])), st.text(string.ascii_letters + "ſİΣßéÉǅﬁ")
)
def test_folded_is_what_the_database_makes_of_it(text: str, more: str) -> None:
    text = (text + more).replace("\0", "")
    with duckdb.connect() as database:
        (found,) = database.execute("SELECT " + FOLDED.format("$1"), [text]).fetchone() or ()
    assert folded(text) == found
