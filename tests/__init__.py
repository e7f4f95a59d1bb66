"""unit: no JVM, seconds. integration: Spark, Luigi, processes."""
