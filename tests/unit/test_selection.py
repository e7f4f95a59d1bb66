"""Films in memory: counts of their members."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filmkin import selection
from filmkin.selection import Members

FILMS = 12


@pytest.mark.parametrize("few", [0.0, 2.0])
@given(
    films_of=st.lists(st.sets(st.integers(0, FILMS - 1)), max_size=30),
    chosen=st.sets(st.integers(0, FILMS - 1)),
    most=st.integers(1, 6),
)
def test_the_members_that_most_chosen_films_have_are_found_with_their_equals(
    few: float, films_of: list[set[int]], chosen: set[int], most: int
) -> None:
    """By both ways: through the chosen films, and through the members of most films."""
    counts = Counter({m: len(films & chosen) for m, films in enumerate(films_of)})
    least = max(1, *[n for _, n in counts.most_common(most)][-1:]) if len(films_of) >= most else 1
    expected = sorted((m, n) for m, n in counts.items() if n >= least)
    films = np.array([f for films in films_of for f in sorted(films)], dtype=np.int32)
    members = Members(films, np.array([len(films) for films in films_of], dtype=np.int64), FILMS)
    mask = np.isin(np.arange(FILMS), list(chosen))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "_FEW_OF_FILMS", few)
        patch.setattr(selection, "_FIRST_MEMBERS", 1)
        found, often = members.most_often(mask, most)
    assert list(zip(found.tolist(), often.tolist(), strict=True)) == expected
