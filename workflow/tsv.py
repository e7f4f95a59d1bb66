"""A gzip TSV read as lines: its checksum, its header, and the lines that are not rows.

A database's CSV reader forgives much in silence (half a gzip stream, a renamed header, a NUL, a
line with a tab too many). What is checked here leaves it nothing to forgive.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
from isal import igzip, igzip_lib
from numpy.typing import NDArray

from filmkin.errors import CorruptFileError, HeaderError

CHUNK_BYTES = 4 << 20
_ISAL_ERROR = cast("type[Exception]", igzip_lib.IsalError)  # its types call it an instance
MAX_LINE_BYTES = 1 << 20
_TAB, _NEWLINE = 9, 10
_NOT_IN_A_ROW = {"carriage return": 13, "NUL": 0}


class RejectedLine(NamedTuple):
    """A line that is not a row: its number (the header is line 1), why, and the line itself."""

    line: int
    reason: str
    text: str


class SourceLines:
    """The lines of a source file: `header` at once, and the rest as it is read.

    `lines` counts the data lines so far, `rejected` has the numbers of those that are not rows.
    """

    def __init__(self, source: Path, stream: gzip.GzipFile, declared: Sequence[str]) -> None:
        self.header = _header(source, stream, declared)
        self.lines = 0
        self.rejected: list[int] = []
        self._stream = stream

    def rows(self, on_reject: Callable[[RejectedLine], None]) -> Iterator[bytes]:
        """The lines that are rows, whole and many at a time; each of the others is reported."""
        tabs = len(self.header) - 1
        for chunk in _whole_lines(self._stream):
            ends = _positions(chunk, _NEWLINE)
            if _all_rows(chunk, ends, tabs):
                yield chunk
            else:
                yield from self._without_rejected(chunk, ends, tabs, on_reject)
            self.lines += len(ends)

    def _without_rejected(
        self,
        chunk: bytes,
        ends: NDArray[np.intp],
        tabs: int,
        on_reject: Callable[[RejectedLine], None],
    ) -> Iterator[bytes]:
        kept_from = 0
        for index, reason in _not_rows(chunk, ends, tabs):
            number = self.lines + index + 2  # counted from 1, and the header is line 1
            begin, end = int(ends[index - 1]) + 1 if index else 0, int(ends[index])
            on_reject(RejectedLine(number, reason, chunk[begin:end].decode(errors=_SHOWN)))
            self.rejected.append(number)
            yield chunk[kept_from:begin]
            kept_from = end + 1
        yield chunk[kept_from:]


_SHOWN = "backslashreplace"  # how bytes that are not UTF-8 are shown


@contextmanager
def source_lines(source: Path, declared: Sequence[str]) -> Iterator[SourceLines]:
    """A file to be read once, whole.

    Raises CorruptFileError, and HeaderError when the declared columns are not all there in their
    order; additional columns are in the header.
    """
    with open_gzip(source) as stream:
        yield SourceLines(source, stream, declared)


@contextmanager
def open_gzip(source: Path) -> Iterator[gzip.GzipFile]:
    """The decompressed stream; raises CorruptFileError when the gzip stream is not whole."""
    try:
        with igzip.IGzipFile(source, "rb") as stream:
            yield stream
    except EOFError as error:
        raise CorruptFileError(source.name, "the gzip stream ends before its end mark") from error
    except (gzip.BadGzipFile, zlib.error, _ISAL_ERROR) as error:
        raise CorruptFileError(source.name, f"not a sound gzip file ({error})") from error


def verify_gzip(source: Path) -> None:
    """Read the whole stream against its checksums; raises CorruptFileError."""
    with open_gzip(source) as stream:
        if not stream.read(1):
            raise CorruptFileError(source.name, "empty")
        while stream.read(CHUNK_BYTES):
            pass


def _header(source: Path, stream: gzip.GzipFile, declared: Sequence[str]) -> list[str]:
    line = stream.readline(MAX_LINE_BYTES)
    if not line:
        raise CorruptFileError(source.name, "empty")
    header = line.decode(errors=_SHOWN).removesuffix("\n").split("\t")
    if [name for name in header if name in declared] != list(declared):
        raise HeaderError(
            source.name,
            f"columns expected: {' '.join(declared)}; found: {' '.join(map(repr, header))}",
        )
    return header


def _whole_lines(stream: gzip.GzipFile) -> Iterator[bytes]:
    """Chunks that end with a line's end; one is added to a last line that has none.

    Of a line longer than MAX_LINE_BYTES, which is no row, only so much is kept that it shows.
    """
    rest = b""
    while block := stream.read(CHUNK_BYTES):
        cut = block.rfind(b"\n") + 1
        if cut:
            yield rest + block[:cut]
            rest = block[cut:]
        else:
            rest = (rest + block)[: MAX_LINE_BYTES + 1]
    if rest:
        yield rest + b"\n"


def _all_rows(chunk: bytes, ends: NDArray[np.intp], tabs: int) -> bool:
    """Whether every line of `chunk` is a row."""
    found = _positions(chunk, _TAB)
    if len(found) != tabs * len(ends):
        return False
    # So many tabs in all: so many in each line, if the first and the last of each stand within it.
    first, last = found[::tabs], found[tabs - 1 :: tabs]
    lengths = np.diff(ends, prepend=-1) - 1
    return (
        bool((last < ends).all() and (first[1:] > ends[:-1]).all())
        and int(lengths.max(initial=0)) <= MAX_LINE_BYTES
        and not any(bytes([byte]) in chunk for byte in _NOT_IN_A_ROW.values())
        and _is_utf8(chunk)
    )


def _is_utf8(data: bytes) -> bool:
    # Arrow checks a text without making one, as decode() would.
    ends = pa.array([0, len(data)], pa.int32()).buffers()[1]
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


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
    for name, byte in _NOT_IN_A_ROW.items():
        if bytes([byte]) in chunk:
            for index in np.unique(np.searchsorted(ends, _positions(chunk, byte))).tolist():
                reasons[index] = f"a {name} in the line"
    if not _is_utf8(chunk):
        for index, line in enumerate(chunk.split(b"\n")[:-1]):
            if not _is_utf8(line):
                reasons[index] = "not UTF-8"
    return sorted(reasons.items())


def _positions(chunk: bytes, byte: int) -> NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == byte)
