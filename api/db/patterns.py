"""Regular expressions, tried on texts: RE2, in linear time, without telling case apart.

Both ways are the same library: the database has it built in, and Google's own binding has it here.
A statement takes as long as some hundred texts do here, and then a fraction for each. Many texts,
or an expression that makes a large automaton, belong in a thread, where they can be interrupted.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import re2
from numpy.typing import NDArray

from api.db.connection import Connection, columns, memory_told
from filmkin.errors import InvalidPatternError
from filmkin.lists import Rows
from filmkin.patterns import required
from filmkin.selection import Mask
from filmkin.words import FEW, Texts, WordIndex

# The share of a column's texts that is handed to the database; among more it finds faster itself.
_HANDED = 0.05

# At once, a few milliseconds: so many steps of a program, that of each text; words that occur so
# often; an automaton of so many bytes.
_MOST_STEPS = 40_000
_MOST_POSTINGS = 20_000
_MOST_BYTES = 1 << 17
_MOST_ONE_BY_ONE = 200  # more texts are faster in a statement

# In a thread: an automaton of so many bytes.
_MOST_BYTES_AT_ALL = 1 << 20


def _options(most_bytes: int) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = most_bytes
    return options


_SMALL, _LARGE = _options(_MOST_BYTES), _options(_MOST_BYTES_AT_ALL)


class TakesLongerError(Exception):
    """What is asked is not done in some milliseconds."""


class Pattern(ABC):
    """A regular expression that was given for a field."""

    #: words that occur more often are not looked up
    most_postings: int | None = None

    def __init__(self, field: str, pattern: str, connection: Connection) -> None:
        self.field = field
        self.pattern = pattern
        self._connection = connection

    def rows(
        self, column: tuple[str, str], texts: Texts, words: WordIndex, concerned: Mask | None
    ) -> Rows:
        """The rows of a column (table and name) that match, and that are concerned, where it is
        said which are. Rows that are not concerned may be among them.
        """
        needed = required(self.pattern)
        rows = texts.beginning_with(needed.beginning) if needed.beginning else None
        if rows is None or (len(rows) > FEW and not needed.enough):
            with_words = words.candidates(needed.parts, self.most_postings)
            if rows is None:
                rows = with_words
            elif with_words is not None:
                rows = np.intersect1d(rows, with_words, assume_unique=True)
        if needed.enough and rows is not None:
            return rows
        if concerned is not None:
            if rows is not None:
                rows = rows[concerned[rows]]
            elif np.count_nonzero(concerned) <= _HANDED * len(texts):
                rows = np.flatnonzero(concerned).astype(np.int32)
        return self.among(column, texts, rows)

    @abstractmethod
    def among(self, column: tuple[str, str], texts: Texts, rows: Rows | None) -> Rows:
        """Those of the rows of a column that match; of all, where `rows` is None."""

    def matches(self, texts: Sequence[bytes]) -> Mask:
        """(n,) which of the texts match, in UTF-8."""
        # As one text they are handed over in a tenth of the time; no text holds a line break.
        sql = """
            SELECT regexp_matches(text, $2, 'i') AS matches
            FROM (SELECT unnest(string_split($1, chr(10))) AS text)
        """
        # One text more, so that a pattern is tried even where there is nothing to try it on.
        found: Mask = self._ask(sql, b"\n".join([*texts, b""]).decode(), self.pattern)["matches"]
        return found[:-1]

    def _ask(self, sql: str, *parameters: Any) -> Mapping[str, NDArray[Any]]:
        """Columns by name."""
        try:
            return columns(self._connection, sql, parameters)
        except duckdb.InvalidInputException as error:
            reason = str(error).removeprefix("Invalid Input Error: ")
            told = f"not a regular expression: {reason}"
            raise InvalidPatternError(self.field, told) from error


class AtOnce(Pattern):
    """Tried in some milliseconds; raises TakesLongerError for what takes longer, or is wrong."""

    most_postings = _MOST_POSTINGS

    def __init__(self, field: str, pattern: str, connection: Connection) -> None:
        super().__init__(field, pattern, connection)
        if "(?<" in pattern:  # a name for a group, which not every version of RE2 takes
            raise TakesLongerError
        try:
            self._expression = re2.compile(pattern, _SMALL)
        except re2.error as error:
            raise TakesLongerError from error

    def among(self, column: tuple[str, str], texts: Texts, rows: Rows | None) -> Rows:
        if rows is None or len(rows) * self._expression.programsize > _MOST_STEPS:
            raise TakesLongerError
        return rows[texts.known(rows) & self.matches(texts.listed(rows))]

    def matches(self, texts: Sequence[bytes]) -> Mask:
        if len(texts) * self._expression.programsize > _MOST_STEPS:
            raise TakesLongerError
        if len(texts) > _MOST_ONE_BY_ONE:
            with memory_told():
                return super().matches(texts)
        found = [self._expression.search(text) is not None for text in texts]
        return np.array(found, dtype=bool)


class AtLength(Pattern):
    """Tried in a thread. Raises InvalidPatternError for what RE2 does not accept."""

    def __init__(self, field: str, pattern: str, connection: Connection) -> None:
        super().__init__(field, pattern, connection)
        # What makes a large automaton takes long on every single text, and an interrupt comes
        # between many texts only. Whether it is valid at all the database says.
        try:
            re2.compile(pattern, _LARGE)
        except re2.error as error:
            if b"too large" in error.args[0]:
                raise InvalidPatternError(field, "it repeats too much for a search") from error

    def among(self, column: tuple[str, str], texts: Texts, rows: Rows | None) -> Rows:
        if rows is not None and len(rows) <= _HANDED * len(texts):
            return rows[texts.known(rows) & self.matches(texts.listed(rows))]
        table, name = column
        sql = f"SELECT rowid::INTEGER AS row FROM {table} WHERE regexp_matches({name}, $1, 'i')"
        return self._ask(sql, self.pattern)["row"]
