"""The index of the free-text search, read whole when a build is opened."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from filmkin.search.postings import Postings
from filmkin.search.ranking import Scores
from filmkin.search.vocabulary import Vocabulary

Read = Callable[[str], dict[str, NDArray[Any]]]

# Both tables are stored in the order of their terms, and read in the order that they are stored in.
_TERMS = "SELECT string_agg(term || chr(10), '' ORDER BY rowid) AS terms FROM search_terms"
_FREQUENCIES = "SELECT films, idf FROM search_terms"
_LISTS = """
    SELECT (dense_rank() OVER (ORDER BY term) - 1)::INTEGER AS term, field, len(film_rows) AS n
    FROM search_postings ORDER BY rowid
"""
_OCCURRENCES = """
    SELECT unnest(film_rows) AS row, unnest(positions) AS position, unnest(weights) AS weight
    FROM search_postings
"""


def read_postings(read: Read) -> Postings:
    """The index of a build."""
    terms = str(read(_TERMS)["terms"][0] or "")
    frequencies, lists, occurrences = read(_FREQUENCIES), read(_LISTS), read(_OCCURRENCES)
    fields, list_fields = np.unique(lists["field"].astype(str), return_inverse=True)
    return Postings(
        vocabulary=Vocabulary(terms, frequencies["films"]),
        idf=frequencies["idf"],
        fields=fields.tolist(),
        list_fields=list_fields.astype(np.uint8),
        first_lists=np.searchsorted(lists["term"], np.arange(len(frequencies["films"]) + 1)),
        offsets=np.concatenate([[0], np.cumsum(lists["n"])]).astype(np.int64),
        rows=occurrences["row"],
        positions=occurrences["position"],
        weights=occurrences["weight"],
        film_count=int(read("SELECT count(*) AS n FROM films")["n"][0]),
    )


def fame(votes: NDArray[np.float64]) -> Scores:
    """From 0, of a film that nobody voted on, to 1, of the one that most did; by the logarithm."""
    logarithms = np.log1p(np.nan_to_num(votes))
    most = max(float(logarithms.max(initial=0)), 1.0)
    return (logarithms / most).astype(np.float32)
