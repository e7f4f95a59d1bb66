"""Free-text search: words, what is near them, what a query means, and the order of the films."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Levenshtein

from api.db.postings import fame, read_postings
from filmkin.catalogue import SEARCH_POSTINGS, SEARCH_TERMS
from filmkin.search import ranking
from filmkin.search.marking import Part, excerpt, marked
from filmkin.search.query import Condition, Query, parse, written
from filmkin.search.ranking import Formula, Ranker
from filmkin.search.suggest import Suggester
from filmkin.search.vocabulary import Vocabulary, edits_allowed
from filmkin.selection import Members
from filmkin.text import tokens
from filmkin.words import Texts
from tests.world import Film, film, search_tables

LETTERS = st.text("abcdeé七", min_size=1, max_size=11)


def vocabulary(words: Sequence[str]) -> Vocabulary:
    ordered = sorted(set(words), key=str.encode)
    return Vocabulary("".join(f"{word}\n" for word in ordered), np.ones(len(ordered), np.int32))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Home Alone", [("home", 0), ("alone", 1)]),
        ("Spider-Man 2", [("spider", 0), ("man", 1), ("spiderman", 0), ("2", 2)]),
        ("E.T.", [("e", 0), ("t", 1), ("et", 0)]),
        ("WALL·E", [("wall", 0), ("e", 1), ("walle", 0)]),
        ("1990-1999", [("1990", 0), ("1999", 1)]),
        ("Up - Down", [("up", 0), ("down", 1)]),
        ("Ocean's 8", [("oceans", 0), ("8", 1)]),
        ("", []),
    ],
)
def test_words_have_places_and_what_is_joined_is_there_as_one(
    text: str, expected: list[tuple[str, int]]
) -> None:
    assert tokens(text) == expected


@settings(max_examples=300)
@given(st.lists(LETTERS, min_size=1, max_size=60), LETTERS)
@example(["neptunes", "ideology"], "netues")  # two letters that are missing of a word of eight
@example(["alone"], "alnoe")
@example(["home", "ham"], "hme")
def test_near_words_are_those_within_so_many_edits(words: list[str], typed: str) -> None:
    known = vocabulary(words)
    found = {(known[term], edits) for term, edits in known.near(typed, 10**6)}
    expected = {
        (word, edits)
        for word in words
        if 0 < (edits := OSA.distance(word, typed)) <= edits_allowed(max(len(word), len(typed)))
    }
    assert found <= expected
    for word, edits in expected - found:  # of two, those that exchange letters may be missed
        assert edits == 2
        assert Levenshtein.distance(word, typed) > 2


@given(st.lists(LETTERS, min_size=1, max_size=60), LETTERS)
def test_words_are_looked_up_whole_and_by_their_beginning(words: list[str], typed: str) -> None:
    known = vocabulary(words)
    number = known.number(typed)
    assert (number is None) == (typed not in words)
    assert number is None or known[number] == typed
    begun = {known[term] for term in known.beginning_with(typed)}
    assert begun == {word for word in words if word.startswith(typed)}


def test_the_likeliest_of_near_words_come_first() -> None:
    words = ["alen", "alien", "allen", "blien", "talien"]
    known = Vocabulary("".join(f"{w}\n" for w in words), np.array([1, 9, 2, 50, 90], np.int32))
    assert [known[term] for term, _ in known.near("alien", 9)] == [
        "allen",
        "alen",
        "talien",
        "blien",
    ]
    assert [known[term] for term, _ in known.near("alienx", 1)] == ["alien"]


def condition(*words: str, **more: Any) -> Condition:
    return Condition(words, **more)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", Query()),
        ("  ", Query()),
        ("Home Alone", Query(("home", "alone"), is_typing=True)),
        ("Home Alone ", Query(("home", "alone"))),
        ("the the", Query(("the",))),
        ("Person:Ford", Query(("ford",), (condition("ford", field="person"),))),
        ("alien -year:1979", Query(("alien",), other_years=((1979, 1979),))),
        ("year:1970..1990 year:1980-2000", Query(years=(1980, 1990))),
        ('year:"1979"', Query(years=(1979, 1979))),
        ("a" * 50, Query(("a" * 40,), is_typing=True)),
        ('"home alone"', Query(("home", "alone"), (condition("home", "alone"),))),
        ("“home alone”", Query(("home", "alone"), (condition("home", "alone"),))),
        ('"home al', Query(("home", "al"), (condition("home", "al"),))),
        ('"home"', Query(("home",), (condition("home"),))),
        ("alien -queen", Query(("alien",), (condition("queen", is_excluded=True),))),
        ("a -person:weaver", Query(("a",), (condition("weaver", field="person", is_excluded=True),))),
        ('person:"Tom Hanks" war', Query(("tom", "hanks", "war"), (condition("tom", "hanks", field="person"),), is_typing=True)),
        ("plot:shark", Query(("shark",), (condition("shark", field="overview"),))),
        ("-spider-man", Query((), (condition("spider", "man", is_excluded=True),))),
        ("year:1990..1999 x", Query(("x",), years=(1990, 1999), is_typing=True)),
        ("year:1990", Query(years=(1990, 1990))),
        ("year:199", Query(years=(1990, 1999))),
        ("year:1990..", Query(years=(1990, 9999))),
        ("year:..1985", Query(years=(0, 1985))),
        ("year:soon", Query(("year", "soon"), is_typing=True)),
        ("Alien:Resurrection", Query(("alien", "resurrection"), is_typing=True)),
        ("mission: impossible", Query(("mission", "impossible"), is_typing=True)),
        ('- -- "" : person: -person:', Query(("person",), (condition("person", is_excluded=True),))),
    ],
)  # fmt: skip
def test_what_is_typed_means(typed: str, expected: Query) -> None:
    found = parse(typed)
    assert found == expected if expected.words or expected.conditions else found.words == ()


@given(st.text(max_size=80))
def test_any_text_is_a_query(typed: str) -> None:
    assert parse(typed) is not None


TERMS = {"home", "alone", "spiderman", "oceans"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Home Alone 2", [("Home", True), (" ", False), ("Alone", True), (" 2", False)]),
        ("A Spider-Man", [("A ", False), ("Spider-Man", True)]),
        ("Ocean's 8", [("Ocean's", True), (" 8", False)]),
        ("HÔME", [("HÔME", True)]),
        ("nothing", [("nothing", False)]),
        ("", []),
    ],
)
def test_words_are_marked_where_they_stand(text: str, expected: list[tuple[str, bool]]) -> None:
    assert marked(text, TERMS) == [Part(*part) for part in expected]


@given(st.text(max_size=120), st.sets(LETTERS))
def test_marked_pieces_are_the_text(text: str, terms: set[str]) -> None:
    assert "".join(part.text for part in marked(text, terms)) == text


def test_an_excerpt_is_where_most_words_stand() -> None:
    text = f"home {'x ' * 200}home alone {'x ' * 200}"
    parts = excerpt(text, TERMS, 60)
    assert [part.text for part in parts if part.matched] == ["home", "alone"]
    assert parts[0].text == parts[-1].text.strip() + " " == "… "
    assert len("".join(part.text for part in parts)) < 80
    assert excerpt("x " * 200, TERMS, 60) == []
    assert excerpt("home", TERMS, 60) == marked("home", TERMS)


# The formula said again, film by film, with the words that are near found one by one.

FIELDS = ("title", "person", "overview", "keyword")
WORDS = ("home", "alone", "hope", "alien", "aliens", "the", "a", "starship", "starships", "wars")


@st.composite
def worlds(draw: st.DrawFn) -> list[Film]:
    def text(most: int) -> str:
        return " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=most)))

    def one(film_id: int) -> Film:
        details = {"overview": text(6), "keywords": [text(2)]} if draw(st.booleans()) else None
        return film(
            film_id,
            text(3),
            original_title=text(2),
            persons=[text(2) for _ in range(draw(st.integers(0, 2)))],
            vote_count=draw(st.none() | st.integers(0, 10**6)),
            details=details,
        )

    return [one(film_id) for film_id in range(1, draw(st.integers(2, 12)))]


def index_of(films: Sequence[Film]) -> tuple[Mapping[str, Any], Ranker]:
    """The index as tables, and a ranker that read it."""
    tables = {table.name: columns for table, columns in search_tables(films)}
    postings, terms = tables[SEARCH_POSTINGS.name], tables[SEARCH_TERMS.name]

    def flat(name: str, kind: type) -> Any:
        return np.array([value for values in postings[name] for value in values], dtype=kind)

    answers: dict[str, dict[str, Any]] = {
        "string_agg": {"terms": ["".join(f"{term}\n" for term in terms["term"])]},
        "SELECT films, idf": {
            "films": np.array(terms["films"], dtype=np.int32),
            "idf": np.array(terms["idf"]),
        },
        "dense_rank": {
            "term": np.array([terms["term"].index(term) for term in postings["term"]]),
            "field": np.array(postings["field"]),
            "n": np.array([len(rows) for rows in postings["film_rows"]]),
        },
        "unnest": {
            "row": flat("film_rows", np.int32),
            "position": flat("positions", np.int16),
            "weight": flat("weights", np.float32),
        },
        "count(*)": {"n": np.array([len(films)])},
    }
    read = read_postings(lambda sql: next(a for part, a in answers.items() if part in sql))
    votes = np.array([np.nan if f["vote_count"] is None else f["vote_count"] for f in films])
    return tables, Ranker(read, fame(votes))


def plainly_ranked(
    films: Sequence[Film], tables: Mapping[str, Any], typed: Sequence[str]
) -> dict[int, float]:
    """The films that answer words, none of which is still being typed, and their scores."""
    formula, n = Formula(), len(films)
    postings, terms = tables[SEARCH_POSTINGS.name], tables[SEARCH_TERMS.name]
    idf = dict(zip(terms["term"], terms["idf"], strict=True))
    having = dict(zip(terms["term"], terms["films"], strict=True))
    found = [
        (term, field, row, position, weight)
        for term, field, *lists in zip(*postings.values(), strict=True)
        for row, position, weight in zip(*lists, strict=True)
    ]
    most = max(math.log1p(max((f["vote_count"] or 0) for f in films)), 1.0)
    known = [math.log1p(f["vote_count"] or 0) / most for f in films]

    def meant(word: str) -> dict[str, float]:
        shares = formula.near_known if word in idf else formula.near
        near = {w: OSA.distance(w, word) for w in idf}
        allowed = {w: d for w, d in near.items() if d <= edits_allowed(max(len(w), len(word)))}
        return {w: 1.0 if w == word else shares[d] for w, d in allowed.items()}

    every = [meant(word) for word in typed]
    idfs = []
    for word, near in zip(typed, every, strict=True):
        films_of = min(sum(having[w] for w in near), n)
        idfs.append(idf.get(word, math.log1p((n - films_of + 0.5) / (films_of + 0.5))))
    scores, coverages = {}, {}
    for row in range(n):
        text = covered = 0.0
        in_title = dict.fromkeys(("title", "original_title"), 0.0)
        of_title = dict(in_title)
        for near, weight in zip(every, idfs, strict=True):
            own = [(t, f, w) for t, f, r, _, w in found if r == row and t in near]
            p = sum(near[t] * formula.fields[f] * w for t, f, w in own)
            share = max((near[t] for t, _, _ in own), default=0.0)
            text += weight * p / (formula.k1 + p)
            covered += weight * share
            for title in in_title:
                share = max((near[t] for t, f, _ in own if f == title), default=0.0)
                in_title[title] += weight * share
                of_title[title] += share
        total = sum(idfs)
        lengths = {
            title: max((p + 1 for _, f, r, p, _ in found if r == row and f == title), default=1)
            for title in in_title
        }
        title_score = max(
            (in_title[t] / total) ** 2 * min(of_title[t] / lengths[t], 1) for t in in_title
        )
        beside = 0.0
        for one, (ones, nexts) in enumerate(pairwise(every)):
            places = [
                {(f, p) for t, f, r, p, _ in found if r == row and t in near}
                for near in (ones, nexts)
            ]
            if any((f, p + 1) in places[1] for f, p in places[0] if f not in ("genre", "year")):
                beside += min(idfs[one : one + 2])
        coverages[row] = covered
        scores[row] = (
            text
            + formula.title * title_score
            + formula.beside * beside
            + formula.fame * known[row] * covered / total
        )
    best = max(coverages.values())
    least = formula.least * best * (1 - 1e-5)
    return {r: s for r, s in scores.items() if coverages[r] > max(0.0, least)}


@pytest.fixture(params=["sparse", "dense"])
def many(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Films with a word are gone through one by one, or all films are."""
    monkeypatch.setattr(ranking, "_MANY", 10.0 if request.param == "sparse" else -1.0)


