"""Rows are counted as they are read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workflow.parquet import count_rows


def test_rows_of_a_file_and_of_all_files_in_a_folder_are_counted(tmp_path: Path) -> None:
    for name, rows in (("a", 3), ("b", 0), ("deeper/c", 4)):
        file = tmp_path / "all" / f"{name}.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"n": pa.array(range(rows), pa.int32())}), file)
    (tmp_path / "all" / "_SUCCESS").touch()
    assert count_rows(tmp_path / "all" / "a.parquet") == 3
    assert count_rows(str(tmp_path / "all")) == 7
    (tmp_path / "none").mkdir()
    assert count_rows(tmp_path / "none") == 0
