import pytest

from filmkin.text import fold, telling_words, words


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