@pytest.mark.usefixtures("many")
def test_the_order_is_that_of_the_formula() -> None:
    typed_words = st.sampled_from(
        (*WORDS, "hme", "alnoe", "starshipps", "nothing", "drama", "2000")
    )

    @settings(max_examples=150, database=None)
    @given(worlds(), st.lists(typed_words, min_size=1, max_size=5, unique=True))
    def check(films: list[Film], typed: list[str]) -> None:
        tables, ranker = index_of(films)
        found = ranker.rank(parse(" ".join(typed) + " "))
        expected = plainly_ranked(films, tables, typed)
        assert found.rows.tolist() == sorted(expected)
        np.testing.assert_allclose(found.scores, [expected[r] for r in sorted(expected)], rtol=1e-4)

    check()


def test_films_must_be_allowed_and_what_others_have_does_not_matter() -> None:
    films = [film(1, "Home Alone"), film(2, "Home"), film(3, "Ash")]
    _, ranker = index_of(films)
    allowed = np.array([False, True, True])
    found = ranker.rank(parse("home alone "), allowed)
    assert found.rows.tolist() == [1]
    assert ranker.rank(parse("")).rows.tolist() == [0, 1, 2]
    assert ranker.rank(parse(""), allowed).rows.tolist() == [1, 2]


