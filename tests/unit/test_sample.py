"""The made-up sample: same bytes for the same seed, IMDb's form, quirks and distributions."""

import gzip
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from workflow.sample import arrow, generate

NULL = r"\N"
TITLES = 20_000
HEADERS = {
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear"
    " runtimeMinutes genres",
    "title.ratings": "tconst averageRating numVotes",
    "title.principals": "tconst ordering nconst category job characters",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
    "title.crew": "tconst directors writers",
    "title.akas": "titleId ordering title region language types attributes isOriginalTitle",
}
Row = list[str]


def read(folder: Path, table: str) -> list[Row]:
    """Rows with the header, split at tabs only: nothing is quoted or escaped."""
    text = gzip.decompress((folder / f"{table}.tsv.gz").read_bytes()).decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return [line.split("\t") for line in text[:-1].split("\n")]


@dataclass
class Sample:
    folder: Path
    counts: dict[str, int]
    basics: list[Row] = field(init=False)
    principals: list[Row] = field(init=False)
    names: list[Row] = field(init=False)
    ratings: dict[str, tuple[float, int]] = field(init=False)
    movies: dict[str, Row] = field(init=False)
    cast: dict[str, list[Row]] = field(init=False)
    franchises: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.basics = read(self.folder, "title.basics")[1:]
        self.principals = read(self.folder, "title.principals")[1:]
        self.names = read(self.folder, "name.basics")[1:]
        ratings = read(self.folder, "title.ratings")[1:]
        self.ratings = {row[0]: (float(row[1]), int(row[2])) for row in ratings}
        self.movies = {row[0]: row for row in self.basics if row[1] == "movie"}
        self.cast = defaultdict(list)
        for row in self.principals:
            self.cast[row[0]].append(row)
        self.franchises = json.loads((self.folder / "franchises.json").read_text("utf-8"))

    def rated_movies(self) -> list[tuple[float, int]]:
        return [self.ratings[tconst] for tconst in self.movies if tconst in self.ratings]

    def survives(self, tconst: str) -> bool:
        rating, votes = self.ratings.get(tconst, (0.0, 0))
        return rating >= 6 and votes >= 500 and self.movies[tconst][8] != NULL


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder, generate(titles=TITLES, seed=1, out=folder))


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(titles=500, seed=seed, out=tmp_path / folder)
    a = tmp_path / "a"
    files = sorted(str(path.relative_to(a)) for path in a.rglob("*") if path.is_file())
    truths = ["franchises.json", "tastes.json"]
    movielens = [f"movielens/{name}.csv" for name in ("links", "movies", "ratings", "tags")]
    assert files == sorted([*(f"{table}.tsv.gz" for table in HEADERS), *truths, *movielens])
    for name in files:
        one, same, other = ((tmp_path / folder / name).read_bytes() for folder in "abc")
        assert one == same, name
        assert one != other, name


@pytest.mark.parametrize("titles", [50, 137, 2_000])
def test_small_samples_are_complete(tmp_path: Path, titles: int) -> None:
    generate(titles=titles, seed=3, out=tmp_path)
    small = Sample(tmp_path, {})
    assert len({row[0] for row in small.basics}) == titles
    assert len(small.franchises) >= 3
    assert all(small.survives(t) for films in small.franchises.values() for t in films)


def test_headers_columns_and_counts(sample: Sample) -> None:
    for table, header in HEADERS.items():
        first, *rows = read(sample.folder, table)
        assert first == header.split()
        assert {len(row) for row in rows} == {len(first)}
        assert sample.counts[f"{table}.tsv.gz"] == len(rows)
    assert sample.counts["franchises.json"] == len(sample.franchises)


def test_ids_are_sorted(sample: Sample) -> None:
    for table in HEADERS:
        ids = [row[0] for row in read(sample.folder, table)[1:]]
        assert ids == sorted(ids), table
        prefix = "nm" if table == "name.basics" else "tt"
        assert all(i.startswith(prefix) and i[2:].isdigit() and len(i) >= 9 for i in ids)


