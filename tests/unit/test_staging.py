"""Every line of a file becomes a row or a rejected line with its reason."""

import gzip
import json
import logging
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from filmkin.errors import CorruptFileError, HeaderError
from workflow import tsv
from workflow.sources import IMDB
from workflow.staging import REJECTED, StageReport, stage

RATINGS = IMDB["title.ratings"]
HEADER = b"tconst\taverageRating\tnumVotes\n"


def staged(
    tmp_path: Path, content: bytes, table: str = "title.ratings"
) -> tuple[StageReport, list[dict[str, Any]], list[dict[str, Any]]]:
    """(report, rows, rejected lines) of a file with this content."""
    tmp_path.mkdir(exist_ok=True)
    source = tmp_path / IMDB[table].file_name
    source.write_bytes(gzip.compress(content))
    return staged_file(source, table)


def staged_file(
    source: Path, table: str = "title.ratings"
) -> tuple[StageReport, list[dict[str, Any]], list[dict[str, Any]]]:
    out = source.parent / "out"
    out.mkdir()
    report = stage(source, IMDB[table], out)
    rejected = [json.loads(line) for line in (out / REJECTED).read_text().splitlines()]
    return report, pq.read_table(out / "part-0.parquet").to_pylist(), rejected


def test_values_are_typed_and_nulls_are_nulls(tmp_path: Path) -> None:
    report, rows, _ = staged(tmp_path, HEADER + b"tt0000001\t5.7\t2050\ntt10000002\t\\N\t\\N\n")
    assert rows == [
        {"tconst": 1, "averageRating": Decimal("5.70"), "numVotes": 2050},
        {"tconst": 10000002, "averageRating": None, "numVotes": None},
    ]
    assert report == StageReport(lines=2, rows=2, rejected=0, additional=())


