"""Spark's ensembles of trees: fitted, and read from where Spark saves them.

Boosting is by rounds: each learns a small forest of what the rounds before left over, and adds a
share of its mean (XGBoost's boosted random forests,
https://xgboost.readthedocs.io/en/stable/tutorials/rf.html). What a round costs beside counting is
the same for one tree and for twenty, and the mean of twenty hangs less on chance. It begins with
the mean of all films; Spark's own boosting begins with a whole tree, whose errors later ones keep.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml import Model
from pyspark.ml.functions import array_to_vector
from pyspark.ml.regression import (
    DecisionTreeRegressor,
    GBTRegressionModel,
    RandomForestRegressionModel,
    RandomForestRegressor,
)
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from filmkin.arrays import Floats
from filmkin.prediction.learning import Learning
from filmkin.prediction.trained import Method
from filmkin.prediction.trees import Ensemble

# A third of the features at each node, as for forests of regression since Breiman (2001); seven
# tenths as many films for each tree of a round as there are, so that trees differ.
_FEATURES_A_NODE = "0.33"
_FILMS_A_TREE = 0.7
_FEWEST_IN_A_LEAF = 5
_BINS = 32
_MEGABYTES = 512  # for the counts of nodes that are split at once: with less, a level is two jobs
# So many films are one task's work: what a job costs beside it, each level of each tree pays.
_FILMS_A_TASK = 50_000


TreesModel = GBTRegressionModel | RandomForestRegressionModel


class Fitted(NamedTuple):
    """What Spark learnt, and the same as arrays."""

    model: TreesModel
    trees: Ensemble


def fit(rows: DataFrame, method: Method, learning: Learning, folder: Path) -> Fitted:
    """Learn from rows of `films_frame`; `folder` is where Spark saves the model.

    Boosted are a tree that is but the mean, and `learning.round_trees` of each round.
    """
    model = boosted(rows, learning) if method is Method.BOOSTING else _forest(rows, learning)
    model.write().overwrite().save(str(folder))
    return Fitted(model, saved_trees(folder, method))


def boosted(rows: DataFrame, learning: Learning) -> GBTRegressionModel:
    """A model of `learning.rounds` small forests, each of which learnt what was left over."""
    mean = DecisionTreeRegressor(maxDepth=0).fit(rows)
    forests: list[RandomForestRegressionModel] = []
    left = _left_over(mean, 1.0, rows)
    for number in range(learning.rounds):
        forest = RandomForestRegressor(
            numTrees=learning.round_trees,
            maxDepth=learning.round_depth,
            subsamplingRate=_FILMS_A_TREE,
            **_asked(learning.seed + number),
        ).fit(left)
        left = _left_over(forest, learning.step, left)
        forests.append(forest)
    trees = [tree for forest in forests for tree in _java(forest).trees()]
    weights = [learning.step / learning.round_trees] * len(trees)
    return _joined(rows.sparkSession, [_java(mean), *trees], [1.0, *weights])


def _forest(rows: DataFrame, learning: Learning) -> RandomForestRegressionModel:
    forest = RandomForestRegressor(
        numTrees=learning.forest_trees, maxDepth=learning.forest_depth, **_asked(learning.seed)
    )
    model: RandomForestRegressionModel = forest.fit(rows)
    return model


def _asked(seed: int) -> dict[str, Any]:
    return {
        "featureSubsetStrategy": _FEATURES_A_NODE,
        "minInstancesPerNode": _FEWEST_IN_A_LEAF,
        "maxBins": _BINS,
        "maxMemoryInMB": _MEGABYTES,
        "seed": seed,
    }


def _left_over(model: Model, share: float, rows: DataFrame) -> DataFrame:
    """The rows with what a share of the model's predictions leaves of their labels."""
    left = F.col("label") - share * F.col("prediction")
    # Without its own copy, each round would ask all models before it anew.
    return model.transform(rows).select(left.alias("label"), "features").localCheckpoint()


def _joined(
    spark: SparkSession, trees: Sequence[Any], weights: Sequence[float]
) -> GBTRegressionModel:
    """Spark's own model of trees that it learnt one by one; its constructor is Scala's alone."""
    java: Any = spark._jvm
    regression = java.org.apache.spark.ml.regression
    listed = _java_array(spark, regression.DecisionTreeRegressionModel, trees)
    counted = _java_array(spark, java.double, weights)
    return GBTRegressionModel(regression.GBTRegressionModel("boosted", listed, counted))


def _java_array(spark: SparkSession, kind: Any, values: Sequence[Any]) -> Any:
    gateway: Any = spark.sparkContext._gateway
    array = gateway.new_array(kind, len(values))
    for place, value in enumerate(values):
        array[place] = value
    return array


def _java(model: Any) -> Any:
    return model._java_obj


def films_frame(spark: SparkSession, folder: Path, matrix: Floats, labels: Floats) -> DataFrame:
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


def _weights(folder: Path, method: Method) -> Floats:
    """(t,) what each tree counts: by boosting its step, in a forest all alike, 1 in sum."""
    told = pq.read_table(folder / "treesMetadata").sort_by("_1")["_3"].to_numpy()
    weights: Floats = told / len(told) if method is Method.FOREST else told
    return weights
