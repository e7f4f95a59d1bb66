"""What people rated, in the form of MovieLens' files: CSV with CRLF, as in ml-latest-small."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from workflow.sample import tastes
from workflow.sample.arrow import Bools, Ints
from workflow.sample.known_films import KnownFilms, with_unknown
from workflow.sample.plan import Plan, stream
from workflow.sample.raters import Raters, Ratings, make_raters, make_ratings

RATINGS, TAGS = "movielens/ratings.csv", "movielens/tags.csv"
MOVIES, LINKS = "movielens/movies.csv", "movielens/links.csv"
HEADERS = {
    RATINGS: ("userId", "movieId", "rating", "timestamp"),
    MOVIES: ("movieId", "title", "genres"),
    LINKS: ("movieId", "imdbId", "tmdbId"),
    TAGS: ("userId", "movieId", "tag", "timestamp"),
}
_ARTICLES = ("The ", "A ", "An ")

Row: TypeAlias = Sequence[object]


def make(plan: Plan, known: KnownFilms) -> tuple[Raters, dict[str, Sequence[Row]]]:
    """The people, and the rows of each file."""
    rng = stream(plan.seed, "ratings")
    films = with_unknown(plan, rng, known)
    can_be_rated = np.ones(len(films), np.bool_)
    unrated = rng.choice(len(films), _share(films, tastes.UNRATED_SHARE), replace=False)
    can_be_rated[unrated] = False
    raters = make_raters(rng, plan.titles, films)
    ratings = make_ratings(rng, raters, films, can_be_rated)
    movie_ids = _movie_ids(rng, len(films))
    tags = list(_tags(rng, raters, ratings, unrated, movie_ids))
    listed = np.unique(np.concatenate((ratings.film, unrated)))
    listed = listed[np.argsort(movie_ids[listed])]
    no_tmdb = np.zeros(len(films), np.bool_)
    no_tmdb[rng.choice(listed, _share(films, tastes.NO_TMDB_SHARE), replace=False)] = True
    return raters, {
        RATINGS: list(_rating_rows(ratings, movie_ids)),
        MOVIES: list(_movie_rows(films, movie_ids, listed)),
        LINKS: list(_link_rows(rng, films, movie_ids, listed, no_tmdb)),
        TAGS: sorted(tags),
    }


def write(file: Path, header: Sequence[str], rows: Iterable[Row]) -> None:
    """Quoted only where a comma or a quotation mark asks for it."""
    with file.open("w", encoding="utf-8", newline="") as text:
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(header)
        lines.writerows(rows)


def _share(films: KnownFilms, share: float) -> int:
    return max(1, round(len(films) * share))


def _movie_ids(rng: np.random.Generator, count: int) -> Ints:
    """Ids with gaps that grow, as MovieLens' do; their order says nothing of the films."""
    place = rng.permutation(count)
    gaps = rng.geometric(1 / (1 + 20 * np.arange(count) / count))
    return np.asarray(np.cumsum(gaps)[place], np.int64)


def _rating_rows(ratings: Ratings, movie_ids: Ints) -> Iterator[Row]:
    movie = movie_ids[ratings.film]
    order = np.lexsort((movie, ratings.person))
    return zip(
        (ratings.person[order] + 1).tolist(),
        movie[order].tolist(),
        (ratings.half_stars[order] / 2).tolist(),
        ratings.seconds[order].tolist(),
        strict=True,
    )


def _movie_rows(films: KnownFilms, movie_ids: Ints, listed: Ints) -> Iterator[Row]:
    some = films.rows(listed)
    for movie_id, title, year, genres in zip(
        movie_ids[listed].tolist(),
        some.title.to_pylist(),
        some.year.tolist(),
        some.genre_sets(),
        strict=True,
    ):
        named = sorted(tastes.GENRES[genre] for genre in genres if genre in tastes.GENRES)
        dated = f"{_article_last(title)} ({year})" if year else _article_last(title)
        yield movie_id, dated, "|".join(named) or "(no genres listed)"


def _article_last(title: str) -> str:
    """`The House` is `House, The`."""
    for article in _ARTICLES:
        if title.startswith(article):
            return f"{title.removeprefix(article)}, {article.strip()}"
    return title


def _link_rows(
    rng: np.random.Generator, films: KnownFilms, movie_ids: Ints, listed: Ints, no_tmdb: Bools
) -> Iterator[Row]:
    tmdb_ids = rng.permutation(40 * len(films))[: len(films)] + 2
    for film in listed.tolist():
        tmdb_id = "" if no_tmdb[film] else int(tmdb_ids[film])
        yield int(movie_ids[film]), f"{films.number[film]:07}", tmdb_id


def _tags(
    rng: np.random.Generator, raters: Raters, ratings: Ratings, unrated: Ints, movie_ids: Ints
) -> Iterator[tuple[int, int, str, int]]:
    """A few people tag what they rated. A film that nobody rated is listed for its tag."""
    count = max(1, round(len(raters) * tastes.TAGGERS_SHARE))
    taggers = rng.choice(len(raters), count, replace=False).tolist()
    for person in taggers:
        own = np.flatnonzero(ratings.person == person)
        many = int(rng.integers(1, 2 * tastes.TAGS_A_TAGGER))
        for row in np.unique(rng.choice(own, min(len(own), many))).tolist():
            at = int(ratings.seconds[row] + rng.integers(5, 60))
            yield person + 1, int(movie_ids[ratings.film[row]]), _tag(rng), at
    last = int(ratings.seconds[ratings.person == taggers[0]].max())
    for number, film in enumerate(unrated.tolist(), start=1):
        yield taggers[0] + 1, int(movie_ids[film]), _tag(rng), last + 60 * number


def _tag(rng: np.random.Generator) -> str:
    return tastes.TAGS[int(rng.integers(0, len(tastes.TAGS)))]
