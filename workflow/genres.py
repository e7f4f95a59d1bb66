"""Films under each of their genres."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def films_by_genre(films: DataFrame) -> DataFrame:
    """The films with a column `genre`: one row for each genre of a film, together by genre."""
    return (
        films.withColumn("genre", F.explode("genres"))
        .repartition("genre")
        .sortWithinPartitions("genre", "film_id")
    )
