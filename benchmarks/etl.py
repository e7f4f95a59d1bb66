"""From IMDb's files to the films: staging and PrepFilms, beside one DuckDB script and bare gunzip.

The files are the six of a generated sample, and the tasks run as the batch runs them.
The reference is told in one script of SQL to make the same films by the shipped rule, with neither
a proof that a file is whole nor rejected lines nor staged tables; both results must be the same to
the row. `--data DIR` keeps the sample for the next time.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks._catalogue import CORES, Memory, timed
from filmkin.catalogue import FILMS, FilmRule
from workflow.sample import generate
from workflow.sources import IMDB
from workflow.tsv import CHUNK_BYTES, open_gzip

ROOT = Path(__file__).parents[1]
LUIGI = Path(sys.executable).with_name("luigi")


def run(arguments: list[str]) -> Mapping[str, object]:
    """Seconds and peak memory of staging and of PrepFilms, and how many times the reference's."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks etl")
    parser.add_argument("--titles", type=int, default=1_270_000)
    parser.add_argument("--data", type=Path, help="folder that keeps the sample")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        sample = (options.data or Path(folder)) / f"sample-{options.titles}"
        if not sample.exists():
            generate(titles=options.titles, seed=1, out=sample)
        gunzip, _ = timed(lambda: decompress(sample))
        reference, _ = timed(lambda: reference_films(sample, Path(folder, "reference.parquet")))
        seconds, staging_peak, films_peak = batch(sample, Path(folder))
        found = digest_of(f"{folder}/output/films/*.parquet")
        expected = digest_of(f"{folder}/reference.parquet")
        assert found == expected, f"other films: {found} and {expected}"
    films = seconds.pop("PrepFilms")
    return {
        "titles": options.titles,
        "films": found[0],
        "staging_seconds": round(sum(seconds.values()), 1),
        "staging_seconds_of": seconds,
        "staging_peak_gb": round(staging_peak / 1e9, 2),
        "films_seconds": films,
        "films_peak_gb": round(films_peak / 1e9, 2),
        "gunzip_seconds": round(gunzip, 1),
        "reference": f"DuckDB, {CORES} threads",
        "reference_seconds": round(reference, 1),
        "ratio": round((sum(seconds.values()) + films) / reference, 2),
    }


def decompress(sample: Path) -> None:
    """Read every file and do nothing with it, in one thread."""
    for table in IMDB.values():
        with open_gzip(sample / table.file_name) as stream:
            while stream.read(CHUNK_BYTES):
                pass


def batch(sample: Path, root: Path) -> tuple[dict[str, float], int, int]:
    """Run the batch up to PrepFilms.

    Returns the seconds of each staged file and of PrepFilms by the batch's own account, without
    those in which files were brought; and the peak memory of staging and of PrepFilms, in bytes.
    """
    options = ["--sources-imdb", str(sample), "--paths-root", str(root)]
    options += ["--spark-master", f"local[{CORES}]"]
    command = [str(LUIGI), "--module", "tasks", "PrepFilms", "--local-scheduler", *options]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    staging_peak, log = 0, ""
    with Memory(process.pid) as memory:
        for line in process.stderr:
            log += line
            if "PrepFilms: on Spark" in line:
                staging_peak, memory.peak = memory.peak, 0
    if process.wait():
        raise RuntimeError(log)
    done = re.findall(r"(?:StageDataset\(name=(\S+)\)|(PrepFilms)\(\)): ([\d.]+) s", log)
    return {file or task: float(taken) for file, task, taken in done}, staging_peak, memory.peak


def digest_of(files: str) -> tuple[int, int]:
    """How many films, and a hash of them whatever their order, in the contract's types."""
    columns = ", ".join(f"CAST({c.name} AS {c.type})" for c in FILMS.columns)
    sql = f"SELECT count(*), bit_xor(hash({columns})) FROM read_parquet($1)"
    with duckdb.connect() as database:
        count, digest = database.execute(sql, [files]).fetchall()[0]
    return int(count), int(digest)


def reference_films(sample: Path, target: Path) -> None:
    """The films as one script of DuckDB makes them."""
    rule = FilmRule()
    script = REFERENCE.format(
        **{name.replace(".", "_"): _read(sample, name) for name in IMDB},
        title_type=rule.title_types[0],
        min_rating=rule.min_rating,
        min_votes=rule.min_votes,
        target=target,
    )
    with duckdb.connect() as database:
        database.execute(f"SET threads = {CORES}")
        # No order but that of the result: DuckDB is then free to read as it likes.
        database.execute("SET preserve_insertion_order = false")
        for statement in script.split(";"):
            database.execute(statement)


