"""MovieLens' files and the ratings store -> what is learnt from.

MovieLens' films are known by IMDb's number here, for which links.csv stands.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from filmkin.catalogue import MOVIELENS_FILMS, MOVIELENS_PEOPLE, RATINGS
from filmkin.errors import SourceError
from filmkin.ratings import LEAST, MOST
from workflow.contracts import select_contract
from workflow.sources import MOVIELENS

_MOST_TAGS = 20  # of a film; popular ones have hundreds, most of them given once


def check_columns(name: str, found: list[str]) -> None:
    """Raise SourceError where a file of MovieLens does not have its columns."""
    missing = [column for column in MOVIELENS[name] if column not in found]
    if missing:
        raise SourceError(name, f"there is no column {', '.join(missing)}")


def check_usable(lines: int, read: int, without_link: int) -> None:
    """Raise SourceError where none of MovieLens' ratings is of a film that is known.

    Of `lines` so many could be `read`, and of these so many have no film in links.csv.
    """
    if read == without_link:
        told = f"of its {lines} ratings {read} can be read, {without_link} of them without a film"
        raise SourceError("ratings.csv", f"there is nothing to learn from: {told} in links.csv")


def links(texts: DataFrame) -> DataFrame:
    """movie_id and film_id of links.csv, as far as they are numbers."""
    return texts.select(
        _number("movieId").alias("movie_id"), _number("imdbId").alias("film_id")
    ).filter(F.col("movie_id").isNotNull() & F.col("film_id").isNotNull())


def given_ratings(texts: DataFrame) -> DataFrame:
    """The rows of ratings.csv that can be read: user_id, movie_id, rating, rated_at."""
    stars = F.col("rating").try_cast("double")
    rows = texts.select(
        _number("userId").alias("user_id"),
        _number("movieId").alias("movie_id"),
        stars.alias("rating"),
        F.col("timestamp").try_cast("bigint").alias("rated_at"),
    )
    is_whole = F.col("user_id").isNotNull() & F.col("movie_id").isNotNull()
    is_whole &= F.col("rated_at").isNotNull()
    return rows.filter(is_whole & F.coalesce(F.col("rating").between(LEAST, MOST), F.lit(False)))


def of_movielens(given: DataFrame, linked: DataFrame) -> DataFrame:
    """user_id, film_id, rating, rated_at: of a person and a film the last, for a film may have
    several numbers at MovieLens.
    """
    named = given.join(linked, on="movie_id", how="inner")
    return _last(named, "user_id", F.struct("rated_at", "movie_id", "rating"))


def ratings(movielens: DataFrame, stored: DataFrame) -> DataFrame:
    """The RATINGS contract of MovieLens' people and of those of the store, who are numbered after
    them: what is learnt from bears no name.

    `stored`: user_id, film_id, rating, rated_at.
    """
    numbered = _numbered(movielens)
    first = F.coalesce(F.max("person") + 1, F.lit(0)).alias("first")
    others = _numbered(stored).join(numbered.agg(first), how="cross")
    others = others.withColumn("person", F.col("first") + F.col("person"))
    columns = ("person", "film_id", "rating", "rated_at")
    frame = numbered.select(*columns).unionByName(others.select(*columns))
    return select_contract(frame, RATINGS)


def _numbered(frame: DataFrame) -> DataFrame:
    """With `person`: the place of the user_id among all, from 0."""
    # As one array, for a rank over all ratings takes them all to one worker.
    every = frame.agg(F.array_sort(F.collect_set("user_id")).alias("user_ids"))
    places = every.select(F.posexplode("user_ids").alias("person", "user_id"))
    return frame.join(F.broadcast(places), on="user_id", how="inner")


def people(movielens: DataFrame) -> DataFrame:
    """The MOVIELENS_PEOPLE contract."""
    # Descending by time, then by film: the order in which everything else takes them.
    newest = F.sort_array(F.collect_list(F.struct("rated_at", "film_id", "rating")), asc=False)
    lists = movielens.groupBy("user_id").agg(newest.alias("newest"))
    frame = lists.select(
        "user_id",
        F.col("newest.film_id").alias("film_ids"),
        F.col("newest.rating").alias("ratings"),
        F.col("newest.rated_at").alias("rated_at"),
    )
    return select_contract(frame, MOVIELENS_PEOPLE)


def described(
    rated: DataFrame, linked: DataFrame, movies: DataFrame, tags: DataFrame, films: DataFrame
) -> DataFrame:
    """The MOVIELENS_FILMS contract of all films that are `rated`: what MovieLens says of them, and
    whether they are in the catalogue.
    """
    titled = movies.select(_number("movieId").alias("movie_id"), "title")
    named = linked.join(titled, on="movie_id", how="left").join(
        _tags(tags), on="movie_id", how="left"
    )
    # Of several numbers that a film has, the first names it.
    numbered = named.groupBy("film_id").agg(
        F.min(F.struct("movie_id", "title", "tags")).alias("first"),
        F.array_sort(F.collect_set("movie_id")).alias("movie_ids"),
    )
    known = films.select("film_id", F.lit(True).alias("known"))
    frame = (
        rated.select("film_id")
        .distinct()
        .join(numbered.select("film_id", "first.*", "movie_ids"), on="film_id", how="left")
        .join(known, on="film_id", how="left")
        .withColumn("in_catalogue", F.coalesce("known", F.lit(False)))
        .withColumn("movie_ids", F.coalesce("movie_ids", F.array().cast("array<int>")))
        .withColumn("tags", F.coalesce("tags", F.array().cast("array<string>")))
    )
    return select_contract(frame, MOVIELENS_FILMS)


def _tags(texts: DataFrame) -> DataFrame:
    """movie_id and its tags, by how many people gave them, then by name."""
    word = F.lower(F.trim("tag"))
    counted = (
        texts.select(_number("movieId").alias("movie_id"), "userId", word.alias("tag"))
        .filter(F.col("tag") != "")
        .groupBy("movie_id", "tag")
        .agg(F.count_distinct("userId").alias("people"))
    )
    ordered = F.sort_array(F.collect_list(F.struct(-F.col("people"), "tag")))
    return counted.groupBy("movie_id").agg(
        F.slice(F.transform(ordered, lambda one: one["tag"]), 1, _MOST_TAGS).alias("tags")
    )


def _last(frame: DataFrame, person: str, newest: Column) -> DataFrame:
    last = frame.groupBy(person, "film_id").agg(F.max(newest).alias("last"))
    return last.select(person, "film_id", "last.rating", "last.rated_at")


def _number(name: str) -> Column:
    """A text of digits; null for another."""
    return F.col(name).try_cast("int")
