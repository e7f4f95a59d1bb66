"""TSV.gz -> typed parquet, proven complete.

Every data line of the file becomes a row or a rejected line with its reason, and the two add up.
`workflow.tsv` settles what a line is and hands the rows through a pipe to DuckDB, which splits them
and converts the values; a value that does not convert without loss rejects its line instead of
turning into a null. So a file is decompressed once, and nobody need hold it whole.
"""

import json
import logging
import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from filmkin.errors import IncompleteError
from workflow.sources import SourceColumn, SourceTable
from workflow.sql import quoted
from workflow.storage import storage_error
from workflow.tsv import MAX_LINE_BYTES, RejectedLine, source_lines

log = logging.getLogger(__name__)

REJECTED = "_rejected.jsonl"  # Spark passes over names that open with an underscore
_LOGGED_REJECTS = 5
_KEPT_TEXT = 1000  # characters of a rejected line that are worth keeping


@dataclass(frozen=True, slots=True)
class StageReport:
    """lines = rows + rejected; `additional` are columns that nobody declared."""

    lines: int
    rows: int
    rejected: int
    additional: tuple[str, ...]


def stage(source: Path, table: SourceTable, out: Path) -> StageReport:
    """Write the rows of `source` to `out`/part-0.parquet and its other lines beside them.

    Raises SourceError, in one of its kinds, when the file is not what was declared.
    """
    declared = [column.name for column in table.columns]
    with (out / REJECTED).open("w", encoding="utf-8") as rejects:
        report = _Rejects(source.name, rejects)
        with source_lines(source, declared) as found:
            additional = tuple(name for name in found.header if name not in declared)
            if additional:
                log.warning(
                    "%s: additional columns ignored: %s", source.name, ", ".join(additional)
                )
            with _piped(found.rows(report.add)) as pipe:
                rows = _write_rows(pipe, table, found.header, out / "part-0.parquet")
        if rows + report.count != found.lines:
            _report_faults(source, table, report)
    if rows + report.count != found.lines:
        raise IncompleteError(
            source.name,
            f"{found.lines} lines became {rows} rows and {report.count} rejected lines",
        )
    return StageReport(found.lines, rows, report.count, additional)


class _Rejects:
    """Keeps each rejected line in a file, and the first few in the log."""

    def __init__(self, source: str, out: TextIO) -> None:
        self.source = source
        self.out = out
        self.count = 0

    def add(self, reject: RejectedLine) -> None:
        self.count += 1
        text = reject.text[:_KEPT_TEXT]
        if self.count <= _LOGGED_REJECTS:
            log.warning(
                "%s, line %d rejected: %s: %r", self.source, reject.line, reject.reason, text[:200]
            )
        self.out.write(json.dumps({**reject._asdict(), "text": text}, ensure_ascii=False) + "\n")


@contextmanager
def _piped(chunks: Iterator[bytes]) -> Iterator[str]:
    """The path of a pipe that a thread writes the chunks to; what goes wrong there is raised."""
    reader, writer = os.pipe()

    def feed() -> None:
        # A reader that gave up says why itself.
        with suppress(BrokenPipeError), os.fdopen(writer, "wb") as out:
            out.writelines(chunks)

    with ThreadPoolExecutor(max_workers=1) as pool:
        feeding = pool.submit(feed)
        try:
            yield f"/dev/fd/{reader}"
        finally:
            os.close(reader)
            feeding.result()  # after a failure the reader took the early end for the end


def _write_rows(pipe: str, table: SourceTable, header: list[str], target: Path) -> int:
    """Write the rows that convert; returns how many."""
    columns = _columns(table, header)
    values = ", ".join(f'{_value(raw, column)} AS "{column.name}"' for raw, column in columns)
    faulty = " OR ".join(_faulty(raw, column) for raw, column in columns)
    try:
        with duckdb.connect() as database:
            # The reader's own columns carry made-up names: a header is not to be trusted with SQL.
            written = database.execute(
                f"COPY (SELECT {values} FROM {_read_lines(len(header))} WHERE NOT ({faulty}))"
                f" TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)",
                [pipe],
            ).fetchone()
    except duckdb.IOException as error:
        if refusal := storage_error(str(error)):
            raise refusal from error
        raise
    return int(written[0]) if written else 0


