"""The people of the sample: MovieLens' form and figures, and tastes that show in their ratings."""

import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from workflow.sample import generate

TITLES = 12_000
HEADERS = {
    "ratings": "userId,movieId,rating,timestamp",
    "movies": "movieId,title,genres",
    "links": "movieId,imdbId,tmdbId",
    "tags": "userId,movieId,tag,timestamp",
}
# Of ml-latest-small's 100,836 ratings: how often each number of stars is given.
STARS = {1: 0.028, 1.5: 0.018, 2: 0.075, 2.5: 0.055, 3: 0.199, 3.5: 0.130, 4: 0.266, 4.5: 0.085, 5: 0.131}  # fmt: skip


class Given(NamedTuple):
    """A rating, with the number of its movie and its time."""

    user: str
    movie: str
    stars: float
    seconds: int


@dataclass
class Sample:
    folder: Path
    counts: dict[str, int]

    def __post_init__(self) -> None:
        self.ratings = [Given(u, m, float(r), int(s)) for u, m, r, s in self.rows("ratings")]
        self.movies = {movie: (title, genres) for movie, title, genres in self.rows("movies")}
        self.links = {movie: (f"tt{imdb}", tmdb) for movie, imdb, tmdb in self.rows("links")}
        self.tags = self.rows("tags")
        self.tastes = json.loads((self.folder / "tastes.json").read_text("utf-8"))
        self.basics = {row[0]: row for row in self.imdb("title.basics")}
        self.by_user: dict[str, list[Given]] = defaultdict(list)
        for rating in self.ratings:
            self.by_user[rating.user].append(rating)

    def rows(self, name: str) -> list[list[str]]:
        with (self.folder / "movielens" / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            return list(csv.reader(text))[1:]

    def imdb(self, name: str) -> list[list[str]]:
        text = gzip.decompress((self.folder / f"{name}.tsv.gz").read_bytes()).decode("utf-8")
        return [line.split("\t") for line in text[:-1].split("\n")[1:]]

    def genres(self, movie: str) -> set[str]:
        """By IMDb's names; none for a movie that it does not know."""
        row = self.basics.get(self.links[movie][0])
        return set(row[8].split(",")) if row else set()

    def opinion(self, rating: Given) -> int:
        """1 where the person likes a genre of the film, -1 where it dislikes one."""
        own, taste = self.genres(rating.movie), self.tastes[rating.user]
        return bool(own & set(taste["likes"])) - bool(own & set(taste["dislikes"]))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder, generate(titles=TITLES, seed=1, out=folder))


def test_the_files_have_the_form_of_movielens(sample: Sample) -> None:
    for name, header in HEADERS.items():
        data = (sample.folder / "movielens" / f"{name}.csv").read_bytes()
        assert data.startswith(f"{header}\r\n".encode())
        assert data.endswith(b"\r\n")
        assert (
            data.count(b"\n") == data.count(b"\r\n") == sample.counts[f"movielens/{name}.csv"] + 1
        )
    lines = (sample.folder / "movielens" / "ratings.csv").read_text("utf-8").split("\n")[1:-1]
    assert all(re.fullmatch(r"\d+,\d+,([1-5]\.0|[0-4]\.5),\d{10}\r?", line) for line in lines)
    assert all(re.fullmatch(r"tt\d{7,}", imdb) for imdb, _ in sample.links.values())
    text = (sample.folder / "movielens" / "tags.csv").read_text("utf-8")
    assert '"slow, but good"' in text
    assert '"so-called ""classic"""' in text


def test_rows_are_in_the_order_of_movielens(sample: Sample) -> None:
    pairs = [(int(rating.user), int(rating.movie)) for rating in sample.ratings]
    assert pairs == sorted(set(pairs))
    tagged = [(int(user), int(movie)) for user, movie, *_ in sample.tags]
    assert tagged == sorted(tagged)
    for movies in (sample.movies, sample.links):
        assert list(movies) == sorted(movies, key=int)
    assert set(sample.movies) == set(sample.links)


def test_titles_carry_years_and_genres_movielens_names(sample: Sample) -> None:
    dated = [bool(re.search(r" \(\d{4}\)$", title)) for title, _ in sample.movies.values()]
    assert 0.98 < np.mean(dated) <= 1
    assert any(re.search(r", The \(\d{4}\)$", title) for title, _ in sample.movies.values())
    assert not any(title.startswith("The ") for title, _ in sample.movies.values())
    genres = {genre for _, cell in sample.movies.values() for genre in cell.split("|")}
    assert {"Children", "Drama", "(no genres listed)"} <= genres
    assert not genres & {"Family", "Biography", "History", "Music", "\\N", ""}


def test_the_numbers_of_movies_say_nothing_of_imdb(sample: Sample) -> None:
    imdb = [int(tconst[2:]) for tconst, _ in sample.links.values()]
    assert len(set(imdb)) == len(imdb)
    assert abs(np.corrcoef(np.arange(len(imdb)), imdb)[0, 1]) < 0.2