def test_quotes_are_letters_like_others(tmp_path: Path) -> None:
    header = "\t".join(column.name for column in IMDB["name.basics"].columns)
    names = [
        '"Unbalanced',
        'Stephen "Dr" Love',
        "O'Neill",
        'back\\slash"',
        "Zoë",
        '""',
        "N",
        "NULL",
        "",
    ]
    lines = [f"nm{n:07}\t{name}\t\\N\t\\N\t\\N\t\\N" for n, name in enumerate(names)]
    _, rows, rejected = staged(tmp_path, "\n".join([header, *lines]).encode(), "name.basics")
    assert [row["primaryName"] for row in rows] == names
    assert rejected == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "empty line"),
        (b"tt0000009\t7.0", "2 columns instead of 3"),
        (b"tt0000009\t7.0\t10\t", "4 columns instead of 3"),
        (b"tt0000009\t7.0\t10\r", "a carriage return in the line"),
        (b"tt00\x0000009\t7.0\t10", "a NUL in the line"),
        (b"tt0000009\t\xe9\t10", "not UTF-8"),
        (b"tt0000009\t7.0\t" + b"1" * tsv.MAX_LINE_BYTES, "longer than 1048576 bytes"),
        (b"nm0000009\t7.0\t10", "tconst is 'nm0000009', not an id tt..."),
        (b"tt-000009\t7.0\t10", "tconst is 'tt-000009', not an id tt..."),
        (b"tt99999999999\t7.0\t10", "tconst is 'tt99999999999', not an id tt..."),
        (b"\\N\t7.0\t10", "tconst is None, not an id tt..."),
        (b"tt0000009\tseven\t10", "averageRating is 'seven', not DECIMAL(4,2) without loss, 0 to 10"),
        (b"tt0000009\t7.123\t10", "averageRating is '7.123', not DECIMAL(4,2) without loss, 0 to 10"),
        (b"tt0000009\t10.1\t10", "averageRating is '10.1', not DECIMAL(4,2) without loss, 0 to 10"),
        (b"tt0000009\t-1\t10", "averageRating is '-1', not DECIMAL(4,2) without loss, 0 to 10"),
        (b"tt0000009\t7.0\t-1", "numVotes is '-1', not INTEGER without loss, at least 0"),
        (b"tt0000009\t\t10", "averageRating is '', not DECIMAL(4,2) without loss, 0 to 10"),
        (b"tt0000009\t7.0\t1.5", "numVotes is '1.5', not INTEGER without loss, at least 0"),
        (b"tt0000009\t7.0\t 10", "numVotes is ' 10', not INTEGER without loss, at least 0"),
        (b"tt0000009\t7.0\t2147483648", "numVotes is '2147483648', not INTEGER without loss, at least 0"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_row_is_kept_with_its_reason(
    tmp_path: Path, line: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = [b"tt0000001\t1.0\t1", b"tt0000002\t2.0\t2"]
    content = HEADER + good[0] + b"\n" + line + b"\n" + good[1] + b"\n"
    with caplog.at_level(logging.WARNING):
        report, rows, rejected = staged(tmp_path, content)
    assert [row["tconst"] for row in rows] == [1, 2]
    assert report == StageReport(lines=3, rows=2, rejected=1, additional=())
    assert [(reject["line"], reject["reason"]) for reject in rejected] == [(3, reason)]
    assert f"title.ratings.tsv.gz, line 3 rejected: {reason}" in caplog.text


def test_a_tab_too_many_does_not_make_up_for_one_too_few(tmp_path: Path) -> None:
    lines = [b"tt0000001\t1.0\t1", b"tt0000002\t2.0", b"tt0000003\t3.0\t3\t3", b"tt0000004\t4.0\t4"]
    for order in (1, -1):
        _, rows, rejected = staged(tmp_path / str(order), HEADER + b"\n".join(lines[::order]))
        assert [row["tconst"] for row in rows] == [1, 4][::order]
        assert [reject["line"] for reject in rejected] == [3, 4]


def test_a_line_of_many_chunks_is_rejected_and_the_next_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tsv, "CHUNK_BYTES", tsv.MAX_LINE_BYTES // 3)
    line = b"tt0000001\t1.0\t" + b"1" * (5 * tsv.MAX_LINE_BYTES)
    report, rows, rejected = staged(tmp_path, HEADER + line + b"\ntt0000002\t2.0\t2\n")
    assert report == StageReport(lines=2, rows=1, rejected=1, additional=())
    assert [row["tconst"] for row in rows] == [2]
    assert rejected[0]["reason"] == "longer than 1048576 bytes"
    assert rejected[0]["text"].startswith("tt0000001\t1.0\t111")


def test_rejected_lines_of_both_kinds_keep_their_own_numbers(tmp_path: Path) -> None:
    lines = [
        b"tt0000001\t1.0\t1",
        b"",
        b"ttx\t1.0\t1",
        b"a\tb",
        b"tt0000002\t1.0\tx",
        b"tt0000003\t1.0\t1",
    ]
    report, rows, rejected = staged(tmp_path, HEADER + b"\n".join(lines))
    assert sorted(reject["line"] for reject in rejected) == [3, 4, 5, 6]
    assert {reject["line"]: reject["text"] for reject in rejected}[6] == "tt0000002\t1.0\tx"
    assert (report.lines, report.rows, report.rejected) == (6, 2, 4)
    assert [row["tconst"] for row in rows] == [1, 3]


def test_lines_that_cross_chunks_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsv, "CHUNK_BYTES", 7)
    lines = [b"tt%07d\t5.5\t%d" % (n, n) for n in range(200)]
    lines[50] = b""
    report, rows, rejected = staged(tmp_path, HEADER + b"\n".join(lines) + b"\n")
    assert [row["numVotes"] for row in rows] == [n for n in range(200) if n != 50]
    assert [reject["line"] for reject in rejected] == [52]
    assert report.lines == 200


@pytest.mark.parametrize(
    "header",
    [
        b"tconst\tnumVotes\taverageRating\n",
        b"tconst\taverageRating\n",
        b"tconst\taverageRating\tvotes\n",
        b"tconst\taverageRating\tnumVotes\r\n",
        b"<html>\n",
    ],
)
def test_a_header_that_does_not_match_is_refused_with_both_headers(
    tmp_path: Path, header: bytes
) -> None:
    found = header.decode().strip("\n").split("\t")
    with pytest.raises(HeaderError) as refused:
        staged(tmp_path, header + b"tt0000001\t1\t1\n")
    assert str(refused.value) == (
        "title.ratings.tsv.gz: columns expected: tconst averageRating numVotes;"
        f" found: {' '.join(map(repr, found))}"
    )


def test_an_additional_column_is_reported_and_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = b"tconst\tmood\taverageRating\tnumVotes\ntt0000001\tsad\t7.1\t9\n"
    report, rows, _ = staged(tmp_path, content)
    assert rows == [{"tconst": 1, "averageRating": Decimal("7.10"), "numVotes": 9}]
    assert report.additional == ("mood",)
    assert "title.ratings.tsv.gz: additional columns ignored: mood" in caplog.text


def broken_files() -> list[tuple[str, bytes, str]]:
    whole = gzip.compress(HEADER + b"".join(b"tt%07d\t5.5\t%d\n" % (n, n) for n in range(5000)))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    return [
        ("half a stream", whole[: len(whole) // 2], "the gzip stream ends before its end mark"),
        # What a flipped bit breaks, a block or the end of one, is up to the bit.
        ("a flipped byte", bytes(flipped), "not a sound gzip file|ends before its end mark"),
        ("a wrong checksum", whole[:-8] + bytes(4) + whole[-4:], "not a sound gzip file"),
        ("no gzip", b"<html>Not found</html>", "not a sound gzip file"),
        ("nothing", b"", "empty"),
        ("an empty stream", gzip.compress(b""), "empty"),
    ]


@pytest.mark.parametrize(
    ("content", "problem"), [c[1:] for c in broken_files()], ids=[c[0] for c in broken_files()]
)
def test_a_broken_gzip_file_is_refused_by_name(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    source = tmp_path / RATINGS.file_name
    source.write_bytes(content)
    with pytest.raises(CorruptFileError, match=problem) as refused:
        staged_file(source)
    assert refused.value.source == "title.ratings.tsv.gz"


@pytest.mark.parametrize("place", range(0, 40_000, 4096))
def test_a_block_that_was_overwritten_is_damage_by_name(tmp_path: Path, place: int) -> None:
    """Whatever the library makes of it, from the header on."""
    lines = b"".join(b"tt%07d\t%d.0\t%d\n" % (n, n % 10, n * 7919 % 99991) for n in range(20_000))
    content = gzip.compress(HEADER + lines)
    assert len(content) > 40_000
    noise = random.Random(place).randbytes(4096)
    source = tmp_path / RATINGS.file_name
    source.write_bytes(content[:place] + noise + content[place + 4096 :])
    with pytest.raises(CorruptFileError, match=r"^title.ratings.tsv.gz: "):
        tsv.verify_gzip(source)


def test_a_gzip_file_of_several_members_is_read_whole(tmp_path: Path) -> None:
    source = tmp_path / RATINGS.file_name
    source.write_bytes(gzip.compress(HEADER) + gzip.compress(b"tt0000001\t1.0\t1\n"))
    assert len(staged_file(source)[1]) == 1
