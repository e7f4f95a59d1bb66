"""What people like, by construction, and the distributions of what they rate.

The figures are those of MovieLens' ml-latest-small (610 people, 100,836 ratings, 9,742 movies).
"""

from typing import NamedTuple


class Taste(NamedTuple):
    """Genres by IMDb's names: a film with one of them is liked, or disliked."""

    likes: tuple[str, ...]
    dislikes: tuple[str, ...]


# Few of them, so that many people share theirs: what one likes can be told from the others.
TASTES: tuple[Taste, ...] = (
    Taste(("Action", "Adventure", "Sci-Fi"), ("Romance",)),
    Taste(("Romance", "Comedy"), ("Horror", "War")),
    Taste(("Horror", "Thriller", "Mystery"), ("Family", "Musical")),
    Taste(("Drama", "History", "Biography"), ("Action", "Horror")),
    Taste(("Animation", "Family", "Fantasy"), ("Crime", "Thriller")),
    Taste(("Documentary", "Music"), ("Fantasy", "Sci-Fi")),
    Taste(("Crime", "Thriller"), ("Comedy",)),
)

PEOPLE_PER_TITLE = 0.004
PEOPLE = (60, 2_000)  # at least, at most
MOST_FILMS = 12_000  # that people know: those of most votes

# How many films a person rates, interpolated in the logarithm; a few people rate far more there.
COUNT_PROBABILITIES = (0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 1.0)
COUNTS = (20, 24, 35, 70, 168, 400, 600)
MOST_OF_FILMS = 0.5  # of those that there are, where these are few
# A film's chance to be rated next grows with this power of its votes, and with what a person thinks
# of its genres (so much in the logarithm) and its series: people watch what they like.
POPULARITY = 0.55
DRAW_OF_TASTE = 0.6
TIMES_OF_SERIES = 50.0

# Stars: the mean of all, and what a tenth of IMDb's average adds to it.
MEAN = 3.35
STARS_A_TENTH = 0.035
MEAN_TENTHS = 63
LENIENCY = 0.35  # standard deviation between people
TASTE_STARS = 0.7  # more for a film that is liked, less for one that is disliked
SERIES_STARS = 0.8
NOISE = 0.65
WHOLE_STARS_SHARE = 0.4  # of people never give a half one
SERIES_LOVERS_SHARE = 0.3

FIRST_YEARS = (2015, 2025)  # in which people begin to rate; films of later years they do not know
ONE_SITTING_SHARE = 0.5
FURTHER_SITTINGS = 3.0  # on average, of the others
SECONDS_A_RATING = 20.0
DAYS_BETWEEN_SITTINGS = 20.0

UNKNOWN_TO_IMDB_SHARE = 0.05  # of the films; IMDb's files have no such id
UNRATED_SHARE = 0.002  # of the films: tagged, but rated by nobody
NO_TMDB_SHARE = 0.001
TAGGERS_SHARE = 0.1
TAGS_A_TAGGER = 20

# IMDb's names of genres -> MovieLens'; the others have none there.
GENRES: dict[str, str] = {
    "Family": "Children",
    **{
        name: name
        for name in (
            "Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama",
            "Fantasy", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War",
            "Western",
        )
    },
}  # fmt: skip

TAGS = (
    "funny", "atmospheric", "Twist ending", "based on a book", "In Netflix queue", "slow, but good",
    'so-called "classic"', "visually appealing", "café scenes", "predictable", "dark comedy",
    "great soundtrack", "boring!", "1980s",
)  # fmt: skip