def test_some_movies_are_not_where_one_looks_for_them(sample: Sample) -> None:
    unknown = [movie for movie, (tconst, _) in sample.links.items() if tconst not in sample.basics]
    assert len(unknown) / len(sample.links) == pytest.approx(0.05, abs=0.015)
    rated = {rating.movie for rating in sample.ratings}
    unrated = set(sample.movies) - rated
    assert 0 < len(unrated) < 0.02 * len(sample.movies)
    assert unrated <= {movie for _, movie, *_ in sample.tags}
    without = [movie for movie, (_, tmdb) in sample.links.items() if not tmdb]
    assert 0 < len(without) < 0.02 * len(sample.movies)
    voted = {row[0] for row in sample.imdb("title.ratings")}
    assert {tconst for tconst, _ in sample.links.values()} & set(sample.basics) <= voted


def test_people_rate_as_those_of_movielens_do(sample: Sample) -> None:
    counts = [len(given) for given in sample.by_user.values()]
    assert len(counts) == len(sample.tastes) == sample.counts["tastes.json"] == 60
    assert min(counts) >= 20
    assert np.median(counts) == pytest.approx(70, abs=25)
    stars = [rating.stars for rating in sample.ratings]
    assert np.mean(stars) == pytest.approx(3.50, abs=0.15)
    assert np.std(stars) == pytest.approx(1.04, abs=0.15)
    shares = {star: n / len(stars) for star, n in Counter(stars).items()}
    assert all(shares[star] == pytest.approx(share, abs=0.05) for star, share in STARS.items())


def test_films_of_many_votes_are_rated_more_often(sample: Sample) -> None:
    votes = {row[0]: int(row[2]) for row in sample.imdb("title.ratings")}
    times = Counter(rating.movie for rating in sample.ratings)
    known = [movie for movie in times if sample.links[movie][0] in votes]
    known.sort(key=lambda movie: votes[sample.links[movie][0]])
    few, many = known[: len(known) // 4], known[-len(known) // 4 :]
    assert np.mean([times[m] for m in many]) > 2 * np.mean([times[m] for m in few])


def test_what_a_person_likes_shows_in_its_ratings(sample: Sample) -> None:
    stars: dict[int, list[float]] = defaultdict(list)
    for rating in sample.ratings:
        stars[sample.opinion(rating)].append(rating.stars)
    assert np.mean(stars[1]) - np.mean(stars[0]) > 0.35
    assert np.mean(stars[0]) - np.mean(stars[-1]) > 0.35
    assert min(len(stars[1]), len(stars[-1])) > 0.03 * len(sample.ratings)


def test_who_loves_a_series_rates_it_and_highly(sample: Sample) -> None:
    series = json.loads((sample.folder / "franchises.json").read_text("utf-8"))
    lovers = {user: taste["series"] for user, taste in sample.tastes.items() if taste["series"]}
    assert 0.1 < len(lovers) / len(sample.tastes) < 0.5
    above = [
        rating.stars - np.mean([other.stars for other in sample.by_user[user]])
        for user, name in lovers.items()
        for rating in sample.by_user[user]
        if sample.links[rating.movie][0] in series[name]
    ]
    assert len(above) > len(lovers)
    assert np.mean(above) > 0.4


def test_tastes_are_shared_by_many_and_do_not_contradict_themselves(sample: Sample) -> None:
    groups = Counter(tuple(taste["likes"]) for taste in sample.tastes.values())
    assert 3 <= len(groups) <= 10
    for taste in sample.tastes.values():
        assert 2 <= len(taste["likes"]) <= 3
        assert 1 <= len(taste["dislikes"]) <= 2
        assert not set(taste["likes"]) & set(taste["dislikes"])


def test_people_rate_in_sittings_what_has_come_out(sample: Sample) -> None:
    sittings = []
    for given in sample.by_user.values():
        seconds = sorted(rating.seconds for rating in given)
        assert len(set(seconds)) == len(seconds)
        pauses = np.diff(seconds)
        assert np.median(pauses) < 60
        sittings.append(1 + int((pauses > 3_600).sum()))
    assert np.median(sittings) <= 2
    assert max(sittings) > 2
    for rating in sample.ratings:
        row = sample.basics.get(sample.links[rating.movie][0])
        if row and row[5] != "\\N":
            assert int(row[5]) <= datetime.fromtimestamp(rating.seconds, UTC).year


@pytest.mark.parametrize(("titles", "seed"), [(50, 3), (137, 4)])
def test_a_small_sample_has_people_too(tmp_path: Path, titles: int, seed: int) -> None:
    small = Sample(tmp_path, generate(titles=titles, seed=seed, out=tmp_path))
    assert len(small.by_user) == 60
    assert len(small.movies) >= 5
    assert {rating.movie for rating in small.ratings} <= set(small.movies)