def test_ids_of_the_full_size_sort_as_text() -> None:
    numbers = arrow.id_numbers(np.arange(0, 12_700_000, 1_000_003), 12_700_000)
    ids = arrow.id_strings("tt", numbers).to_pylist()
    assert ids == sorted(f"tt{n:07}" for n in numbers.tolist())


def test_movies_are_spread_over_the_ids(sample: Sample) -> None:
    where = [i for i, row in enumerate(sample.basics) if row[1] == "movie"]
    tenths = np.histogram(where, bins=10, range=(0, len(sample.basics)))[0]
    assert tenths.min() > 0.8 * tenths.mean()


def test_quirks_of_titles(sample: Sample) -> None:
    titles = [row[2] for row in sample.basics]
    lone = [t for t in titles if t.startswith('"') and t.count('"') == 1]
    assert lone, "a lone leading quote"
    assert any(t.startswith('"') and t.count('"') == 2 for t in titles)
    assert any(len(t) == 1 for t in titles)
    assert any(row[2] != row[3] for row in sample.basics)
    repeated = [t for t, n in Counter(row[0] for row in sample.basics).items() if n > 1]
    assert 1 <= len(repeated) <= TITLES / 1000
    assert any(row[5] == NULL for row in sample.basics)
    foreign = np.mean([not row[2].isascii() for row in sample.movies.values()])
    assert 0.03 < foreign < 0.07


def test_quirks_of_people(sample: Sample) -> None:
    names = [row[1] for row in sample.names]
    assert any('"' in name for name in names)
    assert any(not name.isascii() for name in names)
    shared = sum(n for n in Counter(names).values() if n > 1)
    assert shared > 0.02 * len(names), "namesakes"
    assert len({row[0] for row in sample.names}) == len(names)


def test_orphans_are_few(sample: Sample) -> None:
    people = {row[0] for row in sample.names}
    titles = {row[0] for row in sample.basics}
    no_person = [row for row in sample.principals if row[2] not in people]
    no_title = [row for row in sample.principals if row[0] not in titles]
    for orphans in (no_person, no_title):
        assert 0 < len(orphans) < 0.002 * len(sample.principals)


def test_shares_of_movies_and_ratings(sample: Sample) -> None:
    assert len(sample.movies) / TITLES == pytest.approx(0.0593, abs=0.001)
    assert len(sample.rated_movies()) / len(sample.movies) == pytest.approx(0.463, abs=0.04)
    assert len(sample.ratings) / TITLES == pytest.approx(1.7 / 12.7, abs=0.01)
    assert len(sample.names) / TITLES == pytest.approx(15.5 / 12.7, abs=0.02)


def test_votes_and_ratings(sample: Sample) -> None:
    votes = [votes for _, votes in sample.rated_movies()]
    seen = np.quantile(votes, [0.25, 0.5, 0.75, 0.9])
    assert seen == pytest.approx([14, 49, 282, 1588], rel=0.5)
    ratings = [rating for rating, _ in sample.rated_movies()]
    assert np.mean(ratings) == pytest.approx(6.33, abs=0.2)
    assert min(ratings) >= 1
    assert max(ratings) <= 10


def test_genres(sample: Sample) -> None:
    cells = [row[8] for row in sample.movies.values()]
    genres = [[] if cell == NULL else cell.split(",") for cell in cells]
    counts = np.bincount([len(g) for g in genres], minlength=4) / len(genres)
    assert counts == pytest.approx([0.037, 0.557, 0.205, 0.201], abs=0.05)
    assert all(g == sorted(set(g)) for g in genres)
    share = Counter(genre for g in genres for genre in g)
    for genre, expected in (("Documentary", 0.353), ("Drama", 0.341), ("Comedy", 0.173)):
        assert share[genre] / len(genres) == pytest.approx(expected, abs=0.045)


