"""One open build: what it must be before it is served, and all that is read from it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from api.db.batch import Batch
from api.db.connection import Connection, Connections, columns, connect
from api.db.documents import documents
from api.db.index import SearchIndex, search_index
from api.db.neighbours import NONE, Asked, Stored, nearest, stored
from api.db.postings import fame, read_postings
from api.db.prediction import read_predictors
from api.db.rated_films import RatedFilms, read_rated_films
from api.db.vectors import emphasis, inverted_index
from api.settings import Settings
from api.version import code_version
from filmkin.catalogue import BUILD, BUILD_CHECKS, TABLES
from filmkin.content import worth
from filmkin.lists import rows_in
from filmkin.neighbours import InvertedIndex
from filmkin.offers import Offers, popularity
from filmkin.search.postings import Postings
from filmkin.search.ranking import Ranker
from filmkin.search.suggest import Suggester

# What one statement reads for several requests; more take the database long enough alone.
_MOST_DOCUMENTS = 200
_MOST_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What a build says of itself, as in the contract BUILD."""

    build_id: str
    created: datetime
    code_version: str
    min_similarity: float
    max_similar: int | None


class Build:
    """One open build file, closed when it is retired and nobody reads it any more.

    It is opened in a thread; then it is for one event loop.
    """

    def __init__(self, file: Path, settings: Settings, threads: int = 1) -> None:
        """Open the file and read, in so many threads, what is kept in memory: no request waits.

        Raises duckdb.Error when it is not to be served.
        """
        self.file = file
        self._readers = 0
        self._retired = False
        with ExitStack() as opened:
            own = opened.enter_context(connect(file, settings.database_memory))
            self.facts, self.index, self.vectors, postings = _load(own, threads)
            self.predictors = read_predictors(own)
            known = fame(self.index.numbers["vote_count"])
            self.ranker = Ranker(postings, known)
            self.suggester = Suggester(postings, known, self.index.film_people, self.index.names)
            self.rated_films = read_rated_films(own)
            self.offers = _offers(own, self.index, self.rated_films, self.vectors)
            self._nearest = nearest(own, self.index.film_ids)
            self.connections = Connections(own, settings.connections, settings.database_seconds)
            opened.callback(self.connections.close)
            self._opened = opened.pop_all()
        #: for statements of a few milliseconds, on the event loop
        self.at_once = own
        self._documents = Batch[int, str](partial(documents, own), _MOST_DOCUMENTS)
        self._stored = Batch[Asked, Stored](
            partial(stored, own, self.facts.max_similar), _MOST_NEIGHBOURS
        )

    def etag(self, form: str = "") -> str:
        """The tag of an answer that is made of this build, in one of the forms that it may have.

        Weak, for an answer may be sent compressed.
        """
        return f'W/"{self.facts.build_id}-{code_version()}{form}"'

    async def documents(self, film_ids: Sequence[int]) -> Mapping[int, str]:
        """The JSON of those of the films that there are, and perhaps of others."""
        return await self._documents.rows(film_ids)

    async def neighbours(self, asked: Asked) -> Stored | None:
        """Neighbours of a film that there is; None where not all that is asked for is stored."""
        if asked.threshold < self.facts.min_similarity:
            return None
        if asked.threshold > self._nearest[self.index.row_of(asked.film_id)]:
            return Stored(NONE, {})
        return (await self._stored.rows([asked])).get(asked)

    @contextmanager
    def read(self) -> Iterator["Build"]:
        """While a block reads it, it is not closed."""
        self._readers += 1
        try:
            yield self
        finally:
            self._readers -= 1
            self._close_when_idle()

    def retire(self) -> None:
        """No new reader comes; it is closed after the last."""
        self._retired = True
        self._close_when_idle()

    def _close_when_idle(self) -> None:
        if self._retired and not self._readers:
            self._opened.close()


def _offers(
    connection: Connection, index: SearchIndex, rated: RatedFilms, vectors: InvertedIndex
) -> Offers:
    """What is popular: by how much it is rated and how well, here, then at IMDb, for which those
    that nobody here has rated are left.
    """
    votes, ratings = index.numbers["vote_count"], index.numbers["rating"]
    rows = rows_in(rated.recommender.film_ids, index.film_ids)
    # The last is who has row -1.
    here = np.append(rated.recommender.counts * rated.means, 0.0)[rows]
    return Offers(
        index.film_ids,
        rated.recommender,
        vectors,
        popularity(here, np.nan_to_num(votes * ratings)),
        worth(ratings, votes),
        emphasis(connection),
    )


def _load(
    connection: Connection, threads: int
) -> tuple[Facts, SearchIndex, InvertedIndex, Postings]:
    _prove_usable(connection)
    facts = ", ".join(Facts.__dataclass_fields__)
    (row,) = connection.execute(f"SELECT {facts} FROM {BUILD.name}").fetchall()
    with (
        ThreadPoolExecutor(threads) as readers,
        connection.cursor() as another,
        connection.cursor() as third,
    ):
        vectors = readers.submit(inverted_index, another)
        words = readers.submit(read_postings, partial(columns, third))
        index, inverted, postings = (
            search_index(connection, readers),
            vectors.result(),
            words.result(),
        )
    # The database keeps what it reads, as far as its memory goes: films come last, so they stay.
    connection.execute("SELECT max(strlen(document)) FROM film_documents").fetchall()
    return Facts(*row), index, inverted, postings


def _prove_usable(connection: Connection) -> None:
    """Raise duckdb.Error or ValueError when it is not checked, or lacks a column that is read."""
    for table in TABLES:
        named = ", ".join(table.column_names)
        connection.execute(f"SELECT {named} FROM {table.name} LIMIT 0")
    # An empty answer, and so an error, where there is no report or where it names a row.
    # The driver imports much at the first parameter it is handed: here, not in the first request.
    sql = f"SELECT 1 FROM {BUILD_CHECKS.name} HAVING max(offending) = $1"
    if not connection.execute(sql, [0]).fetchall():
        raise ValueError("its checks have not passed")
