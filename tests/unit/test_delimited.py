"""Texts between separators: every row is read as it is written, or counted as rejected."""

import csv
import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filmkin.errors import SourceError
from workflow.delimited import to_parquet

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
ROWS = st.lists(st.tuples(CELL, CELL, CELL.map(lambda cell: f"x{cell}")), min_size=1, max_size=20)


def read(source: Path) -> tuple[list[tuple[str, ...]], int]:
    """The rows of a file, and how many were rejected."""
    out = source.with_name("out.parquet")
    rejected = to_parquet(source, out)
    return [tuple(row.values()) for row in pq.read_table(out).to_pylist()], rejected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_what_is_quoted_is_read_as_python_wrote_it(
    tmp_path_factory: pytest.TempPathFactory, end: str, rows: list[tuple[str, ...]]
) -> None:
    source = tmp_path_factory.mktemp("csv") / "films.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL)
        writer.writerows([("a", "b", "c"), *rows])
    assert read(source) == (rows, 0)


def test_many_rows_that_end_in_crlf_are_all_read(tmp_path: Path) -> None:
    source = tmp_path / "films.csv"
    rows = [(str(n), "x" * (n % 700), "y") for n in range(20_000)]  # some blocks
    lines = [("a", "b", "c"), *rows]
    source.write_bytes("".join(",".join(line) + "\r\n" for line in lines).encode())
    assert read(source) == (rows, 0)


@pytest.mark.parametrize("name", ["plots.tsv", "plots.tsv.gz"])
def test_between_tabs_a_quote_is_a_letter(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    text = b'id\tplot\n1\t"Swing it" magistern\n2\t"lone, quote\n3\t\n'
    source.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    assert read(source) == ([("1", '"Swing it" magistern'), ("2", '"lone, quote'), ("3", "")], 0)


def test_rows_of_more_or_fewer_fields_are_rejected_and_counted(tmp_path: Path) -> None:
    source = tmp_path / "films.csv"
    source.write_text("a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert read(source) == ([("1", "2"), ("7", "8")], 2)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("films.csv", b"", "cannot be read"),
        ("films.csv", b"a,b,a\n1,2,3\n", "two of its columns have the same name"),
        ("films.csv", b"a,b\n1,Am\xe9lie\n", "cannot be read: .*UTF8"),
        ("films.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 9_999)[:-30], "cannot be read"),
    ],
    ids=["empty", "names", "encoding", "cut"],
)
def test_what_is_no_such_file_is_said_to_be_none(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    with pytest.raises(SourceError, match=f"{name}: {told}"):
        read(source)
