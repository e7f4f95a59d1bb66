"""A film as a unit vector: its tokens, what each weighs, and how much each field counts.

Six fields describe a film: the telling words of its title, the series that its title names, its
people, its genres, its rating and its year. Each field is a vector of its own length, scaled by
the square root of its share; the film is their concatenation, made a unit vector. Of two films
that have all fields the cosine is the mean of the fields' cosines, weighted by the shares:

    cos(a, b) = sum over fields f of share_f * cos_f(a, b),    sum of the shares = 1

but for the people: their vector grows with the fourth root of their number, as a film of many is
described more by them. A field that a film lacks leaves its share to the film's others.

Within a field, words, series and genres are weighted by TF-IDF: Salton and Buckley,
"Term-weighting approaches in automatic text retrieval" (1988), with the smooth inverse document
frequency of scikit-learn, idf = ln((1 + n) / (1 + df)) + 1. People all weigh alike: a busy actor
ties two films no less than a rare one. Rating and year are shared between their two nearest steps.

What each field and each of these choices is worth, `python -m benchmarks quality` measures.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack

from filmkin.errors import SettingError
from filmkin.text import in_the_singular, series_name, telling_words

RATING_STEP = 1
YEAR_STEP = 5


@dataclass(frozen=True, slots=True)
class FieldShares:
    """How much each field counts in a similarity; only the proportions matter.

    Genres, rating and year together stay well below the default floor of 0.1: they order the films
    that share a person or a word, and do not make every drama kin to every other.
    """

    title: float = 0.25
    series: float = 0.20
    people: float = 0.49
    genres: float = 0.02
    rating: float = 0.02
    year: float = 0.02

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

    film_ids (n,) int32; titles n strings or None; person_ids n lists of int64; person_names
    parallel to person_ids.values; genres n lists of strings; ratings (n,) and years (n,) float64
    with NaN for none.
    """

    film_ids: NDArray[np.int32]
    titles: Sequence[str | None]
    person_ids: Ragged
    person_names: Sequence[str]
    genres: Ragged
    ratings: NDArray[np.float64]
    years: NDArray[np.float64]


class FilmFeatures(NamedTuple):
    """n films as unit rows over m tokens, column indices ascending in each row.

    film_ids (n,) int32; matrix (n, m) float64; token_fields and token_texts m strings;
    token_weights (m,) float64, the inverse document frequencies. From token `common_from` on they
    are those of genres, rating and year: few, and each held by many films. That part of the matrix
    is `scales` (n,), a factor for each film, times `common`, whose rows have few different values.
    """

    film_ids: NDArray[np.int32]
    matrix: csr_array
    common_from: int
    common: csr_array
    scales: NDArray[np.float64]
    token_fields: list[str]
    token_texts: list[str]
    token_weights: NDArray[np.float64]


class _Field(NamedTuple):
    """One field of n films and t tokens: entry e says that film rows[e] has token cols[e].

    rows, cols and values run over the entries; texts t strings; weights (t,) and lengths (n,) are
    what tokens and films are scaled by.
    """

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    values: NDArray[np.float64]
    texts: list[str]
    weights: NDArray[np.float64]
    lengths: NDArray[np.float64]


def film_features(films: FilmColumns, shares: FieldShares) -> FilmFeatures:
    """The films as unit vectors. A field with share 0 has no tokens."""
    fields = {
        name: field(films)
        for name, field in (_TELLING_FIELDS | _COMMON_FIELDS).items()
        if shares.as_dict()[name] > 0
    }
    parts = [
        _field_matrix(field, shares.as_dict()[name], len(films.film_ids))
        for name, field in fields.items()
    ]
    joined = csr_array(hstack(parts, format="csr", dtype=np.float64))
    joined.sort_indices()  # the fixed order in which a pair is summed
    scales = 1 / _norms(joined)
    common_from = sum(len(field.texts) for name, field in fields.items() if name in _TELLING_FIELDS)
    return FilmFeatures(
        films.film_ids,
        _scaled(joined, scales),
        common_from,
        csr_array(joined[:, common_from:]),
        scales,
        [name for name, field in fields.items() for _ in field.texts],
        [text for field in fields.values() for text in field.texts],
        np.concatenate([field.weights for field in fields.values()]),
    )


def inverse_document_frequency(
    cols: NDArray[np.int64], tokens: int, films: int
) -> NDArray[np.float64]:
    """ln((1 + films) / (1 + df)) + 1 per token, shape (tokens,); `cols` names a token once a film.

    A token that a film has twice counts twice in its df, which is the same for all of its films.
    """
    document_frequency = np.bincount(cols, minlength=tokens)
    return np.asarray(np.log((1 + films) / (1 + document_frequency)) + 1, dtype=np.float64)


