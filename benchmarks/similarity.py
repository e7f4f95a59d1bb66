"""The cross join, in this process beside sparse_dot_topn, and as the whole task on Spark.

The films are those of a generated sample: of the shipped film rule up to 50,000 films, of any
movie beyond. Both sides have the same matrix and compute every pair at or above the floor; the
reference keeps the 200 best of a film. Beyond 100,000 films it is asked for a random fiftieth of
the rows, and its seconds are taken times fifty. `--data DIR` keeps the sample for the next time.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

from benchmarks._catalogue import CORES, Memory, sample_films, timed
from filmkin.features import FilmFeatures, film_features
from filmkin.neighbours import InvertedIndex
from filmkin.similarity import SimilaritySettings, blocks, film_index, similar_pairs
from tests.cluster import Job, Master, cluster, similarity_job
from workflow.similarity import FEATURE_COLUMNS, PAIRS_JOB, film_columns

REFERENCE_TOP = 200
REFERENCE_ALL_ROWS = 100_000  # films up to which the reference computes all rows
REFERENCE_SHARE = 0.02
BLOCK = 2048
LIVE_FILMS = 50


def run(arguments: list[str]) -> Mapping[str, object]:
    """Figures of one size: the computation, its reference, one film live, and the whole task."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks similarity")
    parser.add_argument("--films", type=int, default=40_000)
    parser.add_argument("--data", type=Path, help="folder that keeps the sample")
    parser.add_argument("--runs", type=int, default=3, help="of the computation; their median")
    parser.add_argument("--rule", choices=["shipped", "any"], help="which movies are films")
    parser.add_argument("--most", type=int, help="pairs a film at most, whatever the size")
    parser.add_argument("--cluster", action="store_true", help="the task on two workers as well")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        root = sample_films(
            options.data or Path(folder), options.films, options.rule or _rule_of(options.films)
        )
        settings = SimilaritySettings()
        if options.most:
            settings = SimilaritySettings(max_similar=options.most, whole_up_to=0)
        return {
            **computation(root / "output" / "films", settings, options.runs),
            **task(root, Path(folder), settings, on_cluster=options.cluster),
        }


def _rule_of(count: int) -> str:
    return "shipped" if count <= 50_000 else "any"


def computation(films: Path, settings: SimilaritySettings, runs: int) -> Mapping[str, object]:
    """The computation alone beside its reference, in turn; medians of `runs`."""
    table = pq.read_table(films, columns=list(FEATURE_COLUMNS))
    features = film_features(film_columns(table), settings.shares)
    del table
    most = settings.most_of(len(features.film_ids))
    floor = settings.min_similarity
    compared_pairs(features, floor, most, films=1)  # compiles, or reads what was compiled before
    ours, reference = [], []
    for _ in range(runs):
        seconds, pairs = timed(lambda: compared_pairs(features, floor, most))
        ours.append(seconds)
        reference.append(reference_seconds(features, floor))
    return {
        "films": len(features.film_ids),
        "nnz": features.matrix.nnz,
        "pairs": pairs,
        "max_similar": most,
        "seconds": round(float(np.median(ours)), 3),
        "reference": f"sparse_dot_topn, {REFERENCE_TOP} best, {CORES} threads",
        "reference_seconds": round(float(np.median(reference)), 3),
        "ratio": round(float(np.median(ours) / np.median(reference)), 3),
        **live(features),
    }


def compared_pairs(
    features: FilmFeatures, floor: float, most: int | None, films: int | None = None
) -> int:
    """How many pairs the films have, the index included; of the first `films` of them."""
    index = film_index(features)
    spans = blocks(films or len(features.film_ids), BLOCK)

    def count(span: tuple[int, int]) -> int:
        return len(similar_pairs(index, *span, floor, most).others)

    with ThreadPoolExecutor(CORES) as pool:
        return sum(pool.map(count, spans))


