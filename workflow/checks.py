"""What must hold of a build before it is published: each check counts the rows that offend."""

from dataclasses import dataclass
from typing import NamedTuple

import duckdb

from filmkin.catalogue import (
    BUILD,
    BUILD_CHECKS,
    CREDITS,
    DETAILS,
    FILM_DOCUMENTS,
    FILM_FEATURES,
    FILMS,
    PEOPLE,
    PREDICTION,
    PREDICTION_MODELS,
    PREDICTION_TRIALS,
    RECOMMENDATION,
    SEARCH_POSTINGS,
    SEARCH_TERMS,
    SIMILARITY,
    TABLES,
    TOKENS,
    WORDS,
    Table,
)
from filmkin.errors import SettingError

#: The name by which the last published build is attached to the one that is checked.
LAST = "last_build"


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """How much may be missing, as shares from 0 to 1.

    `max_loss` of a table's rows against the last build from the same sources with the same
    settings, `max_rejected` of a source file's lines.
    """

    max_loss: float = 0.1
    max_rejected: float = 0.01

    def __post_init__(self) -> None:
        for name, share in (("max_loss", self.max_loss), ("max_rejected", self.max_rejected)):
            if not 0 <= share <= 1:
                raise SettingError(f"checks: {name} is 0 to 1, not {share}")


class Check(NamedTuple):
    """What must hold, and SQL that counts the rows for which it does not."""

    name: str
    sql: str


class CheckResult(NamedTuple):
    name: str
    offending: int


def run_checks(
    database: duckdb.DuckDBPyConnection, limits: CheckLimits, *, has_last: bool
) -> list[CheckResult]:
    """The result of every check, in order; `has_last` when a last build is attached as LAST."""
    checks = [*CHECKS, _rejected(limits.max_rejected)]
    if has_last:
        checks += [_loss(table, limits.max_loss) for table in (FILMS, SIMILARITY, FILM_FEATURES)]
    return [CheckResult(check.name, _count(database, check.sql)) for check in checks]


def write_report(database: duckdb.DuckDBPyConnection, results: list[CheckResult]) -> None:
    """Store the results in the build, in the BUILD_CHECKS contract."""
    columns = ", ".join(f"{column.name} {column.type}" for column in BUILD_CHECKS.columns)
    database.execute(f"CREATE OR REPLACE TABLE {BUILD_CHECKS.name} ({columns})")
    database.executemany(f"INSERT INTO {BUILD_CHECKS.name} VALUES ($1, $2)", results)


