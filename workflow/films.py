"""IMDb's staged tables -> the films contract."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from filmkin.catalogue import FILMS, FilmRule
from workflow.contracts import select_contract

_CREW_COLUMNS = {"director": "directors", "writer": "writers"}


def films(staged: Mapping[str, DataFrame], rule: FilmRule) -> DataFrame:
    """One row a film, in the order of film_id.

    `staged` holds title.basics, title.ratings, title.principals and name.basics; title.crew and
    title.akas may be missing. People without a name in name.basics are left out.
    """
    kept = kept_titles(staged["title.basics"], staged["title.ratings"], rule)
    kept_ids = kept.select("tconst")
    people = named_people(
        _roles(staged["title.principals"], staged.get("title.crew"), kept_ids),
        staged["name.basics"],
    )
    frame = kept.join(people, on="tconst", how="left")
    if "title.akas" in staged:
        akas = other_titles(staged["title.akas"], kept_ids)
        frame = frame.join(akas, on="tconst", how="left")
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


def named_people(roles: DataFrame, names: DataFrame) -> DataFrame:
    """tconst and, for each role, its people as an array of (position, nconst, name) in order.

    `roles` is tconst, role, position, nconst; a person stands once in a role, at their first
    position.
    """
    first = roles.groupBy("tconst", "role", "nconst").agg(F.min("position").alias("position"))
    # Their ids are few beside all names: only the names that are wanted go through a shuffle.
    ids = F.broadcast(first.select("nconst").distinct())
    wanted = names.join(ids, on="nconst", how="left_semi")
    name = wanted.groupBy("nconst").agg(F.max("primaryName").alias("name"))
    named = first.join(name.filter(F.col("name").isNotNull()), on="nconst", how="inner")
    person = F.struct("position", "nconst", "name")
    return named.groupBy("tconst").agg(
        *(
            F.sort_array(F.collect_list(F.when(F.col("role") == role, person))).alias(role)
            for role in ("person", *_CREW_COLUMNS)
        )
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
    """tconst, role, position, nconst of all people of the films.

    Everyone in title.principals is a person of the film. Who directed and wrote it is title.crew's
    to say where there is one, for it alone is complete.
    """
    credits = principals.join(F.broadcast(kept_ids), on="tconst", how="left_semi")
    found = [_role(credits, "person", F.col("ordering"), F.col("nconst"))]
    if crew is None:
        for role in _CREW_COLUMNS:
            of_role = credits.filter(F.col("category") == role)
            found.append(_role(of_role, role, F.col("ordering"), F.col("nconst")))
    else:
        of_films = crew.join(F.broadcast(kept_ids), on="tconst", how="left_semi")
        for role, column in _CREW_COLUMNS.items():
            listed = of_films.select("tconst", F.posexplode(_split(column)).alias("at", "id"))
            digits = F.expr("try_cast(regexp_extract(id, '^nm([0-9]+)$', 1) AS int)")
            found.append(_role(listed, role, F.col("at"), digits).dropna(subset=["nconst"]))
    return reduce(DataFrame.unionByName, found)


def _role(frame: DataFrame, role: str, position: Column, nconst: Column) -> DataFrame:
    return frame.select(
        "tconst", F.lit(role).alias("role"), position.alias("position"), nconst.alias("nconst")
    )


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
        F.coalesce(F.col("person").getField("nconst"), F.array().cast("array<int>")).alias(
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
