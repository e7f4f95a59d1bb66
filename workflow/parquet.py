"""Files of parquet, and folders of them, as Spark writes them."""

from pathlib import Path

import pyarrow.parquet as pq


def count_rows(path: str | Path) -> int:
    """The rows of a file, or of all files in a folder, as they tell without being read."""
    # pyarrow.dataset counts them as well, and imports pandas for it, which takes a second.
    path = Path(path)
    files = path.rglob("*.parquet") if path.is_dir() else [path]
    return sum(pq.read_metadata(file).num_rows for file in files)
