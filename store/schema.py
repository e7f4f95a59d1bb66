"""The tables of the store."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Integer,
    MetaData,
    String,
    Table,
)

from filmkin.ratings import LEAST, LONGEST_USER_ID, MOST

VERSION = 1  # of the tables below; a store of a newer one is refused

METADATA = MetaData()

# PostgreSQL is to sort as SQLite does, by code points, in whatever language it was set up.
_USER_ID = String(LONGEST_USER_ID).with_variant(
    String(LONGEST_USER_ID, collation="C"), "postgresql"
)

RATINGS = Table(
    "ratings",
    METADATA,
    Column("user_id", _USER_ID, primary_key=True),
    Column("film_id", Integer, primary_key=True, autoincrement=False),
    Column("rating", Double, nullable=False),
    Column("rated_at", BigInteger, nullable=False, comment="microseconds since 1970, UTC"),
    CheckConstraint(f"rating BETWEEN {LEAST} AND {MOST}", name="rating_in_range"),
    CheckConstraint("film_id >= 0", name="film_id_in_range"),
    CheckConstraint(
        f"length(user_id) BETWEEN 1 AND {LONGEST_USER_ID}", name="user_id_of_some_length"
    ),
    sqlite_with_rowid=False,  # one tree, sorted by the key: a person's ratings stand together
)

STORE_VERSION = Table(
    "store_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
)
