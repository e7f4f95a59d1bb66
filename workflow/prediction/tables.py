"""What was learnt, in the contracts of its tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from filmkin.catalogue import (
    PREDICTION,
    PREDICTION_CANDIDATES,
    PREDICTION_CAREERS,
    PREDICTION_MODELS,
    PREDICTION_NODES,
    PREDICTION_TRIALS,
    Table,
)
from filmkin.prediction.careers import Careers
from filmkin.prediction.features import LEVEL
from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Trained

_TYPES = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR[]": pa.list_(pa.string()),
    "DOUBLE[]": pa.list_(pa.float64()),
}


def write_tables(
    models: Sequence[Trained], learning: Learning, folder: Path
) -> Mapping[Table, Path]:
    """Write each table of PREDICTION into a folder of its own below; returns where it is."""
    for table, rows in tables(models, learning).items():
        (folder / table.name).mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, folder / table.name / "part-0.parquet")
    return {table: folder / table.name for table in PREDICTION}


def tables(models: Sequence[Trained], learning: Learning) -> Mapping[Table, pa.Table]:
    """Each table of PREDICTION, of models by target; without any they are empty."""
    made = {
        PREDICTION_MODELS: [_model(model, learning) for model in models],
        PREDICTION_CANDIDATES: [_candidates(model) for model in models],
        PREDICTION_NODES: [_nodes(model) for model in models],
        PREDICTION_TRIALS: [_trials(model) for model in models],
        PREDICTION_CAREERS: [
            _careers(model.target, role, careers)
            for model in models
            for role, careers in [(LEVEL, model.past.level), *model.past.people.items()]
        ],
    }
    return {table: _joined(table, made[table]) for table in PREDICTION}


def _joined(table: Table, parts: Sequence[Mapping[str, Any]]) -> pa.Table:
    schema = pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])
    return pa.concat_tables([schema.empty_table(), *(pa.table(part, schema) for part in parts)])


def _model(model: Trained, learning: Learning) -> Mapping[str, Any]:
    row = {
        "target": model.target,
        "method": model.chosen.name,
        "films": model.films,
        "features": list(model.names),
        "tree_weights": model.trees.weights,
        **model.split._asdict(),
        "level": learning.level,
        "half_width": model.half_width,
        "coverage": model.coverage,
        "seed": learning.seed,
    }
    return {name: [value] for name, value in row.items()}


def _candidates(model: Trained) -> Mapping[str, Any]:
    tried = model.tried
    return {
        "target": [model.target] * len(tried),
        "method": [one.candidate.name for one in tried],
        "rounds": [one.candidate.rounds for one in tried],
        "is_chosen": [one.candidate == model.chosen for one in tried],
        "validation_mae": [one.validation.mae for one in tried],
        "validation_r2": [one.validation.r2 for one in tried],
        "test_mae": [one.test.mae for one in tried],
        "test_r2": [one.test.r2 for one in tried],
    }


def _nodes(model: Trained) -> Mapping[str, Any]:
    trees = model.trees
    nodes = np.arange(len(trees.values), dtype=np.int32)
    return {
        "target": [model.target] * len(nodes),
        "node": nodes,
        "tree": (np.searchsorted(trees.roots, nodes, side="right") - 1).astype(np.int32),
        "feature": trees.features,
        "threshold": trees.thresholds,
        "left_node": trees.lefts,
        "right_node": trees.rights,
        "value": trees.values,
    }


def _trials(model: Trained) -> Mapping[str, Any]:
    return {
        "target": pa.repeat(model.target, len(model.trials.film_ids)),
        "film_id": model.trials.film_ids.astype(np.int32),
        "predicted": model.trials.predicted,
        "truth": model.trials.truth,
    }


def _careers(target: str, role: str, careers: Careers) -> Mapping[str, Any]:
    entries = len(careers.persons)
    return {
        "target": pa.repeat(target, entries),
        "role": pa.repeat(role, entries),
        "person_id": careers.persons.astype(np.int32),
        "year": careers.years.astype(np.int32),
        "films": careers.films.astype(np.int32),
        "total": careers.totals,
    }