def _count(database: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = database.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _contract(table: Table) -> Check:
    """The columns of a table are those of its contract, in order."""
    expected = ", ".join(
        f"({position}, '{column.name}', '{column.type}')"
        for position, column in enumerate(table.columns, start=1)
    )
    found = (
        "SELECT ordinal_position, column_name, data_type FROM information_schema.columns"
        # The last build, which is attached, may be of a version with other columns.
        f" WHERE table_catalog = current_database() AND table_name = '{table.name}'"
    )
    return Check(
        f"{table.name}: columns as declared",
        f"SELECT count(*) FROM (({found} EXCEPT VALUES {expected})"
        f" UNION ALL (VALUES {expected} EXCEPT {found}))",
    )


def _unique(table: Table) -> Check:
    key = ", ".join(table.key)
    return Check(
        f"{table.name}: one row per {key}",
        f"SELECT count(*) FROM (FROM {table.name} SELECT {key} GROUP BY ALL HAVING count(*) > 1)",
    )


def _in_order(table: Table) -> Check:
    """The service reads what is stored as it is stored."""
    row = f"({', '.join(table.order)})"
    return Check(
        f"{table.name}: stored in its order",
        f"SELECT count(*) FROM (SELECT {row} < lag({row}) OVER (ORDER BY rowid) AS is_behind"
        f" FROM {table.name}) WHERE is_behind",
    )


def _references(table: Table, column: str, referred: Table, key: str) -> Check:
    return Check(
        f"{table.name}: {column} is in {referred.name}",
        f"SELECT count(*) FROM {table.name} ANTI JOIN {referred.name}"
        f" ON {table.name}.{column} = {referred.name}.{key}",
    )


def _rejected(most: float) -> Check:
    return Check(
        f"sources: at most {most:.1%} of a file's lines rejected ([checks] max_rejected)",
        "SELECT coalesce(sum(source.rejected), 0)"
        " FROM (SELECT unnest(sources) AS source FROM build)"
        f" WHERE source.rejected > {most} * source.lines",
    )


def _loss(table: Table, most: float) -> Check:
    # Other settings or other sources are a reason to have fewer; the same are none.
    made_from = "(parameters, list_transform(sources, lambda source: source.url))"
    return Check(
        f"{table.name}: at most {most:.1%} fewer than in the last build ([checks] max_loss)",
        f"SELECT last.rows - now.rows FROM (SELECT count(*) AS rows FROM {table.name}) AS now,"
        f" (SELECT count(*) AS rows FROM {LAST}.{table.name}) AS last"
        f" WHERE now.rows < (1 - {most}) * last.rows"
        f" AND (SELECT {made_from} FROM build) = (SELECT {made_from} FROM {LAST}.build)",
    )


_TABLES = tuple(table for table in TABLES if table not in (BUILD, BUILD_CHECKS))

CHECKS: tuple[Check, ...] = (
    *(_contract(table) for table in _TABLES),
    Check("films: at least one", "SELECT (count(*) = 0)::INTEGER FROM films"),
    *(_unique(table) for table in _TABLES),
    *(
        _in_order(table)
        for table in (
            FILMS,
            PEOPLE,
            WORDS,
            FILM_FEATURES,
            SEARCH_TERMS,
            SEARCH_POSTINGS,
            *PREDICTION,
            *RECOMMENDATION,
        )
    ),
    Check(
        "films: years are four digits, ratings 0 to 10",
        "SELECT count(*) FROM films"
        " WHERE year(year) NOT BETWEEN 1000 AND 9999 OR rating NOT BETWEEN 0 AND 10",
    ),
    Check(
        "films: persons and person_ids are parallel",
        "SELECT count(*) FROM films WHERE len(persons) IS DISTINCT FROM len(person_ids)",
    ),
    Check(
        "films: everyone in persons has a credit",
        "SELECT count(*) FROM (SELECT film_id, unnest(person_ids) AS person_id FROM films)"
        " ANTI JOIN credits USING (film_id, person_id)",
    ),
    _references(CREDITS, "film_id", FILMS, "film_id"),
    _references(CREDITS, "person_id", PEOPLE, "person_id"),
    _references(DETAILS, "film_id", FILMS, "film_id"),
    _references(FILMS, "film_id", FILM_DOCUMENTS, "film_id"),
    Check(
        "neighbours: as many as pairs in films_cos_sim",
        "SELECT abs((SELECT count(*) FROM films_cos_sim)"
        " - (SELECT coalesce(sum(len(other_ids)), 0) FROM neighbours))",
    ),
    _references(SIMILARITY, "film_id", FILMS, "film_id"),
    _references(SIMILARITY, "other_id", FILMS, "film_id"),
    _references(FILM_FEATURES, "film_id", FILMS, "film_id"),
    _references(FILM_FEATURES, "token_id", TOKENS, "token_id"),
    _references(SEARCH_POSTINGS, "term", SEARCH_TERMS, "term"),
    _references(SEARCH_TERMS, "term", SEARCH_POSTINGS, "term"),
    Check(
        "search_postings: positions and weights are parallel to film_rows, which are films'",
        "SELECT count(*) FROM search_postings, (SELECT count(*) AS n FROM films)"
        " WHERE (len(positions), len(weights)) IS DISTINCT FROM (len(film_rows), len(film_rows))"
        " OR NOT coalesce(list_min(film_rows) >= 0 AND list_max(film_rows) < n, false)",
    ),
    *(
        _references(table, "target", PREDICTION_MODELS, "target")
        for table in PREDICTION
        if table is not PREDICTION_MODELS
    ),
    _references(PREDICTION_TRIALS, "film_id", FILMS, "film_id"),
    Check(
        "prediction_models: one candidate is chosen, and there are as many trees as weights",
        "SELECT count(*) FROM prediction_models WHERE (1, len(tree_weights)) IS DISTINCT FROM ("
        "(SELECT count(*) FROM prediction_candidates AS tried"
        " WHERE is_chosen AND tried.target = prediction_models.target),"
        " (SELECT count(DISTINCT tree) FROM prediction_nodes AS nodes"
        " WHERE nodes.target = prediction_models.target))",
    ),
    Check(
        # From a node to one behind it, or a leaf to itself: every walk ends.
        "prediction_nodes: each leads further on in its tree, and asks for a feature",
        "SELECT count(*) FROM prediction_nodes AS here"
        " LEFT JOIN prediction_nodes AS l ON l.target = here.target AND l.node = here.left_node"
        " LEFT JOIN prediction_nodes AS r ON r.target = here.target AND r.node = here.right_node"
        " JOIN prediction_models AS model ON model.target = here.target"
        " WHERE NOT coalesce(l.tree = here.tree AND r.tree = here.tree"
        " AND (least(l.node, r.node) > here.node OR (l.node = here.node AND r.node = here.node))"
        " AND here.feature BETWEEN 0 AND len(model.features) - 1 AND isfinite(here.value), false)",
    ),
    Check(
        "rated_films: in_catalogue are those that are in films",
        "SELECT count(*) FROM rated_films LEFT JOIN films USING (film_id)"
        " WHERE in_catalogue IS DISTINCT FROM (films.film_id IS NOT NULL)",
    ),
    Check(
        "rated_films: all have the same number of factors, and no factor is not a number",
        "SELECT count(*) FROM rated_films, (SELECT max(len(factors)) AS a,"
        " max(len(implicit_factors)) AS b, max(len(given)) AS c FROM rated_films)"
        " WHERE (len(factors), len(implicit_factors), len(given), len(taken))"
        " IS DISTINCT FROM (a, b, c, c)"
        " OR NOT coalesce(isfinite(bias + list_sum(factors) + list_sum(implicit_factors)"
        " + list_sum(given) + list_sum(taken)), false)",
    ),
    Check(
        "recommender: one row where films are rated, and none where not",
        "SELECT abs((SELECT count(*) FROM recommender) - (SELECT (count(*) > 0)::INTEGER"
        " FROM rated_films))",
    ),
    Check(
        "movielens_people: film_ids, ratings and rated_at are parallel",
        "SELECT count(*) FROM movielens_people WHERE (len(ratings), len(rated_at))"
        " IS DISTINCT FROM (len(film_ids), len(film_ids))",
    ),
    Check(
        "films_cos_sim: never a film with itself",
        "SELECT count(*) FROM films_cos_sim WHERE film_id = other_id",
    ),
    Check(
        "films_cos_sim: from the stored floor to 1",
        "SELECT count(*) FROM films_cos_sim, build"
        " WHERE NOT coalesce(similarity >= min_similarity AND similarity <= 1, false)",
    ),
    Check(
        # A film that stores as many as it may leaves out who comes after its last.
        "films_cos_sim: the same in both directions",
        "WITH last AS (FROM films_cos_sim SELECT film_id, count(*) AS stored,"
        " max((1 - similarity, other_id)) AS place GROUP BY film_id)"
        " SELECT count(*) FROM films_cos_sim AS there ANTI JOIN films_cos_sim AS back"
        " ON there.film_id = back.other_id AND there.other_id = back.film_id"
        " AND there.similarity = back.similarity"
        " LEFT JOIN last ON last.film_id = there.other_id, build"
        " WHERE NOT coalesce(last.stored = max_similar"
        " AND (1 - there.similarity, there.film_id) > last.place, false)",
    ),
    Check(
        "films_cos_sim: no more films a film than build.max_similar",
        "SELECT count(*) FROM (FROM films_cos_sim, build SELECT film_id"
        " GROUP BY film_id, max_similar HAVING count(*) > max_similar)",
    ),
    Check(
        # A film of which nothing is known that tells has no vector at all.
        "film_features: every vector has length 1",
        "SELECT count(*) FROM (FROM film_features SELECT film_id"
        " GROUP BY film_id HAVING NOT coalesce(abs(sum(weight * weight) - 1) < 1e-9, false))",
    ),
)