CAST = [
    film(1, "Home Alone", persons=["Tom Ford", "Ann Hanks"], vote_count=1000),
    film(2, "Alone at Home", persons=["Tom Hanks"], vote_count=5000, details={"overview": "A shark at home. Sharks, alone."}),
    film(3, "The The", original_title="It", persons=["Harrison Ford"], vote_count=10),
    film(4, "Starship-Wars", genres=["Horror", "Sci-Fi"], details={"keywords": ["home alone"]}),
    film(5, "1984", original_title="8½", persons=["Jørgen", "Jean-Luc O'Neil"], rating=Decimal("8.00")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ('"home alone"', [1, 4]),
        ('title:"home alone"', [1]),
        ('"alone home"', []),
        ("title:home", [1, 2]),
        ("person:ford", [1, 3]),
        ('person:"tom hanks"', [2]),
        ('person:"tom hankz"', [2]),
        ("person:tom person:hanks", [1, 2]),
        ("plot:shark", [2]),
        ('plot:"at home"', [2]),
        ("genre:horror", [4]),
        ("genre:scifi", [4]),
        ("keyword:alone", [4]),
        ("-home", [3, 5]),
        ("home -person:hanks", [4]),
        ("alone -keyword:home -plot:shark", [1]),
        ("nobody", []),
    ],
)
def test_conditions_must_hold(typed: str, expected: list[int]) -> None:
    _, ranker = index_of(CAST)
    assert [row + 1 for row in ranker.rank(parse(f"{typed} ")).rows.tolist()] == expected


