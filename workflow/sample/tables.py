"""The distributions the sample follows, measured on IMDb's files of 2026.

A share is a fraction of 1 unless a comment says percent. Quantile tables are (probabilities,
values); values between two of them are interpolated, in the logarithm where noted.
"""

# Sizes: 12.7 million titles, 15.5 million people, 753,019 movies, 1.7 million ratings.
MOVIE_SHARE = 753_019 / 12_700_000
NAMES_PER_TITLE = 15.5 / 12.7
MOVIE_RATED_SHARE = 348_355 / 753_019
OTHER_RATED_SHARE = (1_700_000 - 348_355) / (12_700_000 - 753_019)

# Percent of the titles that are not movies.
OTHER_TYPES: dict[str, float] = {
    "tvEpisode": 81.2,
    "short": 9.2,
    "video": 2.7,
    "tvSeries": 2.4,
    "tvMovie": 1.3,
    "tvMiniSeries": 0.6,
    "tvSpecial": 0.5,
    "videoGame": 0.4,
    "tvShort": 0.1,
    "tvPilot": 0.1,
}

# Votes of rated titles, interpolated in the logarithm; 5 is the fewest IMDb publishes.
VOTE_PROBABILITIES = (0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 0.999, 1.0)
MOVIE_VOTES = (5, 7, 14, 49, 282, 1_588, 5_599, 83_518, 473_709, 2_900_000)
OTHER_VOTES = (5, 6, 10, 21, 70, 300, 750, 5_000, 50_000, 400_000)

# How many rated movies have an average rating of 1.0 to 1.9, 2.0 to 2.9, ..., 10.0.
MOVIE_RATING_COUNTS = (419, 1315, 3527, 7122, 13708, 20858, 17459, 8022, 1410, 16)
OTHER_RATING_COUNTS = (300, 500, 1000, 2000, 5500, 14000, 30000, 21000, 5500, 60)

# The film rule: a movie with a genre, at least this rating (in tenths) and this many votes.
RULE_RATING_TENTHS = 60
RULE_VOTES = 500

# Year of release; missing more often for titles nobody has rated.
YEAR_PROBABILITIES = (0.0, 0.05, 0.15, 0.30, 0.50, 0.75, 0.90, 1.0)
YEARS = (1894, 1928, 1965, 1990, 2009, 2018, 2022, 2026)
YEAR_NULL_RATED = 0.002
YEAR_NULL_UNRATED = 0.14

# Runtime in minutes, interpolated in the logarithm; null for 22 % of rated movies, 37 % of others.
RUNTIME_PROBABILITIES = (0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 0.99, 0.9999, 1.0)
MOVIE_RUNTIMES = (41, 59, 74, 88, 101, 120, 180, 900, 51_420)
OTHER_RUNTIMES = (1, 7, 20, 30, 48, 62, 130, 600, 3_000)
RUNTIME_NULL_RATED = 0.22
RUNTIME_NULL_UNRATED = 0.37

# Principals per title: means 13.8 and 7, never more than 75; a few casts of 60 and more.
PRINCIPALS_MEAN_RATED = 13.8
PRINCIPALS_MEAN_UNRATED = 7.0
PRINCIPALS_SHAPE = 2.2
PRINCIPALS_MAX = 75
BIG_CAST_FROM = 60
BIG_CAST_SHARE = 0.002

# Percent of the principals by role in billing order. Cast is actor 23.7, actress 17.9,
# self 14.8 and archive_footage 0.6.
ROLES: dict[str, float] = {
    "cast": 57.0,
    "director": 8.6,
    "writer": 12.0,
    "producer": 7.5,
    "composer": 3.2,
    "cinematographer": 4.0,
    "editor": 5.3,
    "casting_director": 1.2,
    "production_designer": 1.2,
}
ACTRESS_SHARE = 17.9 / (23.7 + 17.9)
SELF_SHARE = (14.8 + 0.6) / 57.0
ARCHIVE_SHARE = 0.6 / (14.8 + 0.6)

