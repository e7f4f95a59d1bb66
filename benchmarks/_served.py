"""The lists that are served, to measure beside the order of scores: `filmkin.offers` as the service
composes it, with the content of IMDb's films, the least number of ratings, and popularity.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyarrow import csv
from pyspark.sql import SparkSession

from benchmarks._catalogue import RULES, staged_films
from filmkin.content import EMPHASIS, worth
from filmkin.features import FieldShares, film_features
from filmkin.held_back import RatingData, Tested
from filmkin.lists import rows_in
from filmkin.neighbours import InvertedIndex
from filmkin.offers import Offers, Rated, popularity
from filmkin.recommender import Recommender
from workflow.similarity import FEATURE_COLUMNS, film_columns

_TOP = 10


def offers_of(
    spark: SparkSession, made: Recommender, known: RatingData, data: Path, folder: Path
) -> Offers:
    """Of all films that are rated, by MovieLens' numbers; of those of imdb5000/ the content too."""
    frame, _ = staged_films(spark, data / "imdb5000", folder, RULES["any"][0])
    table = frame.select(*FEATURE_COLUMNS, "vote_count").sort("film_id").toArrow()
    features = film_features(film_columns(table.drop(["vote_count"])), FieldShares())
    links = csv.read_csv(data / "ml-latest-small" / "links.csv")
    numbers, imdb_ids = (links[name].to_numpy() for name in ("movieId", "imdbId"))
    # The films that are rated, as rows of IMDb's; -1 for those that are not there.
    of_rated = imdb_ids[np.searchsorted(numbers, known.film_ids)]
    rows = rows_in(features.film_ids, of_rated)
    vectors = features.matrix[rows[rows >= 0]].tocoo()
    film_ids = known.film_ids[rows >= 0][vectors.row]
    told = {
        name: np.append(table[name].cast("double").to_numpy(), np.nan)[rows]
        for name in ("rating", "vote_count")
    }
    votes, ratings = told["vote_count"], told["rating"]
    here = np.bincount(known.films, known.ratings, len(known.film_ids)).astype(np.float64)
    return Offers(
        known.film_ids,
        made,
        InvertedIndex(film_ids, vectors.col.astype(np.int32), vectors.data),
        popularity(here, np.nan_to_num(votes * ratings)),
        worth(ratings, votes),
        np.array([EMPHASIS.get(field, 1.0) for field in features.token_fields]),
    )


def served_lists(offers: Offers, people: Sequence[Tested]) -> NDArray[np.intp]:
    """(people, 10) the rows of the films that each would be offered."""
    everything = np.ones(len(offers.film_ids), dtype=bool)
    lists = np.full((len(people), _TOP), -1, dtype=np.intp)
    for row, one in enumerate(people):
        rated = Rated(offers.film_ids[one.rows], one.ratings)
        found = [offer.film_id for offer in offers.of(rated).top(everything, _TOP)]
        lists[row, : len(found)] = rows_in(offers.film_ids, np.array(found))
    return lists
