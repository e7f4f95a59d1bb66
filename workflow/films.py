"""IMDb's staged tables -> the films, and who did what in them."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from filmkin.catalogue import CREDITS, FILMS, FilmRule
from workflow.contracts import select_contract

_CREW_COLUMNS = {"director": "directors", "writer": "writers"}


def films(kept: DataFrame, credits: DataFrame, akas: DataFrame | None = None) -> DataFrame:
    """The films contract, one row a film, in the order of film_id.

    `kept` as kept_titles gives it, `credits` its contract, `akas` the staged title.akas.
    """
    frame = kept.join(_people_of_films(credits), on="tconst", how="left")
    if akas is not None:
        titles = other_titles(akas, kept.select("tconst"))
        frame = frame.join(titles, on="tconst", how="left")
    else:
        frame = frame.withColumns({"other_titles": _no_texts(), "languages": _no_texts()})
    # Films are so few that one task sorts them; to order by ranges, Spark makes them all twice.
    ordered = select_contract(_contract_columns(frame), FILMS).repartition(1)
    return ordered.sortWithinPartitions("film_id")


def kept_titles(basics: DataFrame, ratings: DataFrame, rule: FilmRule) -> DataFrame:
    """The titles that count as films, one row a tconst, with rating and votes.

    Of several rows with one tconst the greatest counts, column by column, so that the choice
    does not hang on the order of rows.
    """
    is_rated_enough = F.lit(True)
    if rule.min_rating > 0:
        is_rated_enough &= F.col("averageRating") >= rule.min_rating
    if rule.min_votes > 0:
        is_rated_enough &= F.col("numVotes") >= rule.min_votes
    asks_for_rating = rule.min_rating > 0 or rule.min_votes > 0
    titles = basics.filter(F.col("titleType").isin(*rule.title_types))
    return (
        titles.join(ratings, on="tconst", how="inner" if asks_for_rating else "left")
        .groupBy("tconst")
        .agg(_greatest(titles).alias("title"), _greatest(ratings).alias("rated"))
        .select("tconst", "title.*", "rated.*")
        .filter(is_rated_enough)
        .withColumn("genre_list", _split("genres"))
        .filter(F.size("genre_list") >= rule.min_genres)
    )


def _greatest(frame: DataFrame) -> Column:
    return F.max(F.struct(*(name for name in frame.columns if name != "tconst")))


def credits(staged: Mapping[str, DataFrame], kept: DataFrame) -> DataFrame:
    """The credits contract: who did what in the kept films, in the order of film_id.

    `staged` holds title.principals and name.basics; title.crew may be missing. People without a
    name in name.basics are left out, and so are people who worked on a film that is not kept.
    """
    kept_ids = kept.select("tconst")
    roles = _roles(staged["title.principals"], staged.get("title.crew"), kept_ids)
    # Apart by person from the start, so that neither step shuffles again.
    first = (
        roles.repartition("tconst", "nconst")
        .groupBy("tconst", "nconst", "role")
        .agg(F.min("position").alias("position"), F.min("billing").alias("billing"))
        .withColumn("billing", F.min("billing").over(Window.partitionBy("tconst", "nconst")))
    )
    # Their ids are few beside all names: only the names that are wanted go through a shuffle.
    ids = F.broadcast(first.select("nconst").distinct())
    wanted = staged["name.basics"].join(ids, on="nconst", how="left_semi")
    name = wanted.groupBy("nconst").agg(F.max("primaryName").alias("name"))
    named = first.join(name.filter(F.col("name").isNotNull()), on="nconst", how="inner")
    frame = named.withColumnsRenamed({"tconst": "film_id", "nconst": "person_id"})
    ordered = select_contract(frame, CREDITS).repartition(1)
    return ordered.sortWithinPartitions(*CREDITS.order)


def _people_of_films(credits: DataFrame) -> DataFrame:
    """tconst, and its people as arrays in order: `person` of struct(billing, id, name), who is
    billed, each once; `director` and `writer` of names.
    """
    billed = F.when(F.col("billing").isNotNull(), F.struct("billing", "person_id", "name"))
    place = F.struct("position", "person_id", "name")
    crew = {
        role: F.when((F.col("role") == role) & F.col("position").isNotNull(), place)
        for role in _CREW_COLUMNS
    }
    return (
        credits.groupBy("film_id")
        .agg(
            F.sort_array(F.collect_set(billed)).alias("person"),
            *(F.sort_array(F.collect_list(of)).alias(role) for role, of in crew.items()),
        )
        .withColumnRenamed("film_id", "tconst")
    )


def other_titles(akas: DataFrame, kept_ids: DataFrame) -> DataFrame:
    """tconst, its titles of title.akas in their order there, and the languages of those titles."""
    of_films = akas.withColumnRenamed("titleId", "tconst").join(
        F.broadcast(kept_ids), on="tconst", how="left_semi"
    )
    in_order = F.sort_array(F.collect_list(F.struct("ordering", "title")))
    return of_films.groupBy("tconst").agg(
        F.array_distinct(F.filter(in_order.getField("title"), F.isnotnull)).alias("other_titles"),
        F.array_sort(F.collect_set("language")).alias("languages"),
    )


def _roles(principals: DataFrame, crew: DataFrame | None, kept_ids: DataFrame) -> DataFrame:
    """tconst, nconst, role, position (place in the role), billing (place in title.principals).

    Who directed and wrote a film is title.crew's to say where there is one, for it alone is
    complete: then only what it lists has a position in these roles.
    """
    billed = principals.join(F.broadcast(kept_ids), on="tconst", how="left_semi")
    position = F.col("ordering")
    if crew is not None:
        position = F.when(~F.col("category").isin(*_CREW_COLUMNS), position)
    found = [
        billed.select(
            "tconst",
            "nconst",
            F.coalesce("category", F.lit("")).alias("role"),
            position.alias("position"),
            F.col("ordering").alias("billing"),
        )
    ]
    if crew is not None:
        of_films = crew.join(F.broadcast(kept_ids), on="tconst", how="left_semi")
        for role, column in _CREW_COLUMNS.items():
            listed = of_films.select("tconst", F.posexplode(_split(column)).alias("position", "id"))
            digits = F.expr("try_cast(regexp_extract(id, '^nm([0-9]+)$', 1) AS int)")
            found.append(
                listed.select(
                    "tconst",
                    digits.alias("nconst"),
                    F.lit(role).alias("role"),
                    "position",
                    F.lit(None).cast("int").alias("billing"),
                ).dropna(subset=["nconst"])
            )
    return reduce(DataFrame.unionByName, found)


def _contract_columns(frame: DataFrame) -> DataFrame:
    def names(role: str) -> Column:
        return F.coalesce(F.col(role).getField("name"), _no_texts())

    own_titles = F.array("primaryTitle", "originalTitle")
    return frame.select(
        F.col("tconst").alias("film_id"),
        F.coalesce("primaryTitle", "originalTitle").alias("title"),
        F.make_date(F.col("startYear"), F.lit(1), F.lit(1)).alias("year"),
        F.col("runtimeMinutes").alias("duration"),
        F.col("genre_list").alias("genres"),
        F.col("averageRating").alias("rating"),
        F.col("numVotes").alias("vote_count"),
        names("person").alias("persons"),
        F.col("originalTitle").alias("original_title"),
        F.coalesce(F.col("person").getField("person_id"), F.array().cast("array<int>")).alias(
            "person_ids"
        ),
        names("director").alias("directors"),
        names("writer").alias("writers"),
        F.coalesce(F.array_except("other_titles", own_titles), _no_texts()).alias(
            "alternative_titles"
        ),
        F.coalesce("languages", _no_texts()).alias("languages"),
    )


def _no_texts() -> Column:
    return F.array().cast("array<string>")


def _split(column: str) -> Column:
    """The distinct parts of a comma-separated text; of a null, none."""
    parts = F.split(F.coalesce(F.col(column), F.lit("")), ",")
    return F.array_distinct(F.filter(parts, lambda part: part != ""))
