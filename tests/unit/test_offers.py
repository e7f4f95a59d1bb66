"""What a person is offered: by ratings, by content, by popularity; beside the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from filmkin.content import EMPHASIS, Profile, neutral, worth
from filmkin.features import FieldShares, film_features
from filmkin.neighbours import InvertedIndex
from filmkin.offers import Offers, Rated, newest, popularity
from tests.recommending import recommender_of
from tests.world import feature_columns, film

TOKENS = 12


def vectors_of(film_ids: list[int], seed: int = 0) -> tuple[InvertedIndex, NDArray[np.float64]]:
    """Unit vectors by chance, as an index and as rows (n, TOKENS)."""
    chance = np.random.default_rng(seed)
    rows = chance.random((len(film_ids), TOKENS)) * (chance.random((len(film_ids), TOKENS)) < 0.4)
    rows[:, 0] += 0.05  # all have something
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    films, tokens = np.nonzero(rows)
    ids = np.array(film_ids, np.int32)[films]
    return InvertedIndex(ids, tokens.astype(np.int32), rows[films, tokens]), rows


def rated_of(**films: float) -> Rated:
    """`f10=4.5` is film 10; the newest first."""
    ids = [int(name[1:]) for name in films]
    return Rated(np.array(ids, np.int32), np.array(list(films.values()), np.float64))


FILMS = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
# Two films of the ratings are not in the build, three of the build have none.
KNOWN = [5, 10, 11, 12, 13, 14, 15, 16, 99]
COUNTS = [50, 30, 40, 25, 24, 90, 25, 3, 70]


@pytest.fixture
def offers() -> Offers:
    vectors, _ = vectors_of(FILMS)
    popularity = np.arange(len(FILMS), dtype=np.float64)
    return Offers(np.array(FILMS, np.int32), recommender_of(KNOWN, COUNTS), vectors, popularity)


def everything(offers: Offers) -> NDArray[np.bool_]:
    return np.ones(len(offers.film_ids), dtype=bool)


@given(
    st.dictionaries(st.sampled_from(range(30)), st.floats(0.5, 5), max_size=10),
    st.none() | st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=TOKENS, max_size=TOKENS),
    st.integers(0, 2**32 - 1),
)
def test_a_profile_is_the_sum_of_weighted_vectors(
    ratings: dict[int, float], emphasis: list[float] | None, seed: int
) -> None:
    films = list(range(0, 30, 2))  # half of those that are rated are not known
    vectors, rows = vectors_of(films, seed)
    ids, stars = np.array(list(ratings), np.int32), np.array(list(ratings.values()))
    profile = Profile(vectors, ids, stars, None if emphasis is None else np.array(emphasis))
    level = neutral(stars)
    known = {film_id: one - level for film_id, one in ratings.items() if film_id in films}
    cosines = rows * np.array(emphasis or [1.0] * TOKENS) @ rows.T
    expected = sum((w * cosines[:, films.index(j)] for j, w in known.items()), np.zeros(15))
    np.testing.assert_allclose(profile.scores(), expected, atol=1e-12)
    for row in range(15):
        shares = {j: w * cosines[row, films.index(j)] for j, w in known.items()}
        told = profile.because(row, 3)
        best = sorted((-share, j) for j, share in shares.items() if share > 1e-12)[:3]
        np.testing.assert_allclose([reason.share for reason in told], [-s for s, _ in best])


def test_a_word_of_a_title_is_not_enough_to_be_offered_for() -> None:
    """Film 2 shares a word with the one that was liked, film 3 a person, film 4 the series."""
    titles = ["Alien", "Alien Zone", "Legend", "Aliens", *(f"Other{n}" for n in range(30))]
    films = [
        film(n, title, persons=[*(["Ridley Scott"] if n in (1, 3) else []), *(f"{n}-{k}" for k in range(8))])
        for n, title in enumerate(titles, 1)
    ]  # fmt: skip
    features = film_features(feature_columns(films), FieldShares())
    rows = features.matrix.tocoo()
    vectors = InvertedIndex(features.film_ids[rows.row], rows.col.astype(np.int32), rows.data)
    emphasis = np.array([EMPHASIS.get(field, 1.0) for field in features.token_fields])
    liked = (np.array([1], np.int32), np.array([5.0]))
    plain, ours = Profile(vectors, *liked).scores(), Profile(vectors, *liked, emphasis).scores()
    assert plain[1] > plain[2]
    assert ours[3] > ours[2] > ours[1] > 0  # the series most, the word least


def test_what_is_neutral_lies_between_three_stars_and_a_persons_mean() -> None:
    assert neutral(np.array([])) == 3.0
    assert neutral(np.array([5.0])) == pytest.approx(11 / 3)
    assert neutral(np.array([4.0] * 98)) == pytest.approx(3.98)


def test_films_of_enough_ratings_stand_by_score_with_their_prediction(offers: Offers) -> None:
    rated = rated_of(f99=5, f10=1)
    found = offers.of(rated).top(everything(offers), 4)
    person = offers.recommender.person(*rated)
    scores = dict(zip(KNOWN, person.scores().tolist(), strict=True))
    predicted = dict(zip(KNOWN, person.predicted().tolist(), strict=True))
    expected = sorted((11, 12, 14, 15), key=lambda film_id: -scores[film_id])
    assert [one.film_id for one in found] == expected
    for one in found:
        place = KNOWN.index(one.film_id)
        assert one.source == "ratings"
        assert one.predicted_rating == predicted[one.film_id]
        assert one.ratings == COUNTS[place]
        assert one.because == person.because(place, 3)


def test_every_fifth_place_is_contents_and_the_rest_follows(offers: Offers) -> None:
    rated = rated_of(f99=5, f17=5)
    found = offers.of(rated).top(everything(offers), 10)
    assert len(found) == 9
    assert [one.source for one in found][:6] == ["ratings"] * 4 + ["content", "ratings"]
    assert {one.film_id for one in found} == set(FILMS) - {17}
    liking = Profile(offers.vectors, *rated).scores()
    by_content = [one for one in found if one.source == "content"]
    assert [one.film_id for one in by_content] == sorted(
        (13, 16, 18, 19), key=lambda film_id: -liking[FILMS.index(film_id)]
    )
    assert all(one.predicted_rating is None for one in by_content)
    assert all({reason.film_id for reason in one.because} == {17} for one in by_content)
    assert {one.film_id: one.ratings for one in by_content} == {13: 24, 16: 3, 18: 0, 19: 0}


def test_with_no_least_number_all_rated_films_are_predicted(offers: Offers) -> None:
    found = offers.of(rated_of(f99=5)).top(everything(offers), 10, min_ratings=0)
    by_ratings = {one.film_id for one in found if one.source == "ratings"}
    assert by_ratings == {10, 11, 12, 13, 14, 15, 16}
    found = offers.of(rated_of(f99=5)).top(everything(offers), 10, min_ratings=1000)
    assert {one.source for one in found} <= {"content", "popular"}


def test_who_rated_nothing_is_offered_what_is_popular(offers: Offers) -> None:
    found = offers.of(rated_of()).top(everything(offers), 3)
    assert [(one.film_id, one.source) for one in found] == [(19, "popular"), (18, "popular"), (17, "popular")]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12))
def test_what_is_popular_here_goes_before_what_is_popular_elsewhere(
    films: list[tuple[int, int]],
) -> None:
    here, elsewhere = np.array(films, np.float64).reshape(-1, 2).T
    found = np.argsort(-popularity(here, elsewhere)).tolist()
    assert found == sorted(range(len(films)), key=lambda row: (-here[row], -elsewhere[row], row))


def test_what_content_speaks_against_is_not_offered_as_its(offers: Offers) -> None:
    found = offers.of(rated_of(f17=0.5)).top(everything(offers), 10)
    assert [one.film_id for one in found] == [19, 18, 16, 15, 14, 13, 12, 11, 10]
    assert {one.source for one in found} == {"popular"}


@given(
    st.dictionaries(st.sampled_from([*FILMS, 5, 99, 1000]), st.floats(0.5, 5)),
    st.integers(1, 12),
    st.integers(0, 60),
    st.lists(st.booleans(), min_size=10, max_size=10),
)
def test_a_list_holds_candidates_alone_each_once_and_none_that_is_rated(
    ratings: dict[int, float], most: int, min_ratings: int, chosen: list[bool]
) -> None:
    vectors, _ = vectors_of(FILMS)
    recommender = recommender_of(KNOWN, COUNTS)
    offers = Offers(np.array(FILMS, np.int32), recommender, vectors, np.ones(len(FILMS)))
    rated = Rated(np.array(list(ratings), np.int32), np.array(list(ratings.values())))
    found = [one.film_id for one in offers.of(rated).top(np.array(chosen), most, min_ratings)]
    allowed = {film_id for film_id, is_one in zip(FILMS, chosen, strict=True) if is_one}
    assert len(found) == len(set(found)) == min(most, len(allowed - set(ratings)))
    assert set(found) <= allowed - set(ratings)


def test_one_film_is_as_in_the_list_and_its_own_rating_does_not_count(offers: Offers) -> None:
    rated = rated_of(f99=5, f17=4, f10=1)
    personal = offers.of(rated)
    listed = {one.film_id: one for one in personal.top(everything(offers), 10)}
    assert {film_id: personal.one(film_id) for film_id in listed} == listed
    assert offers.of(rated.without(17)).one(17) == offers.of(rated_of(f99=5, f10=1)).one(17)
    assert 5 not in listed
    assert personal.one(5).source == "ratings"
    assert offers.of(rated_of()).one(10) == (10, None, 30, "popular", ())


def test_without_any_ratings_in_the_build_content_speaks() -> None:
    vectors, _ = vectors_of(FILMS)
    offers = Offers(np.array(FILMS, np.int32), recommender_of([], []), vectors, np.ones(10))
    found = offers.of(rated_of(f10=5)).top(everything(offers), 3)
    assert [one.source for one in found] == ["content"] * 3
    assert [(one.ratings, one.because[0].film_id) for one in found] == [(0, 10)] * 3


def test_the_newest_are_those_of_whole_years(offers: Offers) -> None:
    years = np.array([2020.0] * 60 + [2019] * 60 + [2018] * 60 + [np.nan] * 5)
    every = np.ones(len(years), dtype=bool)
    assert newest(years, every, 10).sum() == 120
    assert newest(years, every, 121).sum() == 180
    assert newest(years, every, 1000).sum() == 180
    assert newest(years, years == 2018, 1).sum() == 60
    assert newest(years, np.isnan(years), 1).sum() == 0


def test_what_a_person_rated_does_not_count_among_the_newest(offers: Offers) -> None:
    years = np.array([2000.0] * 8 + [2001, 2002])
    personal = offers.of(rated_of(f18=5, f19=5))
    found = personal.recent(years, everything(offers), 8)
    assert {one.film_id for one in found} == set(range(10, 18))


def test_a_few_votes_lean_on_the_mean_of_all_films() -> None:
    votes = np.array([1.0, 10**6, 10**6, np.nan])
    good, none = worth(np.array([9.0, 9.0, 5.0, np.nan]), votes), 3
    assert good[1] > good[0] > good[2]
    assert good[none] == pytest.approx((((9 + 9 + 5) / 3 - 1) / 9) ** 2)


@pytest.mark.parametrize(
    ("ratings", "votes"), [([8.0, np.nan], [0.0, 0.0]), ([np.nan, np.nan], [5.0, np.nan])]
)
def test_without_any_votes_no_film_is_thought_better(
    ratings: list[float], votes: list[float]
) -> None:
    assert worth(np.array(ratings), np.array(votes)).tolist() == [1, 1]


def test_of_films_alike_the_better_one_is_offered_first() -> None:
    film_ids = np.array([1, 2, 3], np.int32)
    vectors = InvertedIndex(film_ids, np.zeros(3, np.int32), np.ones(3))
    nobody = recommender_of([], [])
    offers = Offers(film_ids, nobody, vectors, np.ones(3), np.array([1.0, 0.2, 0.9]))
    rated = Rated(np.array([1], np.int32), np.array([5.0]))
    assert [o.film_id for o in offers.of(rated).top(np.ones(3, bool), 2)] == [3, 2]