def reference_seconds(features: FilmFeatures, floor: float) -> float:
    """Seconds of the reference for all rows."""
    matrix = csr_matrix(features.matrix)  # it knows the older of SciPy's two classes only
    films = matrix.shape[0]
    share = 1.0 if films <= REFERENCE_ALL_ROWS else REFERENCE_SHARE
    rows = np.sort(np.random.default_rng(1).choice(films, round(films * share), replace=False))
    part, transposed = matrix[rows], matrix.T.tocsr()
    seconds, _ = timed(
        lambda: sp_matmul_topn(
            part,
            transposed,
            top_n=REFERENCE_TOP,
            threshold=floor,
            sort=True,
            n_threads=CORES,
        )
    )
    return seconds / share


def live(features: FilmFeatures) -> Mapping[str, object]:
    """One film against all, as the service computes what is not stored, at threshold 0."""
    matrix = features.matrix
    film_ids = np.repeat(features.film_ids, np.diff(matrix.indptr))
    index = InvertedIndex(film_ids, matrix.indices.astype(np.int32), matrix.data)

    def ask(film: int) -> float:
        vector = slice(matrix.indptr[film], matrix.indptr[film + 1])
        tokens, weights = matrix.indices[vector].tolist(), matrix.data[vector].tolist()
        film_id = int(features.film_ids[film])
        seconds, _ = timed(lambda: index.neighbours(film_id, tokens, weights, 0.0, 0, 10))
        return seconds * 1000

    asked = np.random.default_rng(1).choice(len(features.film_ids), LIVE_FILMS)
    milliseconds = [ask(film) for film in asked]
    return {
        "live_ms_median": round(float(np.median(milliseconds)), 1),
        "live_ms_longest": round(max(milliseconds), 1),
        "vectors_mb": round(index.nbytes / 1e6, 1),
    }


def task(
    root: Path, folder: Path, settings: SimilaritySettings, *, on_cluster: bool
) -> Mapping[str, object]:
    """The whole task as the batch starts it, JVM and parquet included."""
    local = run_task(root, folder / "local", Master(f"local[{CORES}]"), settings)
    if not on_cluster:
        return local
    with cluster(folder / "cluster", memory="2g") as started:
        spread = run_task(root, folder / "spread", started.master, settings)
    assert hash_of(folder / "local") == hash_of(folder / "spread"), "the cluster has other rows"
    return local | {"cluster_seconds": spread["task_seconds"], "cluster_rows": "the same"}


def run_task(
    root: Path, out: Path, master: Master, settings: SimilaritySettings
) -> dict[str, object]:
    """Seconds of the task and its parts, its peak memory, and how evenly the work was spread."""
    out.mkdir()
    asked = {"max_similar": settings.max_similar, "whole_up_to": settings.whole_up_to}
    begin = time.perf_counter()
    with ExitStack() as stack:
        job: Job = stack.enter_context(
            similarity_job(root, out, master, driver_memory="4g", conf={}, **asked)
        )
        memory = stack.enter_context(Memory(job.pid))
        job.wait(seconds=3600)
    seconds = time.perf_counter() - begin
    stage = job.events().stage_of(PAIRS_JOB)
    assert stage
    tasks = sorted(run.ended - run.launched for run in stage.runs if run.ended)
    return {
        "task_seconds": round(seconds, 1),
        "task_seconds_of": job.figures()["seconds"],
        "task_peak_gb": round(memory.peak / 1e9, 2),
        "spark_tasks": len(tasks),
        "shortest_task": round(tasks[0], 2),
        "longest_task": round(tasks[-1], 2),
    }


def hash_of(out: Path) -> str:
    """A hash of the pairs, whatever files they stand in."""
    table = pa.concat_tables(pq.read_table(file) for file in (out / "csfilms").glob("part-*"))
    order = np.argsort(table["film_id"].to_numpy(), kind="stable")
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(table[name].to_numpy()[order].tobytes())
    return digest.hexdigest()