def nearest_steps(
    values: NDArray[np.float64], width: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(film, step, closeness) of each value's two neighbouring multiples of `width`.

    With width 1 a rating of 7.25 is 0.75 of step 7 and 0.25 of step 8, so that 7.9 and 8.1 are
    close, as they would not be in bins. A multiple of the width has one step; NaN has none.
    """
    film = np.flatnonzero(~np.isnan(values))
    scaled = values[film] / width
    lower = np.floor(scaled).astype(np.int64)
    above = scaled - lower
    rows = np.concatenate([film, film])
    steps = np.concatenate([lower, lower + 1])
    closeness = np.concatenate([1 - above, above])
    there = closeness > 0
    return rows[there], steps[there], closeness[there]


def _title_field(films: FilmColumns) -> _Field:
    telling = [sorted(set(telling_words(title or ""))) for title in films.titles]
    return _text_field(_ragged(telling))


def _series_field(films: FilmColumns) -> _Field:
    names = [series_name(title or "") for title in films.titles]
    keys = [in_the_singular(name) for name in names]
    shortest: dict[str, str] = {}
    for key, name in zip(keys, names, strict=True):
        shortest[key] = min(shortest.get(key, name), name, key=lambda text: (len(text), text))
    field = _text_field(_ragged([[key] if key else [] for key in keys]))
    return field._replace(texts=[shortest[key] for key in field.texts])


def _people_field(films: FilmColumns) -> _Field:
    ids = np.asarray(films.person_ids.values, dtype=np.int64)
    people, first, cols = np.unique(ids, return_index=True, return_inverse=True)
    root = np.sqrt(np.diff(films.person_ids.offsets))  # its own root is the fourth of the number
    return _Field(
        films.person_ids.rows(),
        cols,
        np.ones(len(cols)),
        [films.person_names[index] for index in first],
        np.ones(len(people)),
        # The mean of the squared lengths is 1: the share is that of a film of usual size.
        np.sqrt(np.maximum(root, 1) / (root.mean() or 1.0)),
    )


def _genre_field(films: FilmColumns) -> _Field:
    return _text_field(films.genres)


def _rating_field(films: FilmColumns) -> _Field:
    return _step_field(films.ratings, RATING_STEP)


def _year_field(films: FilmColumns) -> _Field:
    return _step_field(films.years, YEAR_STEP)


_TELLING_FIELDS = {"title": _title_field, "series": _series_field, "people": _people_field}
_COMMON_FIELDS = {"genres": _genre_field, "rating": _rating_field, "year": _year_field}


def _ragged(lists: Sequence[Sequence[str]]) -> Ragged:
    lengths = np.fromiter((len(each) for each in lists), dtype=np.int64, count=len(lists))
    return Ragged(
        [text for each in lists for text in each], np.concatenate([[0], np.cumsum(lengths)])
    )


def _text_field(tokens: Ragged) -> _Field:
    """A field of texts, each weighted by its inverse document frequency."""
    films = len(tokens.offsets) - 1
    texts = sorted({str(token) for token in tokens.values})
    number = {text: index for index, text in enumerate(texts)}
    cols = np.fromiter(
        (number[str(token)] for token in tokens.values), dtype=np.int64, count=len(tokens.values)
    )
    weights = inverse_document_frequency(cols, len(texts), films)
    return _Field(tokens.rows(), cols, np.ones(len(cols)), texts, weights, np.ones(films))


def _step_field(values: NDArray[np.float64], width: int) -> _Field:
    """A field of numbers, each shared between its two nearest steps."""
    rows, steps, closeness = nearest_steps(values, width)
    present, cols = np.unique(steps, return_inverse=True)
    texts = [str(step * width) for step in present]
    weights = inverse_document_frequency(cols, len(texts), len(values))
    return _Field(rows, cols, closeness, texts, weights, np.ones(len(values)))


def _field_matrix(field: _Field, share: float, films: int) -> csr_array:
    shape = (films, len(field.texts))
    entries = field.values * field.weights[field.cols]
    raw = coo_array((entries, (field.rows, field.cols)), shape=shape).tocsr()
    return _scaled(raw, np.sqrt(share) * field.lengths / _norms(raw))


def _norms(matrix: csr_array) -> NDArray[np.float64]:
    """The Euclidean norm of each row; 1 for a row of zeros."""
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1), dtype=np.float64).ravel())
    norms[norms == 0] = 1
    return norms


def _scaled(matrix: csr_array, scales: NDArray[np.float64]) -> csr_array:
    """Each row times its scale, in the order in which it is."""
    data = matrix.data * np.repeat(scales, np.diff(matrix.indptr))
    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