@pytest.mark.parametrize(
    ("typed", "best"),
    [
        ("home alone", 1),
        ("hme alnoe", 1),
        ("alone at hom", 2),
        ("the the", 3),
        ("it", 3),
        ("starship wars", 4),
        ("starshipwars", 4),
        ("starshi", 4),
        ("1984", 5),
        ("harison ford", 3),
        ("harrisonford", 3),
        ("shark", 2),
        ("jorgen", 5),
        ("jørgen", 5),
        ("8 1 2", 5),
    ],
)
def test_the_film_that_is_meant_comes_first(typed: str, best: int) -> None:
    _, ranker = index_of(CAST)
    found = ranker.rank(parse(typed))
    assert found.rows[int(np.argmax(found.scores))] + 1 == best


@pytest.mark.parametrize("typed", ["the hanks", "the hanks "])
def test_the_last_word_finds_films_by_itself(typed: str) -> None:
    _, ranker = index_of(CAST)
    assert {0, 1} <= set(ranker.rank(parse(typed)).rows.tolist())


@pytest.mark.parametrize(
    ("typed", "is_answered", "expected"),
    [
        ("home alone", True, []),
        ("hme alnoe ", True, ["home alone"]),
        ("home alo", True, []),
        ("harrisonford ", True, ["harrison ford"]),
        ('person:home "home alone"', False, ["home alone", "home", "alone"]),
        ("hme year:1990..1999 -shark", True, ["home -shark year:1990..1999"]),
        ('-person:"tom ford" hme', True, ['home -person:"tom ford"']),
        ("home year:1700", False, ["home"]),
        ("title:hme -year:..1950", False, ["title:home -year:..1950", "home"]),
        ("starqqqq", False, ["starship"]),
        ("qqqqqqq", False, []),
        ("", False, []),
    ],
)
def test_other_queries_are_told(typed: str, is_answered: bool, expected: list[str]) -> None:
    _, ranker = index_of(CAST)
    assert ranker.other_queries(parse(typed), is_answered=is_answered) == expected


