"""What tables hold, said to Spark."""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from filmkin.catalogue import Table
from workflow.sources import SourceTable

_SPARK_TYPES = {
    "INTEGER": "int",
    "BIGINT": "bigint",
    "SMALLINT": "smallint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL(4,2)": "decimal(4,2)",
}


def spark_type(sql_type: str) -> str:
    """A DuckDB type as Spark's DDL writes it."""
    if sql_type.endswith("[]"):
        return f"array<{spark_type(sql_type.removesuffix('[]'))}>"
    return _SPARK_TYPES[sql_type]


def spark_schema(table: Table) -> str:
    """The columns of a contract as a Spark DDL string."""
    return ", ".join(f"{column.name} {spark_type(column.type)}" for column in table.columns)


def staged_schema(table: SourceTable) -> str:
    """The columns of a staged file as a Spark DDL string."""
    return ", ".join(f"{c.name} {spark_type(c.type)}" for c in table.kept if c.type)


def empty_frame(spark: SparkSession, schema: str) -> DataFrame:
    """No rows, of a schema in Spark's DDL."""
    # createDataFrame would start a Python worker, and import pandas.
    row = F.from_json(F.lit("{}"), schema)
    return spark.range(0).select(row.alias("row")).select("row.*")


def select_contract(frame: DataFrame, table: Table) -> DataFrame:
    """The columns of a contract in its order and types; a missing one fails here, by name."""
    return frame.select(*(_typed(column.name, column.type) for column in table.columns))


def _typed(name: str, sql_type: str) -> Column:
    return F.col(name).cast(spark_type(sql_type)).alias(name)
