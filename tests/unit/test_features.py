"""Features against scikit-learn's TF-IDF, and against sums done by hand."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from filmkin.errors import SettingError
from filmkin.features import FieldShares, film_features, nearest_steps
from filmkin.text import in_the_singular, series_name, telling_words
from tests.world import Film, feature_columns, film

FILMS: list[Film] = [
    film(1, "Star Harbour", genres=["Drama", "War"], persons=["Ann", "Bob"]),
    film(2, "Star Harbour II", genres=["War"], persons=["Ann"], rating=Decimal("6.25")),
    film(3, "The The", genres=["Comedy", "Drama"], persons=[], rating=None),
    film(4, "Harbour of Harbour", genres=["Drama"], persons=["Cy", "Bob", "Dee"]),
    film(5, None, genres=["Comedy"], persons=["Eve"]),
]


def only(field: str) -> FieldShares:
    return FieldShares(**(dict.fromkeys(FieldShares().as_dict(), 0.0) | {field: 1.0}))


def cosines(shares: FieldShares, films: list[Film] = FILMS) -> np.ndarray:
    matrix = film_features(feature_columns(films), shares).matrix.toarray()
    return np.asarray(matrix @ matrix.T)


@pytest.mark.parametrize(
    ("field", "tokens"),
    [
        ("title", lambda row: sorted(set(telling_words(row["title"] or "")))),
        (
            "series",
            lambda row: [in_the_singular(series_name(row["title"]))] if row["title"] else [],
        ),
        ("genres", lambda row: row["genres"]),
    ],
)
def test_a_field_alone_is_scikit_learns_tf_idf(
    field: str, tokens: Callable[[Film], list[str]]
) -> None:
    ours = cosines(only(field))
    oracle = TfidfVectorizer(analyzer=tokens).fit_transform(FILMS).toarray()
    np.testing.assert_allclose(ours, oracle @ oracle.T, atol=1e-12)


def test_people_alone_are_the_cosine_of_who_takes_part() -> None:
    sharing_one_of_two_and_three = cosines(only("people"))[0, 3]
    assert sharing_one_of_two_and_three == pytest.approx(1 / np.sqrt(2 * 3), abs=1e-12)


def test_the_cosine_is_the_mean_of_the_fields_cosines_weighted_by_their_shares() -> None:
    shares = FieldShares(0.3, 0.1, 0.2, 0.1, 0.2, 0.1)
    first, second = 0, 1  # films that have all fields
    people = [2, 1, 0, 3, 1]
    # The people's part grows with the root of their number, and has its share on average.
    grown = {"people": np.sqrt(people) / np.mean(np.sqrt(people))}

    def part(name: str, share: float, film: int) -> float:
        return share * float(grown.get(name, np.ones(len(FILMS)))[film])

    expected = sum(
        np.sqrt(part(name, share, first) * part(name, share, second))
        * cosines(only(name))[first, second]
        for name, share in shares.as_dict().items()
    ) / np.sqrt(
        np.prod(
            [
                sum(part(*each, film) for each in shares.as_dict().items())
                for film in (first, second)
            ]
        )
    )
    assert cosines(shares)[first, second] == pytest.approx(expected, abs=1e-12)


def test_every_film_is_a_unit_vector_whatever_it_lacks() -> None:
    assert np.diag(cosines(FieldShares())) == pytest.approx(np.ones(len(FILMS)), abs=1e-12)


def test_the_common_part_of_the_matrix_is_to_the_bit_a_scale_times_a_row_of_few() -> None:
    features = film_features(feature_columns(FILMS), FieldShares())
    part = features.matrix[:, features.common_from :].toarray()
    np.testing.assert_array_equal(part, features.scales[:, None] * features.common.toarray())


def test_only_the_proportions_of_the_shares_matter() -> None:
    one = cosines(FieldShares(0.3, 0.1, 0.1, 0.3, 0.1, 0.1))
    ten = cosines(FieldShares(3, 1, 1, 3, 1, 1))
    np.testing.assert_allclose(one, ten, atol=1e-15)


def test_a_series_is_found_in_the_plural_and_told_as_titles_write_it() -> None:
    titles = ["Star Wars: A Start", "Star Wars II", "Aliens", "Alien: Home"]
    films = [film(n, title) for n, title in enumerate(titles, start=1)]
    features = film_features(feature_columns(films), only("series"))
    assert features.token_texts == ["alien", "star wars"]
    similar = np.kron(np.eye(2), np.ones((2, 2)))
    np.testing.assert_allclose(cosines(only("series"), films), similar, atol=1e-12)


def test_namesakes_are_different_people() -> None:
    films = [
        film(1, "Ash", persons=["Ann"], person_ids=[7]),
        film(2, "Oak", persons=["Ann"], person_ids=[8]),
    ]
    assert cosines(only("people"), films)[0, 1] == 0


def test_a_token_says_its_field_its_text_and_its_idf() -> None:
    features = film_features(feature_columns(FILMS), FieldShares())
    tokens = list(
        zip(features.token_fields, features.token_texts, features.token_weights, strict=True)
    )
    assert ("people", "Bob", 1.0) in tokens
    assert ("series", "star harbour", pytest.approx(np.log(6 / 3) + 1)) in tokens
    assert ("title", "harbour", pytest.approx(np.log(6 / 4) + 1)) in tokens
    fields = ["title", "series", "people", "genres", "rating", "year"]
    assert [field for field, *_ in tokens] == sorted(
        (field for field, *_ in tokens), key=fields.index
    )
    assert tokens[features.common_from - 1][0] == "people"
    assert tokens[features.common_from][0] == "genres"


def test_a_rating_is_shared_between_its_two_nearest_steps() -> None:
    rows, steps, closeness = nearest_steps(np.array([7.25, np.nan, 8.0]), 1)
    found = sorted(zip(rows.tolist(), steps.tolist(), closeness.tolist(), strict=True))
    assert found == [(0, 7, 0.75), (0, 8, 0.25), (2, 8, 1.0)]


def test_a_year_is_shared_between_its_two_nearest_half_decades() -> None:
    features = film_features(feature_columns([film(1, year=date(1977, 1, 1))]), only("year"))
    ratio = features.matrix.data[0] / features.matrix.data[1]
    assert features.token_texts == ["1975", "1980"]
    assert ratio == pytest.approx(0.6 / 0.4)


@pytest.mark.parametrize(
    "shares", [(0, 0, 0, 0, 0, 0), (-1, 1, 1, 1, 1, 1), (float("nan"), 1, 1, 1, 1, 1)]
)
def test_shares_that_mean_nothing_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(SettingError, match="field shares"):
        FieldShares(*shares)
