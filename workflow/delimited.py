"""Texts between separators, as scrapes come -> parquet of texts, with every row accounted for.

Not read by Spark: it loses rows without a word where lines end in CRLF and a field may hold a line
break (seen with 4.x: one of 5,043), and makes nulls of what a row has too few of.
"""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from filmkin.errors import SourceError


def to_parquet(source: Path, out: Path) -> int:
    """Write all columns of a file with a header as texts; returns how many rows were rejected, for
    they have more fields than the header, or fewer.

    Fields are separated by commas and may be quoted; where the file is named .tsv, by tabs and as
    IMDb writes, without quoting. Raises SourceError for what is no such file.
    """
    rejected = 0

    def reject(_: csv.InvalidRow) -> str:
        nonlocal rejected
        rejected += 1
        return "skip"

    in_turn = csv.ReadOptions(use_threads=False)
    try:
        with csv.open_csv(source, in_turn, _form(source, lambda _: "skip")) as first:
            texts = {name: pa.string() for name in first.schema.names}
            columns = len(first.schema)
        if len(texts) < columns:
            raise SourceError(source.name, "two of its columns have the same name")
        as_texts = csv.ConvertOptions(column_types=texts)
        pq.write_table(csv.read_csv(source, in_turn, _form(source, reject), as_texts), out)
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(source.name, f"cannot be read: {error}") from error
    return rejected


def _form(source: Path, reject: Callable[[csv.InvalidRow], str]) -> csv.ParseOptions:
    is_tabbed = Path(source.name.removesuffix(".gz")).suffix == ".tsv"
    return csv.ParseOptions(
        delimiter="\t" if is_tabbed else ",",
        quote_char=False if is_tabbed else '"',
        newlines_in_values=not is_tabbed,
        invalid_row_handler=reject,
    )
