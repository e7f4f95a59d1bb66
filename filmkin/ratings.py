"""What a rating of a film by a person is."""

LEAST = 0.5  # stars; any number between the two counts
MOST = 5.0

LONGEST_USER_ID = 64  # characters
MOST_FILM_ID = 2**31 - 1  # an INTEGER of the films