def _read(sample: Path, name: str) -> str:
    columns = ", ".join(f"'{column.name}': 'VARCHAR'" for column in IMDB[name].columns)
    return (
        f"read_csv('{sample / IMDB[name].file_name}', auto_detect = false, header = true,"
        rf" delim = '\t', quote = '', escape = '', nullstr = '\N', new_line = '\n',"
        f" columns = {{{columns}}})"
    )


REFERENCE = """
CREATE TEMP TABLE titles AS
  SELECT DISTINCT ON (tconst) tconst, primaryTitle, originalTitle, startYear, runtimeMinutes,
         string_split(genres, ',') AS genres
  FROM {title_basics} WHERE titleType = '{title_type}' AND genres <> '';

CREATE TEMP TABLE kept AS
  SELECT titles.*, averageRating::DECIMAL(4, 2) AS rating, numVotes::INTEGER AS votes
  FROM titles JOIN {title_ratings} USING (tconst)
  WHERE averageRating::DECIMAL(4, 2) >= {min_rating} AND numVotes::INTEGER >= {min_votes};

CREATE TEMP TABLE roles AS
  SELECT tconst, nconst, 'person' AS role, min(ordering::INTEGER) AS position
  FROM {title_principals} WHERE tconst IN (SELECT tconst FROM kept) GROUP BY ALL;

CREATE TEMP TABLE crew AS
  SELECT tconst, string_split(directors, ',') AS directors, string_split(writers, ',') AS writers
  FROM {title_crew} WHERE tconst IN (SELECT tconst FROM kept);

INSERT INTO roles
  SELECT tconst, nconst, role, min(position) FROM (
    SELECT tconst, unnest(directors) AS nconst, 'director' AS role,
           generate_subscripts(directors, 1) AS position FROM crew
    UNION ALL
    SELECT tconst, unnest(writers), 'writer', generate_subscripts(writers, 1) FROM crew
  ) GROUP BY ALL;

CREATE TEMP TABLE people AS
  SELECT tconst, role, list(primaryName ORDER BY position, nconst) AS names,
         list(substr(nconst, 3)::INTEGER ORDER BY position, nconst) AS ids
  FROM roles JOIN (
    FROM {name_basics} SELECT nconst, primaryName
    WHERE nconst IN (SELECT nconst FROM roles) AND primaryName IS NOT NULL
  ) USING (nconst) GROUP BY ALL;

CREATE TEMP TABLE akas AS
  SELECT titleId AS tconst, ordering::INTEGER AS ordering, title, language
  FROM {title_akas} WHERE titleId IN (SELECT tconst FROM kept);

COPY (
  SELECT substr(kept.tconst, 3)::INTEGER AS film_id,
         coalesce(primaryTitle, originalTitle) AS title,
         make_date(startYear::INTEGER, 1, 1) AS year,
         runtimeMinutes::INTEGER AS duration,
         genres,
         rating,
         votes AS vote_count,
         coalesce(person.names, []) AS persons,
         originalTitle AS original_title,
         coalesce(person.ids, []) AS person_ids,
         coalesce(director.names, []) AS directors,
         coalesce(writer.names, []) AS writers,
         coalesce(list_filter(other.titles, lambda t:
           t IS DISTINCT FROM primaryTitle AND t IS DISTINCT FROM originalTitle), [])
           AS alternative_titles,
         coalesce(spoken.languages, []) AS languages
  FROM kept
  LEFT JOIN (FROM people WHERE role = 'person') AS person USING (tconst)
  LEFT JOIN (FROM people WHERE role = 'director') AS director USING (tconst)
  LEFT JOIN (FROM people WHERE role = 'writer') AS writer USING (tconst)
  LEFT JOIN (
    SELECT tconst, list(title ORDER BY ordering, title) AS titles
    FROM (SELECT tconst, title, min(ordering) AS ordering FROM akas GROUP BY ALL)
    WHERE title IS NOT NULL GROUP BY tconst
  ) AS other USING (tconst)
  LEFT JOIN (
    SELECT tconst, list(DISTINCT language ORDER BY language) AS languages
    FROM akas WHERE language IS NOT NULL GROUP BY tconst
  ) AS spoken USING (tconst)
  ORDER BY film_id
) TO '{target}' (FORMAT parquet)
"""
