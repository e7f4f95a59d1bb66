"""How good lists are: what was held back of people's ratings, and how much of it a list finds.

Järvelin and Kekäläinen 2002 for NDCG, with gains of 1: a film that a person liked. The recall is
the truncated one of Liang et al. 2018, "Variational autoencoders for collaborative filtering"
(https://arxiv.org/abs/1802.05814): what is found of what a list of that length could find.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from filmkin.arrays import Floats, Indices

LIKED = 4.0  # stars from which on a film that was held back counts as found


class ListQuality(NamedTuple):
    """Means over people of whom a liked film was held back, 0 to 1: NDCG and truncated recall; the
    coverage is the share of all films that stand in at least one list.
    """

    ndcg: float
    recall: float
    coverage: float


def latest(
    people: Indices, moments: NDArray[np.int64], films: Indices, share: float
) -> NDArray[np.bool_]:
    """(r,) of r ratings the latest `share` of each person, rounded down: what is held back.

    Of one moment, the film with the larger number counts as the later.
    """
    order = np.lexsort((films, moments, people))
    sorted_people = people[order]
    firsts = np.searchsorted(sorted_people, sorted_people)
    counts = np.bincount(people)[sorted_people] if len(people) else np.empty(0, np.int64)
    places = np.arange(len(people)) - firsts
    is_latest = np.zeros(len(people), dtype=bool)
    is_latest[order] = places >= counts - np.floor(counts * share).astype(np.int64)
    return is_latest


def best(scores: Floats, count: int) -> Indices:
    """The rows of the `count` largest scores, largest first, then by row; -inf is left out."""
    count = min(count, int((scores > -np.inf).sum()))
    if not count:
        return np.empty(0, dtype=np.intp)
    border = np.partition(scores, -count)[-count]
    rows = np.flatnonzero(scores >= border)
    return rows[np.lexsort((rows, -scores[rows]))][:count]


def list_quality(
    lists: NDArray[np.integer], people: Indices, liked: sparse.csr_array
) -> ListQuality:
    """Of lists (m, count) of films, best first, -1 where a list is shorter, for these m people.

    `liked` (people, films) is not 0 where a film was held back that the person liked.
    """
    count = lists.shape[1]
    discounts = 1 / np.log2(np.arange(2, count + 2))
    gains, recalls = [], []
    for person, films in zip(people, lists, strict=True):
        wanted = liked.indices[liked.indptr[person] : liked.indptr[person + 1]]
        if not len(wanted):
            continue
        found = np.isin(films, wanted)
        gains.append(float(discounts[found].sum() / discounts[: len(wanted)].sum()))
        recalls.append(float(found.sum() / min(count, len(wanted))))
    shown = np.unique(lists[lists >= 0])
    return ListQuality(_mean(gains), _mean(recalls), len(shown) / max(1, liked.shape[1]))


def root_mean_square(errors: Floats) -> float:
    """Of predicted minus given ratings, in stars."""
    return float(np.sqrt(np.mean(errors**2))) if len(errors) else float("nan")


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