def test_runtimes_and_titles_of_movies(sample: Sample) -> None:
    runtimes = [row[7] for row in sample.movies.values()]
    assert 0.22 < np.mean([r == NULL for r in runtimes]) < 0.37
    assert np.median([int(r) for r in runtimes if r != NULL]) == pytest.approx(88, abs=3)
    titles = Counter(row[2] for row in sample.movies.values())
    sharing = sum(n for n in titles.values() if n > 1) / len(sample.movies)
    assert sharing == pytest.approx(0.11, abs=0.03)
    assert np.median([len(row[2]) for row in sample.movies.values()]) == pytest.approx(16, abs=1)


def test_ordering_and_number_of_principals(sample: Sample) -> None:
    for tconst, rows in sample.cast.items():
        assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1)), tconst
        assert len({(row[2], row[3]) for row in rows}) == len(rows), tconst
    sizes = {row[0]: len(sample.cast.get(row[0], [])) for row in sample.basics}
    assert 60 < max(sizes.values()) <= 75
    rated = np.mean([n for t, n in sizes.items() if t in sample.ratings])
    unrated = np.mean([n for t, n in sizes.items() if t not in sample.ratings])
    assert rated == pytest.approx(13.8, abs=0.7)
    assert unrated == pytest.approx(7, abs=0.3)


def test_categories_and_characters(sample: Sample) -> None:
    count = Counter(row[3] for row in sample.principals)
    percent = {category: 100 * n / len(sample.principals) for category, n in count.items()}
    for category, expected in (("writer", 12.0), ("director", 8.6), ("editor", 5.3)):
        assert percent[category] == pytest.approx(expected, abs=1)
    for category, expected in (("actor", 23.7), ("actress", 17.9), ("self", 14.8)):
        assert percent[category] == pytest.approx(expected, abs=3)
    cells = {row[5] for row in sample.principals} - {NULL}
    assert all(all(json.loads(cell)) for cell in cells)
    assert not {row[5] for row in sample.principals if row[3] == "editor"} - {NULL}


def test_most_movie_people_have_one_credit(sample: Sample) -> None:
    credits = Counter(row[2] for row in sample.principals if row[0] in sample.movies)
    assert np.mean([n == 1 for n in credits.values()]) == pytest.approx(0.75, abs=0.05)
    assert max(credits.values()) > 20


def test_crew_agrees_with_principals(sample: Sample) -> None:
    people = {row[0] for row in sample.names}
    for tconst, directors, writers in read(sample.folder, "title.crew")[1:]:
        for category, cell in (("director", directors), ("writer", writers)):
            listed = set() if cell == NULL else set(cell.split(","))
            rows = [row for row in sample.cast.get(tconst, []) if row[3] == category]
            assert {row[2] for row in rows} & people <= listed


def test_series_belong_together(sample: Sample) -> None:
    people = {row[0] for row in sample.names}
    films = [t for series in sample.franchises.values() for t in series]
    assert len(sample.franchises) >= 3
    assert len(films) == len(set(films))
    for name, series in sample.franchises.items():
        assert 2 <= len(series) <= 8
        rows = [sample.movies[t] for t in series]
        assert all(sample.survives(t) for t in series)
        assert all(row[2].startswith(name) for row in rows)
        assert all(row[7] != NULL for row in rows)
        years = [int(row[5]) for row in rows]
        assert years == sorted(set(years))
        assert len({row[8] for row in rows}) == 1
        for categories, least in (({"director"}, 1), ({"writer"}, 1), ({"actor", "actress"}, 3)):
            groups = [{r[2] for r in sample.cast[t] if r[3] in categories} for t in series]
            assert len(set.intersection(*groups)) >= least
        assert {row[2] for t in series for row in sample.cast[t]} <= people


def test_a_failed_run_leaves_no_finished_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise RuntimeError("out of names")

    monkeypatch.setattr("workflow.sample.people.name_basics", fail)
    with pytest.raises(RuntimeError):
        generate(titles=100, seed=1, out=tmp_path)
    finished = [path for kind in ("gz", "json", "csv") for path in tmp_path.rglob(f"*.{kind}")]
    assert finished == []
