"""A film as a unit vector: its tokens, what each weighs, and how much each field counts.

Four fields describe a film: the telling words of its title, its genres, its rating and its
people. Each field is a TF-IDF vector of length 1; the film is their concatenation, each scaled by
the square root of its field's share, made a unit vector again. So the cosine of two films that
have all fields is the mean of the four cosines, weighted by the shares:

    cos(a, b) = sum over fields f of share_f * cos_f(a, b),    sum of the shares = 1

A field that a film lacks leaves its share to the film's others.

TF-IDF: Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with
the smooth inverse document frequency of scikit-learn, idf = ln((1 + n) / (1 + df)) + 1.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, diags_array, hstack

from filmkin.errors import SettingError
from filmkin.text import telling_words


@dataclass(frozen=True, slots=True)
class FieldShares:
    """How much each field counts in a similarity; only the proportions matter.

    Genres and rating together stay at the default floor of 0.1: they order films that share a
    person or a word, and do not make every drama kin to every other.
    """

    title: float = 0.30
    genres: float = 0.08
    rating: float = 0.02
    people: float = 0.60

    def __post_init__(self) -> None:
        shares = asdict(self)
        if not all(0 <= share < np.inf for share in shares.values()) or not any(shares.values()):
            raise SettingError(f"field shares are 0 or more and not all 0, not {shares}")

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


class Ragged(NamedTuple):
    """A list of values per film: those of film i are values[offsets[i] : offsets[i + 1]]."""

    values: Sequence[str] | NDArray[np.int64]
    offsets: NDArray[np.int64]

    def rows(self) -> NDArray[np.int64]:
        """The film of each value."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


class FilmColumns(NamedTuple):
    """The columns of n films that features are made of, in ascending order of film_id.

    film_ids (n,) int32; titles n strings or None; genres n lists of strings; ratings (n,) float64
    with NaN for none; person_ids n lists of int64; person_names parallel to person_ids.values.
    """

    film_ids: NDArray[np.int32]
    titles: Sequence[str | None]
    genres: Ragged
    ratings: NDArray[np.float64]
    person_ids: Ragged
    person_names: Sequence[str]


class FilmFeatures(NamedTuple):
    """n films as unit rows over m tokens, column indices ascending in each row.

    film_ids (n,) int32; matrix (n, m) float64; token_fields and token_texts m strings;
    token_weights (m,) float64, the inverse document frequencies.
    """

    film_ids: NDArray[np.int32]
    matrix: csr_array
    token_fields: list[str]
    token_texts: list[str]
    token_weights: NDArray[np.float64]


class _Field(NamedTuple):
    """One field before weighting: entry e says that film rows[e] has token cols[e], values[e]."""

    name: str
    share: float
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    values: NDArray[np.float64]
    texts: list[str]


def film_features(films: FilmColumns, shares: FieldShares) -> FilmFeatures:
    """The films as unit vectors. A field with share 0 has no tokens."""
    n = len(films.film_ids)
    fields = [
        field
        for field in (
            _title_field(films, shares.title),
            _genre_field(films, shares.genres),
            _rating_field(films, shares.rating),
            _people_field(films, shares.people),
        )
        if field.share > 0
    ]
    frequencies = [inverse_document_frequency(field.cols, len(field.texts), n) for field in fields]
    parts = [
        np.sqrt(field.share) * _unit_rows(_matrix(field, n) @ diags_array(weights))
        for field, weights in zip(fields, frequencies, strict=True)
    ]
    matrix = _unit_rows(csr_array(hstack(parts, format="csr", dtype=np.float64)))
    matrix.sort_indices()  # the fixed order in which a pair is summed
    return FilmFeatures(
        films.film_ids,
        matrix,
        [field.name for field in fields for _ in field.texts],
        [text for field in fields for text in field.texts],
        np.concatenate(frequencies) if frequencies else np.zeros(0),
    )


def inverse_document_frequency(
    cols: NDArray[np.int64], tokens: int, films: int
) -> NDArray[np.float64]:
    """ln((1 + films) / (1 + df)) + 1 per token, shape (tokens,); `cols` names a token once a film.

    A token that a film has twice counts twice in its df, which is the same for all of its films.
    """
    document_frequency = np.bincount(cols, minlength=tokens)
    return np.asarray(np.log((1 + films) / (1 + document_frequency)) + 1, dtype=np.float64)


def rating_steps(
    ratings: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(film, step, closeness) of each rating's two neighbouring whole steps.

    A rating of 7.25 is 0.75 of step 7 and 0.25 of step 8, so that 7.9 and 8.1 are close, as they
    would not be in bins. A whole rating has one step; NaN has none.
    """
    film = np.flatnonzero(~np.isnan(ratings))
    lower = np.floor(ratings[film]).astype(np.int64)
    above = ratings[film] - lower
    rows = np.concatenate([film, film])
    steps = np.concatenate([lower, lower + 1])
    closeness = np.concatenate([1 - above, above])
    there = closeness > 0
    return rows[there], steps[there], closeness[there]


def _title_field(films: FilmColumns, share: float) -> _Field:
    rows: list[int] = []
    found: list[str] = []
    for row, title in enumerate(films.titles):
        telling = sorted(set(telling_words(title or "")))
        rows += [row] * len(telling)
        found += telling
    return _text_field("title", share, np.array(rows, dtype=np.int64), found)


def _genre_field(films: FilmColumns, share: float) -> _Field:
    genres = [str(genre) for genre in films.genres.values]
    return _text_field("genres", share, films.genres.rows(), genres)


def _text_field(name: str, share: float, rows: NDArray[np.int64], tokens: Sequence[str]) -> _Field:
    texts = sorted(set(tokens))
    number = {text: index for index, text in enumerate(texts)}
    cols = np.fromiter((number[token] for token in tokens), dtype=np.int64, count=len(tokens))
    return _Field(name, share, rows, cols, np.ones(len(cols)), texts)


def _rating_field(films: FilmColumns, share: float) -> _Field:
    rows, steps, closeness = rating_steps(films.ratings)
    present, cols = np.unique(steps, return_inverse=True)
    return _Field("rating", share, rows, cols, closeness, [str(step) for step in present])


def _people_field(films: FilmColumns, share: float) -> _Field:
    ids = np.asarray(films.person_ids.values, dtype=np.int64)
    people, first, cols = np.unique(ids, return_index=True, return_inverse=True)
    names = [films.person_names[index] for index in first]
    assert len(names) == len(people)
    return _Field("people", share, films.person_ids.rows(), cols, np.ones(len(cols)), names)


def _matrix(field: _Field, films: int) -> csr_array:
    shape = (films, len(field.texts))
    return coo_array((field.values, (field.rows, field.cols)), shape=shape).tocsr()


def _unit_rows(matrix: csr_array) -> csr_array:
    """Each row divided by its Euclidean norm; a row of zeros stays."""
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    norms[norms == 0] = 1
    return csr_array(diags_array(1 / norms) @ matrix)