@given(
    st.lists(
        st.sampled_from(
            ["home", "alone", '"home alone"', '"shark"', "-shark", '-"a shark"', "person:ford",
             'title:"the the"', "-genre:war", "plot:shark", "year:1990", "year:199", "year:..1950",
             "year:1980..", "year:0..", "-year:..9", "-year:2000..2010", "year:1990..1985", "WALL·E", "foo:bar", ""]
        ),
        max_size=6,
    )
)  # fmt: skip
def test_a_query_that_is_written_again_asks_for_the_same(parts: list[str]) -> None:
    asked = parse(" ".join(parts))
    again = parse(written(asked, {}))
    assert set(again.words) == set(asked.words)
    assert replace(again, words=(), is_typing=False) == replace(asked, words=(), is_typing=False)


@pytest.mark.parametrize(
    ("typed", "films", "people"),
    [
        (["hom", "al"], [2, 1], []),
        (["home", "alone"], [2, 1], []),
        (["h"], [2, 1], ["Tom Hanks", "Ann Hanks", "Harrison Ford"]),
        (["tom"], [], ["Tom Hanks", "Tom Ford"]),
        (["tom", "h"], [], ["Tom Hanks"]),
        (["hnaks"], [], ["Tom Hanks", "Ann Hanks"]),
        (["tom", "hnaks"], [], ["Tom Hanks"]),
        (["jeanl"], [], ["Jean-Luc O'Neil"]),
        (["oneil", "luc"], [], ["Jean-Luc O'Neil"]),
        (["hmoe"], [2, 1], []),
        (["starsh"], [4], []),
        (["19"], [5], []),
        ([], [], []),
    ],
)
def test_what_is_typed_is_completed(typed: list[str], films: list[int], people: list[str]) -> None:
    _, ranker = index_of(CAST)
    names = sorted({name for one in CAST for name in one["persons"]})
    written = [name.encode() for name in names]
    members = [[row for row, one in enumerate(CAST) if name in one["persons"]] for name in names]
    suggester = Suggester(
        ranker.postings,
        ranker.fame,
        Members(
            np.concatenate(members).astype(np.int32), np.array(list(map(len, members))), len(CAST)
        ),
        Texts(b"".join(written), np.array(list(map(len, written))), np.arange(0, dtype=np.int32)),
    )

    assert [row + 1 for row in suggester.films(typed, 9).tolist()] == films
    assert [names[one.row] for one in suggester.people(typed, 9)] == people
    assert [row + 1 for row in suggester.films(typed, 1).tolist()] == films[:1]
