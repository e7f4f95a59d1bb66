"""TSV.gz -> typed parquet, proven complete.

Every data line of the file becomes a row or a rejected line with its reason, and the two add up.
`scan` settles what a line is; DuckDB splits the lines and converts the values; a value that does
not convert without loss rejects its line instead of turning into a null.
"""

import json
import logging
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from filmkin.errors import IncompleteError
from workflow.sources import SourceColumn, SourceTable
from workflow.tsv import MAX_LINE_BYTES, RejectedLine, Scan, copy_without, scan

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
        found = scan(source, declared, report.add)
        additional = tuple(name for name in found.header if name not in declared)
        if additional:
            log.warning("%s: additional columns ignored: %s", source.name, ", ".join(additional))
        with tempfile.TemporaryDirectory(dir=out, prefix="_clean-") as scratch:
            clean = source
            if found.rejected:
                clean = Path(scratch) / "clean.tsv"
                copy_without(source, found.rejected, clean)
            rows = _convert(clean, table, found, out / "part-0.parquet", report)
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


def _convert(clean: Path, table: SourceTable, found: Scan, target: Path, report: _Rejects) -> int:
    """Write the rows that convert; report the others. Returns how many were written."""
    positions = {name: f"c{index}" for index, name in enumerate(found.header)}
    kept = [(positions[column.name], column) for column in table.kept]
    faulty = " OR ".join(f"coalesce({_faulty(raw, column)}, false)" for raw, column in kept)
    values = ", ".join(f'{_value(raw, column)} AS "{column.name}"' for raw, column in kept)
    lines = _read_lines(len(found.header))
    with duckdb.connect() as database:
        # The reader's own columns carry made-up names: a header is not to be trusted with SQL.
        written = database.execute(
            f"COPY (SELECT {values} FROM {lines} WHERE NOT ({faulty}))"
            f" TO {quote(target)} (FORMAT parquet, COMPRESSION zstd)",
            [str(clean)],
        ).fetchone()
        rows = int(written[0]) if written else 0
        if rows + report.count != found.lines:
            faults = database.execute(
                f"SELECT row, {', '.join(raw for raw, _ in kept)},"
                f" {', '.join(f'coalesce({_faulty(raw, column)}, false)' for raw, column in kept)}"
                f" FROM (SELECT *, row_number() OVER () AS row FROM {lines}) WHERE {faulty}"
                " ORDER BY row",
                [str(clean)],
            )
            line_of = _line_numbers(found.rejected)
            while row := faults.fetchone():
                texts, wrong = row[1 : 1 + len(kept)], row[1 + len(kept) :]
                report.add(_reject(line_of(row[0]), table.kept, texts, wrong))
    return rows


def _reject(
    line: int, columns: Sequence[SourceColumn], texts: Sequence[str | None], wrong: Sequence[bool]
) -> RejectedLine:
    index = list(wrong).index(True)
    column, text = columns[index], texts[index]
    kind = f"an id {column.prefix}..." if column.prefix else f"{column.type} without loss"
    shown = "\t".join(r"\N" if text is None else text for text in texts)
    return RejectedLine(line, f"{column.name} is {text!r}, not {kind}", shown)


def _line_numbers(rejected: Sequence[int]) -> Callable[[int], int]:
    """Row of the cleaned file (from 1) -> line of the source (the header is line 1)."""
    rows_before = [line - 2 - index for index, line in enumerate(rejected)]
    return lambda row: row + 1 + bisect_left(rows_before, row)


def _read_lines(columns: int) -> str:
    names = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(columns))
    return (
        "read_csv($1, auto_detect = false, header = false, skip = 1, delim = '\t', quote = '',"
        rf" escape = '', nullstr = '\N', new_line = '\n', max_line_size = {2 * MAX_LINE_BYTES},"
        f" columns = {{{names}}})"
    )


def _value(raw: str, column: SourceColumn) -> str:
    text = f"substr({raw}, {len(column.prefix) + 1})" if column.prefix else raw
    return f"TRY_CAST({text} AS {column.type})"


def _faulty(raw: str, column: SourceColumn) -> str:
    """SQL that is true where the text does not say the value without loss."""
    value = _value(raw, column)
    if column.prefix:
        return (
            f"{raw} IS NULL OR {value} IS NULL"
            f" OR NOT regexp_full_match({raw}, '{column.prefix}[0-9]+')"
        )
    if column.type == "VARCHAR":
        return "false"
    if column.type == "INTEGER":
        return f"{raw} IS NOT NULL AND {value}::VARCHAR IS DISTINCT FROM {raw}"
    return (
        f"{raw} IS NOT NULL AND"
        f" ({value} IS NULL OR {value}::DOUBLE IS DISTINCT FROM TRY_CAST({raw} AS DOUBLE))"
    )


def quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
