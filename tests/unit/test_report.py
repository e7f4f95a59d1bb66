"""The report of a build: the figures it tells, and a page that needs nothing beside it."""

import math
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from filmkin.catalogue import TABLES
from filmkin.errors import BuildError
from tests.world import BEGUN, film, publish
from workflow.load import report_file
from workflow.report import report
from workflow.report.__main__ import main
from workflow.report.figures import MOST_PEOPLE, Figures, Histogram, figures_of

EVIL = "<script>alert('x')</script> & Söhne"
FILMS = [
    film(1, "Ash", persons=["Ann", EVIL], directors=["Ann"], rating=Decimal("8.40"), vote_count=9, duration=89),
    film(2, "Ash Lake", persons=["Ann", "Bob"], year=date(1999, 1, 1), vote_count=99_999, duration=90, genres=["Drama", "War"]),
    film(3, "Ash Hill", persons=["Ann"], rating=None, vote_count=None, duration=51_420, genres=["War"]),
    film(4, None, original_title=None, year=None, rating=Decimal("10.00"), persons=[f"P{n}" for n in range(30)]),
]  # fmt: skip


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("build"), FILMS, floor=0.01).resolve()


@pytest.fixture(scope="module")
def figures(build: Path) -> Figures:
    return figures_of(build)


def steps(values: Iterator[float | None], width: float) -> list[tuple[float, int]]:
    found = Counter(math.floor(v / width + 1e-9) * width for v in values if v is not None)
    return sorted(found.items())


def test_histograms_count_what_has_a_value(figures: Figures) -> None:
    def of(name: str) -> Iterator[Any]:
        return (row[name] for row in FILMS)

    years = (day and day.year for day in of("year"))
    assert figures.years == Histogram(5, steps(years, 5))
    ratings = (rating and float(rating) for rating in of("rating"))
    assert figures.ratings == Histogram(0.5, steps(ratings, 0.5))
    assert figures.durations == Histogram(10, [(80, 1), (90, 1), (100, 1), (300, 1)])
    votes = (None if v is None else math.log10(v + 1) for v in of("vote_count"))
    assert figures.votes == Histogram(0.25, steps(votes, 0.25))


def test_similarities_are_counted_pair_by_pair(figures: Figures, build: Path) -> None:
    with duckdb.connect(str(build), read_only=True) as database:
        pairs = database.execute("SELECT similarity FROM films_cos_sim").fetchall()
    assert pairs
    expected = steps((v for (v,) in pairs), 0.05)
    np.testing.assert_allclose(figures.similarities.counts, expected)


def test_what_there_is_most_of_comes_first(figures: Figures) -> None:
    assert figures.genres == [("Drama", 3), ("War", 2)]
    assert figures.people[0] == ("Ann", 3, 7.7)
    assert len(figures.people) == MOST_PEOPLE
    assert dict(figures.unknown) == {
        "title": 1, "year": 1, "duration": 0, "rating": 1, "vote_count": 1,
    }  # fmt: skip


def test_every_table_is_counted_and_every_check_told(figures: Figures, build: Path) -> None:
    rows = {name: count for name, _, count in figures.rows}
    assert list(rows) == [table.name for table in TABLES]
    assert rows["films"] == len(FILMS)
    assert rows["build_checks"] == len(figures.checks)
    assert {offending for _, offending in figures.checks} == {0}


class Page(HTMLParser):
    """What a page says, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: Counter[str] = Counter()
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        fetching = {"src", "href", "xlink:href", "data", "srcset"}
        self.fetched += [value or "" for name, value in attrs if name in fetching]

    def handle_data(self, data: str) -> None:
        self.said.append(data.strip())


def test_the_page_tells_it_all_and_needs_nothing_beside_it(build: Path) -> None:
    text = report(build, "f1n9er")
    page = Page(text)
    assert page.tags["script"] == 0
    assert page.tags["svg"] == 6
    assert all(address.startswith("#") for address in page.fetched)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", text)
    assert "Build test" in page.said
    assert "title.basics.tsv.gz" in page.said
    assert page.said.count("holds") == len(figures_of(build).checks)
    assert 'content="f1n9er"' in text


def test_names_are_texts_and_no_html(tmp_path: Path) -> None:
    evil = publish(tmp_path, [film(1, persons=[EVIL], genres=[EVIL])]).resolve()
    page = Page(report(evil))
    assert EVIL in page.said
    assert page.tags["script"] == 0


def test_the_same_build_has_the_same_page(build: Path) -> None:
    assert report(build) == report(build)


def test_the_command_writes_it_beside_the_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "duckdb"
    file = publish(folder, FILMS[:1]).resolve()
    assert main(["--root", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(report_file(file))
    assert "Build test" in report_file(file).read_text("utf-8")
    assert main(["test", "--root", str(tmp_path), "--out", str(tmp_path / "one.html")]) == 0
    assert (tmp_path / "one.html").exists()


def test_its_time_is_that_of_utc_wherever_it_is_written(build: Path) -> None:
    program = f"from workflow.report import report; print(report(__import__('pathlib').Path({str(build)!r})))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": "Asia/Tokyo"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"Begun {BEGUN:%Y-%m-%d %H:%M} UTC" in done.stdout


def test_what_is_no_build_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.duckdb"
    broken.write_text("no database")
    with pytest.raises(BuildError, match=r"broken\.duckdb: "):
        report(broken)
    assert main(["gone", "--root", str(tmp_path)]) == 1
    assert "BuildError: There is no build gone that can be read" in capsys.readouterr().err
