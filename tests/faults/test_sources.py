"""Source files that are not what they should be: refused by name, or line by line."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.batch import TASK_FAILED, Batch, contents, ran

Change = Callable[[bytes], bytes]


@pytest.fixture
def source(sample: Path, tmp_path: Path) -> Path:
    """A copy of the sample, for one test."""
    return shutil.copytree(sample, tmp_path / "source")


def change(source: Path, changes: dict[str, Change]) -> None:
    for name, make in changes.items():
        file = source / f"{name}.tsv.gz"
        file.write_bytes(make(file.read_bytes()))


def in_text(edit: Change) -> Change:
    """The change of a file whose text is changed."""
    return lambda content: gzip.compress(edit(gzip.decompress(content)), compresslevel=1)


def of_header(edit: Callable[[list[bytes]], list[bytes]]) -> Change:
    def with_header(text: bytes) -> bytes:
        header, _, rest = text.partition(b"\n")
        return b"\t".join(edit(header.split(b"\t"))) + b"\n" + rest

    return in_text(with_header)


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


def test_broken_gzip_files_are_refused_by_name_and_the_last_build_serves_on(
    batch: Batch, undisturbed: Batch, source: Path
) -> None:
    broken: dict[str, Change] = {
        "title.basics": lambda content: content[: len(content) // 2],
        "title.ratings": flipped,
        "title.principals": lambda _: b"",
        "name.basics": lambda _: gzip.compress(b""),
        "title.crew": gzip.decompress,
        "title.akas": lambda content: content + b"and more than it should be" * 9,
    }
    change(source, broken)
    log = Batch(batch.root, str(source)).run(expect=TASK_FAILED)
    for told in (
        "title.basics.tsv.gz: the gzip stream ends before its end mark",
        "title.ratings.tsv.gz: not a sound gzip file",
        "title.principals.tsv.gz: empty",
        "name.basics.tsv.gz: empty",
        "title.crew.tsv.gz: not gzip: it begins b'tconst",
        "title.akas.tsv.gz: not a sound gzip file",
    ):
        assert f"CorruptFileError: {source}/{told}" in log
    assert contents(batch) == contents(undisturbed)


def test_wrong_columns_are_refused_by_name_and_the_last_build_serves_on(
    batch: Batch, undisturbed: Batch, source: Path
) -> None:
    wrong = {
        "title.basics": of_header(lambda names: [b"primarytitle" if n == b"primaryTitle" else n for n in names]),
        "title.ratings": of_header(lambda names: [names[0], names[2], names[1]]),
        "title.principals": of_header(lambda names: names[:-1]),
        "name.basics": in_text(lambda text: text.partition(b"\n")[2]),
        "title.crew": of_header(lambda names: [*names, b"editors"]),
        "title.akas": in_text(lambda text: text.replace(b"\n", b"\r\n")),
    }  # fmt: skip
    change(source, wrong)
    log = Batch(batch.root, str(source)).run(expect=TASK_FAILED)
    for told in (
        "title.basics.tsv.gz: columns expected: tconst titleType primaryTitle originalTitle",
        "title.ratings.tsv.gz: columns expected: tconst averageRating numVotes; found: 'tconst' 'numVotes' 'averageRating'",
        "title.principals.tsv.gz: columns expected: tconst ordering nconst category job characters",
        "name.basics.tsv.gz: columns expected: nconst primaryName",
        "title.akas.tsv.gz: columns expected: titleId ordering title",
    ):
        assert f"HeaderError: {told}" in log
    assert "title.crew.tsv.gz: additional columns ignored: editors" in log
    assert contents(batch) == contents(undisturbed)


# Of a title type that the film rule leaves out: as a row it changes no film.
EPISODE = b"tt9900001\ttvEpisode\t%s\t%s\t0\t1999\t\\N\t30\tDrama\n"
REJECTED = {
    "title.basics": {
        EPISODE % (b"A NUL \0", b"here"): "a NUL in the line",
        EPISODE % (b"x" * 10_000_000, b"of 10 MB"): "longer than 1048576 bytes",
        EPISODE % (b"Caf\xe9", b"in Latin-1"): "not UTF-8",
        (EPISODE % (b"CRLF", b"CRLF")).replace(b"\n", b"\r\n"): "a carriage return in the line",
        EPISODE.replace(b"1999", b"19999") % (b"far", b"future"): "startYear is '19999', not INTEGER without loss, 1000 to 9999",
        b"\n": "empty line",
    },
    "title.ratings": {
        b"tt0000001\t11.0\t5\n": "averageRating is '11.0', not DECIMAL(4,2) without loss, 0 to 10",
        b"tt0000001\t5.0\t99999999999\n": "numVotes is '99999999999', not INTEGER without loss, at least 0",
    },
    "title.principals": {
        b"tt0000001\t1\tnmX\tactor\t\\N\t\\N\n": "nconst is 'nmX', not an id nm...",
        b"tt0000001\t99999999999\tnm0000001\tactor\t\\N\t\\N\n": "ordering is '99999999999', not INTEGER without loss",
        b"tt0000001\t1\tnm0000001\tactor\n": "4 columns instead of 6",
    },
}  # fmt: skip
HARMLESS = {
    "title.basics": EPISODE % (b'"Half a quote', b'and "" more"\\'),
    "title.principals": b"tt9999999\t1\tnm0000001\tactor\t\\N\t\\N\n"  # a title that nobody knows
    b"tt0000001\t1\tnm99999999\tactor\t\\N\t\\N\n",  # a person that nobody knows
    "title.ratings": b"tt9999998\t9.9\t999999\n",
}


def test_dirty_lines_are_rejected_one_by_one_and_change_no_film(
    undisturbed: Batch, source: Path, tmp_path: Path
) -> None:
    """On one core, where the undisturbed run had two."""

    def dirtied(name: str) -> Change:
        def dirty(text: bytes) -> bytes:
            lines = text.splitlines(keepends=True)
            repeated = b"".join(lines[1:40])
            return text + repeated + b"".join(REJECTED[name]) + HARMLESS[name]

        return in_text(dirty)

    change(source, {name: dirtied(name) for name in REJECTED})
    batch = Batch(tmp_path / "root", str(source), undisturbed.settings)
    log = batch.run("--spark-master", "local[1]", task="PrepFilms")
    found, expected = (pq.read_table(one.root / "output" / "films") for one in (batch, undisturbed))
    assert found.num_rows > 100
    assert found.equals(expected)
    for name, reasons in REJECTED.items():
        kept = batch.root / "output" / "staged" / name / "_rejected.jsonl"
        rejected = [json.loads(line) for line in kept.read_text().splitlines()]
        assert sorted(line["reason"] for line in rejected) == sorted(reasons.values())
        lines = len(gzip.decompress((source / f"{name}.tsv.gz").read_bytes()).splitlines())
        assert all(0 < lines - line["line"] < len(reasons) + 3 for line in rejected)
        assert f"{name}.tsv.gz, line {rejected[0]['line']} rejected: {rejected[0]['reason']}" in log


@pytest.mark.parametrize("place", [0.5, 0], ids=["midst", "header"])
def test_a_file_that_is_damaged_after_it_came_is_fetched_again(
    batch: Batch, undisturbed: Batch, place: float
) -> None:
    crew = batch.root / "datasets" / "title.crew.tsv.gz"
    content = bytearray(crew.read_bytes())
    begin = 20 + int(place * len(content))
    content[begin : begin + 64] = bytes(range(64))
    crew.write_bytes(content)
    shutil.rmtree(batch.root / "output" / "staged" / "title.crew")
    stage = ("--name", "title.crew")
    log = batch.run(*stage, task="StageDataset", expect=TASK_FAILED)
    assert "CorruptFileError: title.crew.tsv.gz: " in log
    assert "It was damaged since it came, and the next run fetches it." in log
    log = batch.run(*stage, task="StageDataset")
    assert ran(log) == {"title.crew.tsv.gz", "StageDataset title.crew"}
    assert ran(batch.run()) == set()
    assert contents(batch) == contents(undisturbed)
