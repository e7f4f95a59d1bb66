"""Spark's ensembles of trees: fitted, and read from where Spark saves them."""

from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.functions import array_to_vector
from pyspark.ml.regression import GBTRegressor, RandomForestRegressor
from pyspark.ml.util import MLWritable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Method
from filmkin.prediction.trees import Ensemble, Numbers

# A third of the features at each node, as for forests of regression since Breiman (2001); seven
# tenths of the films for each tree of boosting, as Friedman, "Stochastic gradient boosting" (2002).
_FEATURES_A_NODE = "0.33"
_FILMS_A_TREE = 0.7
_FEWEST_IN_A_LEAF = 5
_BINS = 32
_MEGABYTES = 512  # for the counts of nodes that are split at once: with less, a level is two jobs
# So many films are one task's work: what a job costs beside it, each level of each tree pays.
_FILMS_A_TASK = 50_000


class Fitted(NamedTuple):
    """What Spark learnt, and the same as arrays."""

    model: PipelineModel
    trees: Ensemble


def fit(rows: DataFrame, method: Method, learning: Learning, folder: Path) -> Fitted:
    """Learn from rows of `films_frame`; `folder` is where Spark saves the model."""
    asked: dict[str, Any] = {
        "featureSubsetStrategy": _FEATURES_A_NODE,
        "minInstancesPerNode": _FEWEST_IN_A_LEAF,
        "maxBins": _BINS,
        "maxMemoryInMB": _MEGABYTES,
        "seed": learning.seed,
    }
    stage = (
        GBTRegressor(
            maxIter=learning.boosted_trees,
            maxDepth=learning.boosted_depth,
            stepSize=learning.boosted_step,
            subsamplingRate=_FILMS_A_TREE,
            **asked,
        )
        if method is Method.BOOSTING
        else RandomForestRegressor(
            numTrees=learning.forest_trees, maxDepth=learning.forest_depth, **asked
        )
    )
    model = Pipeline(stages=[stage]).fit(rows)
    learnt = cast(MLWritable, model.stages[0])
    learnt.write().overwrite().save(str(folder))
    return Fitted(model, saved_trees(folder, method))


def films_frame(spark: SparkSession, folder: Path, matrix: Numbers, labels: Numbers) -> DataFrame:
    """Films with features (n, f) and labels (n,), by way of a folder that all workers must see."""
    folder.mkdir(parents=True)
    values = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
    listed = values.cast(pa.list_(pa.float64()))
    pq.write_table(pa.table({"label": labels, "listed": listed}), folder / "part-0.parquet")
    read = spark.read.schema("label double, listed array<double>").parquet(str(folder))
    rows = read.select("label", array_to_vector(F.col("listed")).alias("features"))
    return rows.coalesce(1) if len(labels) <= _FILMS_A_TASK else rows


def saved_trees(folder: Path, method: Method) -> Ensemble:
    """The trees that Spark saved: what each node predicts, asks for and leads to."""
    nodes = pq.read_table(folder / "data").flatten().flatten().combine_chunks()
    nodes = nodes.sort_by([("treeID", "ascending"), ("nodeData.id", "ascending")])
    trees = nodes["treeID"].to_numpy()
    begins = np.concatenate([[0], np.cumsum(np.bincount(trees))])[:-1].astype(np.int32)
    places, firsts = np.arange(len(trees), dtype=np.int32), begins[trees]
    lefts, rights = (nodes[f"nodeData.{side}Child"].to_numpy() for side in ("left", "right"))
    is_leaf = lefts < 0
    categories = nodes["nodeData.split.numCategories"].to_numpy()
    if (categories[~is_leaf] != -1).any():
        raise ValueError("a tree asks for a category, and not for a number")
    asked = nodes["nodeData.split.leftCategoriesOrThreshold"].to_pylist()
    return Ensemble(
        features=np.where(is_leaf, 0, nodes["nodeData.split.featureIndex"]).astype(np.int32),
        thresholds=np.array([one[0] if one else 0.0 for one in asked]),
        lefts=np.where(is_leaf, places, firsts + lefts).astype(np.int32),
        rights=np.where(is_leaf, places, firsts + rights).astype(np.int32),
        values=nodes["nodeData.prediction"].to_numpy(),
        roots=begins,
        weights=_weights(folder, method),
    )


def _weights(folder: Path, method: Method) -> Numbers:
    """(t,) what each tree counts: by boosting its step, in a forest all alike, 1 in sum."""
    told = pq.read_table(folder / "treesMetadata").sort_by("_1")["_3"].to_numpy()
    weights: Numbers = told / len(told) if method is Method.FOREST else told
    return weights
