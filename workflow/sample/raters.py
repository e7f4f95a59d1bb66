"""People with tastes by construction, and what they rate.

A rating is the film's quality, the person's leniency, what the person thinks of its genres and its
series, and noise; so a test can know what somebody would like.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from workflow.sample import arrow, tastes
from workflow.sample.arrow import Bools, Floats, Ints
from workflow.sample.known_films import KnownFilms

_DAY = 86_400  # seconds


@dataclass(frozen=True)
class Raters:
    """People by column: the number of their taste, and of the series that they love, or -1."""

    taste: Ints
    series: Ints
    leniency: Floats
    whole_stars: Bools
    first_year: Ints
    count: Ints  # films that they would rate

    def __len__(self) -> int:
        return len(self.taste)

    def truth(self, series_names: tuple[str, ...]) -> dict[str, dict[str, object]]:
        """By userId, what each of them likes and dislikes."""
        return {
            str(number): {
                "likes": list(tastes.TASTES[taste].likes),
                "dislikes": list(tastes.TASTES[taste].dislikes),
                "series": series_names[series] if series >= 0 else None,
            }
            for number, (taste, series) in enumerate(
                zip(self.taste.tolist(), self.series.tolist(), strict=True), start=1
            )
        }


@dataclass(frozen=True)
class Ratings:
    """Ratings by person and film, numbers of both from 0 on; `seconds` since 1970."""

    person: Ints
    film: Ints
    half_stars: Ints
    seconds: Ints


def make_raters(rng: np.random.Generator, titles: int, films: KnownFilms) -> Raters:
    least, most = tastes.PEOPLE
    people = min(max(round(titles * tastes.PEOPLE_PER_TITLE), least), most)
    series = np.unique(films.series[films.series >= 0])
    loved = series[rng.integers(0, len(series), people)]
    loves = rng.random(people) < tastes.SERIES_LOVERS_SHARE
    first, last = tastes.FIRST_YEARS
    count = arrow.quantile(rng.random(people), tastes.COUNT_PROBABILITIES, tastes.COUNTS)
    few = max(1, int(len(films) * tastes.MOST_OF_FILMS))
    return Raters(
        taste=rng.integers(0, len(tastes.TASTES), people),
        series=np.where(loves, loved, -1),
        leniency=rng.normal(0.0, tastes.LENIENCY, people),
        whole_stars=rng.random(people) < tastes.WHOLE_STARS_SHARE,
        first_year=rng.integers(first, last + 1, people),
        count=np.minimum(np.rint(count).astype(np.int64), few),
    )


def make_ratings(
    rng: np.random.Generator, raters: Raters, films: KnownFilms, can_be_rated: Bools
) -> Ratings:
    """Sorted by person, then in the order in which they were given."""
    opinions = _opinions(films)
    chances = films.votes**tastes.POPULARITY * np.exp(tastes.DRAW_OF_TASTE * opinions)
    chances[:, ~can_be_rated] = 0.0
    parts: list[tuple[Ints, Ints, Ints]] = []
    for person, taste in enumerate(raters.taste.tolist()):
        loved = (films.series == raters.series[person]) & (films.series >= 0)
        chance = chances[taste] * np.where(loved, tastes.TIMES_OF_SERIES, 1.0)
        chance[films.year > raters.first_year[person]] = 0.0
        film = rng.permutation(_drawn(rng, chance, int(raters.count[person])))
        liking = tastes.TASTE_STARS * opinions[taste][film] + tastes.SERIES_STARS * loved[film]
        half_stars = _half_stars(rng, raters, person, films.rating_tenths[film], liking)
        parts.append((film, half_stars, _seconds(rng, raters, person, len(film))))
    film, half_stars, seconds = (np.concatenate(column) for column in zip(*parts, strict=True))
    persons = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    return Ratings(persons, film, half_stars, seconds)


def _opinions(films: KnownFilms) -> Floats:
    """What each taste thinks of each film's genres: 1 liked, -1 disliked, 0 both or neither."""
    sets = films.genre_sets()
    return np.array(
        [
            [bool(own & set(likes)) - bool(own & set(dislikes)) for own in sets]
            for likes, dislikes in tastes.TASTES
        ],
        np.float64,
    )


def _drawn(rng: np.random.Generator, chance: Floats, count: int) -> Ints:
    """So many films by their chances, each once: those whose exponential times end first."""
    possible = np.flatnonzero(chance)
    count = min(count, len(possible))
    ends = rng.standard_exponential(len(chance))[possible] / chance[possible]
    return np.sort(possible[np.argpartition(ends, count - 1)[:count]])


def _half_stars(
    rng: np.random.Generator, raters: Raters, person: int, rating_tenths: Ints, liking: Floats
) -> Ints:
    quality = tastes.MEAN + tastes.STARS_A_TENTH * (rating_tenths - tastes.MEAN_TENTHS)
    noise = rng.normal(0.0, tastes.NOISE, len(liking))
    stars = quality + raters.leniency[person] + liking + noise
    step = 2 if raters.whole_stars[person] else 1
    return np.asarray(np.clip(step * np.rint(2 * stars / step), step, 10), np.int64)


def _seconds(rng: np.random.Generator, raters: Raters, person: int, count: int) -> Ints:
    """Times of one rating after the other, in sittings that lie days apart."""
    further = 0 if rng.random() < tastes.ONE_SITTING_SHARE else rng.poisson(tastes.FURTHER_SITTINGS)
    pauses = 1.0 + rng.exponential(tastes.SECONDS_A_RATING, count)
    begins = rng.integers(0, count, further)
    pauses[begins] += _DAY * (1.0 + rng.exponential(tastes.DAYS_BETWEEN_SITTINGS, further))
    first_day = datetime(int(raters.first_year[person]), 1, 1, tzinfo=UTC)
    start = first_day.timestamp() + 365 * _DAY * rng.random()
    return np.asarray(start + np.cumsum(np.ceil(pauses)), np.int64)
