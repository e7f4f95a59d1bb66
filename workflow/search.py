"""The films and their details -> the index of the free-text search."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from filmkin.catalogue import SEARCH_POSTINGS, SEARCH_TERMS
from filmkin.search.fields import LENGTH_COUNTS, occurrences, texts_of
from workflow.contracts import select_contract

_OF_FILMS = (
    "title",
    "original_title",
    "alternative_titles",
    "persons",
    "directors",
    "writers",
    "genres",
)
_OF_DETAILS = ("keywords", "overview", "tagline")
# One row a word and field of a part of the films; an entry of the lists is an occurrence.
_FOUND = "term string, field string, film_rows array<int>, positions array<int>, lengths array<int>"


def found_words(films: DataFrame, details: DataFrame) -> DataFrame:
    """Where the words of the films stand, tokenised as queries are: _FOUND."""
    row = F.row_number().over(Window.orderBy("film_id")) - 1
    numbered = films.select("film_id", row.alias("row"), F.year("year").alias("year"), *_OF_FILMS)
    texts = numbered.join(details.select("film_id", *_OF_DETAILS), on="film_id", how="left")
    # The window has put all films in one partition.
    parts = films.sparkSession.sparkContext.defaultParallelism * _PARTS_A_CORE
    return texts.repartition(parts, "row").mapInArrow(_found_in, _FOUND)


_PARTS_A_CORE = 2


def _found_in(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        found: dict[tuple[str, str], tuple[list[int], list[int], list[int]]] = defaultdict(
            lambda: ([], [], [])
        )
        for film in batch.to_pylist():
            for term, field, position, length in occurrences(texts_of(film)):
                rows, positions, lengths = found[term, field]
                rows.append(film["row"])
                positions.append(position)
                lengths.append(length)
        terms, fields = zip(*found, strict=True) if found else ((), ())
        lists = zip(*found.values(), strict=True) if found else ((), (), ())
        of_integers = pa.list_(pa.int32())
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(terms, pa.string()),
                pa.array(fields, pa.string()),
                *(pa.array(values, of_integers) for values in lists),
            ],
            names=["term", "field", "film_rows", "positions", "lengths"],
        )


def postings(found: DataFrame) -> DataFrame:
    """The SEARCH_POSTINGS contract of `found_words`."""
    every = F.arrays_zip("film_rows", "positions", "lengths")
    lists = (
        found.groupBy("term", "field")
        .agg(F.sort_array(F.flatten(F.collect_list(every))).alias("found"))
        .join(F.broadcast(_mean_lengths(found)), on="field")
    )
    share = F.element_at(_literal_map(LENGTH_COUNTS), F.col("field"))

    def weight(one: Column) -> Column:
        return (1 / (1 - share + share * one.getField("lengths") / F.col("mean"))).cast("float")

    frame = lists.select(
        "term",
        "field",
        F.col("found.film_rows").alias("film_rows"),
        F.col("found.positions").alias("positions"),
        F.transform("found", weight).alias("weights"),
    )
    return select_contract(frame, SEARCH_POSTINGS)


def _mean_lengths(found: DataFrame) -> DataFrame:
    """field, and the mean of its lengths over the films that have words in it."""
    # A film of length l has l entries, each of which adds 1 / l.
    films = F.aggregate("lengths", F.lit(0.0), lambda total, length: total + 1 / length)
    return found.groupBy("field").agg((F.sum(F.size("lengths")) / F.sum(films)).alias("mean"))


def terms(postings: DataFrame, films: int) -> DataFrame:
    """The SEARCH_TERMS contract of postings of so many films."""
    frame = postings.groupBy("term").agg(
        F.size(F.array_distinct(F.flatten(F.collect_list("film_rows")))).alias("films")
    )
    idf = F.log1p((films - F.col("films") + 0.5) / (F.col("films") + 0.5))
    return select_contract(frame.withColumn("idf", idf), SEARCH_TERMS)


def _literal_map(values: Mapping[str, float]) -> Column:
    return F.create_map(*(F.lit(word) for pair in values.items() for word in pair))