# Of the movie credits so many go to regulars, with weight rank ** -0.556, which gives credits
# per person a power law with exponent 2.8; the others go to people credited once. Together
# three quarters of the credited have one credit.
REGULAR_SHARE = 0.66
RANK_EXPONENT = 0.556
CREDITS_PER_REGULAR = 1.2
# A movie's first writer is often its first director.
WRITER_DIRECTS_SHARE = 0.35

# Everything on television is made by companies of people, who therefore have many credits.
# Places per role in a company, in the order of ROLES.
COMPANY_PLACES = (5, 1, 2, 1, 1, 1, 1, 1, 1)
COMPANY_SKEW = 1.6

# Movies that take another movie's title, so that 11 % share theirs.
COPIED_TITLE_SHARE = 0.058
ORIGINAL_DIFFERS_SHARE = 0.08
PLAIN_EPISODE_SHARE = 0.40

# Now and then, in the real files too.
DUPLICATE_LINE_SHARE = 0.0002
ORPHAN_PERSON_SHARE = 0.0005
ORPHAN_TITLE_SHARE = 0.002
NAMESAKE_SHARE = 0.03
NICKNAME_SHARE = 0.003
MIDDLE_INITIAL_SHARE = 0.12

# People: years of birth and death are mostly unknown.
BIRTH_KNOWN_SHARE = 0.06
DEATH_KNOWN_SHARE = 0.35
NO_PROFESSION_SHARE = 0.2

# Films in a series, of all that survive the film rule; sizes of series in percent.
SERIES_FILM_SHARE = 0.08
SERIES_SIZES: dict[int, float] = {2: 40, 3: 28, 4: 14, 5: 8, 6: 5, 7: 3, 8: 2}
SERIES_LEADS = (3, 6)
MIN_SERIES = 3
MIN_MOVIES = 12

# Genres in percent of movies, and how many movies have 0, 1, 2, 3 of them.
MOVIE_GENRES: dict[str, float] = {
    "Documentary": 35.3, "Drama": 34.1, "Comedy": 17.3, "Thriller": 8.1, "Horror": 7.4,
    "Action": 7.1, "Romance": 6.4, "Biography": 6.0, "Crime": 4.6, "Adventure": 4.4,
    "Music": 3.6, "Family": 3.5, "History": 3.4, "Mystery": 3.1, "Fantasy": 3.0, "Sci-Fi": 2.6,
    "Sport": 2.0, "War": 1.6, "Animation": 1.6, "Musical": 0.8, "Western": 0.6, "News": 0.4,
    "Adult": 0.1,
}  # fmt: skip
MOVIE_GENRE_COUNTS = (3.7, 55.7, 20.5, 20.1)

# The same among movies with 500 votes and a rating of 6: most have two or three genres.
POPULAR_GENRES: dict[str, float] = {
    "Drama": 52.0, "Comedy": 33.0, "Action": 17.0, "Romance": 16.0, "Crime": 15.0,
    "Thriller": 14.0, "Adventure": 12.0, "Documentary": 9.0, "Biography": 8.0, "Horror": 7.0,
    "Mystery": 7.0, "Family": 7.0, "Fantasy": 6.5, "Animation": 6.0, "Sci-Fi": 5.5,
    "History": 5.0, "Music": 4.0, "War": 3.0, "Sport": 2.0, "Musical": 2.0, "Western": 1.5,
}  # fmt: skip
POPULAR_GENRE_COUNTS = (2.0, 18.0, 30.0, 50.0)

OTHER_GENRES: dict[str, float] = {
    "Comedy": 25.0, "Drama": 27.0, "Talk-Show": 14.0, "Documentary": 11.0, "Family": 10.0,
    "News": 10.0, "Reality-TV": 9.0, "Romance": 8.0, "Animation": 7.0, "Crime": 6.0,
    "Game-Show": 5.0, "Music": 5.0, "Adventure": 5.0, "Action": 5.0, "Sport": 4.0, "Fantasy": 3.0,
    "Mystery": 3.0, "History": 2.5, "Thriller": 2.0, "Sci-Fi": 2.0, "Adult": 1.5, "Horror": 1.5,
}  # fmt: skip
OTHER_GENRE_COUNTS = (5.0, 48.0, 25.0, 22.0)
