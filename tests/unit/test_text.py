import pytest

from filmkin.text import fold, in_the_singular, series_name, telling_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Amélie", "amelie"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Straße", "strasse"),
        ("Ｗｉｄｅ", "wide"),
        ("Война", "воина"),
    ],
)
def test_folding_drops_case_and_accents(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ocean's Eleven", ["oceans", "eleven"]),
        (
            "Star Wars: Episode IV - A New Hope",
            ["star", "wars", "episode", "iv", "a", "new", "hope"],
        ),
        ('"Unbalanced', ["unbalanced"]),
        ("snake_case", ["snake", "case"]),
        ("2001: A Space Odyssey", ["2001", "a", "space", "odyssey"]),
        ("...", []),
        ("七人の侍", ["七人の侍"]),
        ("हिन्दी फ़िल्म", ["हिन्दी", "फ़िल्म"]),
        ("기생충 ガメラ", ["기생충", "ガメラ"]),
    ],
)
def test_words_are_runs_of_letters_and_digits(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The Lord of the Rings", ["lord", "rings"]),
        ("Rocky IV", ["rocky"]),
        ("Die Hard 2", ["hard"]),
        (
            "Star Wars: Episode VI - Return of the Jedi",
            ["star", "wars", "episode", "return", "jedi"],
        ),
        ("Mix", ["mix"]),
        ("Civic", ["civic"]),
    ],
)
def test_stop_words_and_numerals_do_not_tell(title: str, expected: list[str]) -> None:
    assert telling_words(title) == expected


@pytest.mark.parametrize("title", ["The The", "300", "X", "It", "II", "8½"])
def test_a_title_of_nothing_else_keeps_its_words(title: str) -> None:
    assert telling_words(title) == words(title) != []


@pytest.mark.parametrize(
    ("title", "series"),
    [
        ("Aliens", "aliens"),
        ("Alien: Resurrection", "alien"),
        ("Alien 3", "alien"),
        ("The Godfather: Part III", "godfather"),
        ("Star Trek II: The Wrath of Khan", "star trek"),
        ("Ocean's Twelve", "oceans twelve"),
        ("Spider-Man - Far from Home", "spider man"),
        ("Amélie – Le retour", "amelie"),
        ("300: Rise of an Empire", "300"),
        (": ", ""),
        ("", ""),
    ],
)
def test_a_series_is_what_stands_before_the_subtitle(title: str, series: str) -> None:
    assert series_name(title) == series


@pytest.mark.parametrize(
    ("name", "singular"),
    [("aliens", "alien"), ("star wars", "star war"), ("glass", "glass"), ("us", "us"), ("", "")],
)
def test_a_plural_is_taken_for_its_singular(name: str, singular: str) -> None:
    assert in_the_singular(name) == singular
