"""What a ratings store must answer, by a dictionary, to whatever is done to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from store.ratings import Rating, RatingStore, Write
from store.values import Forget, Operation, Put

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
USERS = ("ann", "bob")

times = st.integers(0, 3).map(lambda hours: NOON + timedelta(hours=hours))
users = st.sampled_from(USERS)
films = st.integers(0, 3)
writes = st.builds(Write, users, films, st.floats(0.5, 5.0), times)
operations = st.one_of(
    st.builds(Put, st.lists(writes, max_size=4)),
    st.builds(Forget, users, st.none() | films),
)


class Oracle:
    """What a store must hold, in a dictionary."""

    def __init__(self) -> None:
        self.ratings: dict[tuple[str, int], tuple[float, datetime]] = {}

    def commit(self, operations: Sequence[Operation]) -> list[int]:
        return [self._do(operation) for operation in operations]

    def _do(self, operation: Operation) -> int:
        if isinstance(operation, Put):
            for user_id, film_id, rating, rated_at in operation.writes:
                _, before = self.ratings.get((user_id, film_id), (rating, rated_at))
                self.ratings[user_id, film_id] = (rating, max(before, rated_at))
            return 0
        gone = [
            (user_id, film_id)
            for user_id, film_id in self.ratings
            if user_id == operation.user_id and operation.film_id in (None, film_id)
        ]
        for key in gone:
            del self.ratings[key]
        return len(gone)

    def every(self) -> list[Write]:
        return [Write(*key, *value) for key, value in sorted(self.ratings.items())]

    def of(self, user_id: str) -> list[Rating]:
        own = [
            Rating(film_id, *value)
            for (user, film_id), value in self.ratings.items()
            if user == user_id
        ]
        return sorted(own, key=lambda rating: (-rating.rated_at.timestamp(), rating.film_id))


def compare_with_dictionary(store: RatingStore) -> None:
    """What is done to it, it and a dictionary answer alike."""

    @settings(max_examples=25)
    @given(st.lists(st.lists(operations, max_size=4), max_size=5))
    def compare(commits: list[list[Operation]]) -> None:
        oracle = Oracle()
        store.commit([Forget(user) for user in USERS])
        for commit in commits:
            assert store.commit(commit) == oracle.commit(commit)
        assert list(store.every()) == oracle.every()
        assert [store.of(user) for user in USERS] == [oracle.of(user) for user in USERS]

    compare()