def _report_faults(source: Path, table: SourceTable, report: _Rejects) -> None:
    """Read the file again for the rows that do not convert, and report them."""
    with source_lines(source, [column.name for column in table.columns]) as found:
        columns = _columns(table, found.header)
        faults = ", ".join(_faulty(raw, column) for raw, column in columns)
        faulty = " OR ".join(_faulty(raw, column) for raw, column in columns)
        with duckdb.connect() as database, _piped(found.rows(lambda _: None)) as pipe:
            wrong_rows = database.execute(
                f"SELECT row, {', '.join(raw for raw, _ in columns)}, {faults}"
                f" FROM (SELECT *, row_number() OVER () AS row"
                f" FROM {_read_lines(len(found.header))}) WHERE {faulty} ORDER BY row",
                [pipe],
            )
            line_of = None
            while row := wrong_rows.fetchone():
                # The query has ended with its first row, for it sorts: all rejects are known.
                line_of = line_of or _line_numbers(found.rejected)
                texts, wrong = row[1 : 1 + len(columns)], row[1 + len(columns) :]
                report.add(_reject(line_of(row[0]), table.kept, texts, wrong))


def _columns(table: SourceTable, header: list[str]) -> list[tuple[str, SourceColumn]]:
    """The columns to keep, each with the name that it has while it is text."""
    return [(f"c{header.index(column.name)}", column) for column in table.kept]


def _reject(
    line: int, columns: Sequence[SourceColumn], texts: Sequence[str | None], wrong: Sequence[bool]
) -> RejectedLine:
    index = list(wrong).index(True)
    column, text = columns[index], texts[index]
    shown = "\t".join(r"\N" if text is None else text for text in texts)
    return RejectedLine(line, f"{column.name} is {text!r}, not {_kind(column)}", shown)


def _kind(column: SourceColumn) -> str:
    """What the text of a column must be."""
    if column.prefix:
        return f"an id {column.prefix}..."
    match column.least, column.most:
        case None, None:
            within = ""
        case least, None:
            within = f", at least {least}"
        case least, most:
            within = f", {least} to {most}"
    return f"{column.type} without loss{within}"


def _line_numbers(rejected: Sequence[int]) -> Callable[[int], int]:
    """Row of the cleaned file (from 1) -> line of the source (the header is line 1)."""
    rows_before = [line - 2 - index for index, line in enumerate(rejected)]
    return lambda row: row + 1 + bisect_left(rows_before, row)


def _read_lines(columns: int) -> str:
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(columns))
    return (
        "read_csv($1, auto_detect = false, header = false, delim = '\t', quote = '',"
        rf" escape = '', nullstr = '\N', new_line = '\n', max_line_size = {2 * MAX_LINE_BYTES},"
        f" columns = {{{names}}})"
    )


def _value(raw: str, column: SourceColumn) -> str:
    text = f"substr({raw}, {len(column.prefix) + 1})" if column.prefix else raw
    return f"TRY_CAST({text} AS {column.type})"


def _faulty(raw: str, column: SourceColumn) -> str:
    """SQL that is true where the text does not say the value without loss, and never null."""
    value = _value(raw, column)
    if column.prefix:
        digits = f"coalesce(regexp_full_match({raw}, '{column.prefix}[0-9]+'), false)"
        return f"({value} IS NULL OR NOT {digits})"
    if column.type == "VARCHAR":
        return "false"
    if column.type == "INTEGER":
        lossy = f"{value}::VARCHAR IS DISTINCT FROM {raw}"
    else:
        lossy = f"{value} IS NULL OR {value}::DOUBLE IS DISTINCT FROM TRY_CAST({raw} AS DOUBLE)"
    outside = [f"{value} < {column.least}"] if column.least is not None else []
    outside += [f"{value} > {column.most}"] if column.most is not None else []
    return f"({raw} IS NOT NULL AND ({' OR '.join([lossy, *outside])}))"
