"""spark-submit details.py FILES COLUMNS OUT: the details of films, from scraped files.

FILES and COLUMNS in JSON: the path of each file by its name, and which of its columns holds what.
"""

import json
from pathlib import Path

from workflow.delimited import to_parquet
from workflow.details import details, report
from workflow.jobs import run_job
from workflow.parquet import count_rows
from workflow.spark import spark_session


def main(files: str, columns: str, out: str) -> None:
    holds = json.loads(columns)
    texts = Path(out, "texts")
    texts.mkdir()
    rejected = {
        name: to_parquet(Path(path), texts / f"{name}.parquet")
        for name, path in json.loads(files).items()
    }
    with spark_session("PrepDetails") as spark:
        frames = {name: spark.read.parquet(str(texts / f"{name}.parquet")) for name in rejected}
        details(frames, holds).write.parquet(f"{out}/details")
        reports = {name: report(frame, holds[name], name) for name, frame in frames.items()}
    figures = {
        "rows": count_rows(f"{out}/details"),
        "rejected": sum(rejected.values()),
        "files": {name: {**told, "rejected": rejected[name]} for name, told in reports.items()},
    }
    Path(out, "figures.json").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    run_job(main)
