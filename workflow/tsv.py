"""A gzip TSV read as lines: its checksum, its header, and the lines that are not rows.

A database's CSV reader forgives much in silence (half a gzip stream, a renamed header, a NUL, a
line with a tab too many). What is checked here leaves it nothing to forgive.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filmkin.errors import CorruptFileError, HeaderError

CHUNK_BYTES = 8 << 20
MAX_LINE_BYTES = 1 << 20
_TAB, _NEWLINE = 9, 10


class RejectedLine(NamedTuple):
    """A line that is not a row: its number (the header is line 1), why, and the line itself."""

    line: int
    reason: str
    text: str


class Scan(NamedTuple):
    """What a file holds: its header, its data lines, and the numbers of the rejected ones."""

    header: list[str]
    lines: int
    rejected: list[int]


@contextmanager
def open_gzip(source: Path) -> Iterator[gzip.GzipFile]:
    """The decompressed stream; raises CorruptFileError when the gzip stream is not whole."""
    try:
        with gzip.open(source, "rb") as stream:
            yield stream
    except EOFError as error:
        raise CorruptFileError(source.name, "the gzip stream ends before its end mark") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise CorruptFileError(source.name, f"not a sound gzip file ({error})") from error


def verify_gzip(source: Path) -> None:
    """Read the whole stream against its checksums; raises CorruptFileError."""
    with open_gzip(source) as stream:
        if not stream.read(1):
            raise CorruptFileError(source.name, "empty")
        while stream.read(CHUNK_BYTES):
            pass


def scan(source: Path, declared: Sequence[str], on_reject: Callable[[RejectedLine], None]) -> Scan:
    """Read a file once, whole, and report each line that is not a row.

    Raises CorruptFileError, and HeaderError when the declared columns are not all there in their
    order; additional columns are in the returned header.
    """
    with open_gzip(source) as stream:
        header = _header(source, stream, declared)
        lines = 0
        rejected: list[int] = []
        for chunk in _whole_lines(stream):
            ends = _positions(chunk, _NEWLINE)
            for index, reason in _not_rows(chunk, ends, len(header) - 1):
                number = lines + index + 2  # counted from 1, and the header is line 1
                begin = ends[index - 1] + 1 if index else 0
                text = chunk[begin : ends[index]].decode(errors="backslashreplace")
                on_reject(RejectedLine(number, reason, text))
                rejected.append(number)
            lines += len(ends)
    return Scan(header, lines, rejected)


def copy_without(source: Path, rejected: Sequence[int], target: Path) -> None:
    """Write the file decompressed to `target`, without the lines of those numbers."""
    left_out = frozenset(rejected)
    with gzip.open(source, "rb") as stream, target.open("wb") as out:
        for number, line in enumerate(stream, start=1):
            if number not in left_out:
                out.write(line)


def _header(source: Path, stream: gzip.GzipFile, declared: Sequence[str]) -> list[str]:
    line = stream.readline(MAX_LINE_BYTES)
    if not line:
        raise CorruptFileError(source.name, "empty")
    header = line.decode(errors="backslashreplace").removesuffix("\n").split("\t")
    if [name for name in header if name in declared] != list(declared):
        raise HeaderError(
            source.name,
            f"columns expected: {' '.join(declared)}; found: {' '.join(map(repr, header))}",
        )
    return header


def _whole_lines(stream: gzip.GzipFile) -> Iterator[bytes]:
    """Chunks that end with a line's end; one is added to a last line that has none."""
    rest = b""
    while block := stream.read(CHUNK_BYTES):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest += block
    if rest:
        yield rest + b"\n"


def _not_rows(chunk: bytes, ends: NDArray[np.intp], tabs: int) -> list[tuple[int, str]]:
    """(index of line, reason) of the lines of `chunk` that are not rows, in order."""
    tabs_of_line = np.diff(np.searchsorted(_positions(chunk, _TAB), ends), prepend=0)
    length = np.diff(ends, prepend=-1) - 1
    reasons: dict[int, str] = {}
    for index in np.flatnonzero(tabs_of_line != tabs).tolist():
        empty = length[index] == 0
        reasons[index] = (
            "empty line" if empty else f"{tabs_of_line[index] + 1} columns instead of {tabs + 1}"
        )
    for index in np.flatnonzero(length > MAX_LINE_BYTES).tolist():
        reasons[index] = f"longer than {MAX_LINE_BYTES} bytes"
    for name, byte in (("carriage return", 13), ("NUL", 0)):
        if bytes([byte]) in chunk:
            for index in np.unique(np.searchsorted(ends, _positions(chunk, byte))).tolist():
                reasons[index] = f"a {name} in the line"
    try:
        chunk.decode()
    except UnicodeDecodeError:
        for index, line in enumerate(chunk.split(b"\n")[:-1]):
            try:
                line.decode()
            except UnicodeDecodeError:
                reasons[index] = "not UTF-8"
    return sorted(reasons.items())


def _positions(chunk: bytes, byte: int) -> NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == byte)
