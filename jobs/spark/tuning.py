"""Settings that change how fast Spark works, and never what comes out."""

from collections.abc import Mapping

# What is kept goes to disk where what is grouped needs the place; half of the memory would be its own.
MEMORY = {"spark.memory.storageFraction": "0.2"}
# No two rows of a table have the same in these columns, or few: to look for what repeats costs a fifth of a
# write and finds nothing.
_UNLIKE = (
    "change_id", "identity", "position", "record_position", "stated_position", "event_id", "record",
    "row_number", "identity_hash", "place_hash", "_change_id", "_position", "_settled_position", "_hash",
)  # fmt: skip
# How tables are written, by Hadoop's names.
FILES = {
    # A table is read in pieces no smaller than the groups of rows that it was written in (`cache`).
    "parquet.block.size": str(16 << 20),
    **{f"parquet.enable.dictionary#{name}": "false" for name in _UNLIKE},
}
LEAN = {
    # Every action makes a text of its plan, for a page that a local session does not show. Who reads it on
    # a cluster sets both.
    "spark.sql.ui.explainMode": "simple",
    "spark.sql.debug.maxToStringFields": "2",
    # What is kept for a few looks is not worth compressing; it goes to disk where memory ends.
    "spark.sql.inMemoryColumnarStorage.compressed": "false",
    # Ten thousand wide rows make arrays that Java finds no place for in one piece in a heap of 2 GiB.
    "spark.sql.inMemoryColumnarStorage.batchSize": "1000",
    # A larger method is one that Java never compiles: Spark then splits the work into smaller ones.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Every Column operation would ask the JVM for four things and look up its own call site.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    # Files given by name are looked up in a task each otherwise: 50 seconds for 20,000 files, not 15.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "64",
}


def of_hadoop(settings: Mapping[str, str]) -> dict[str, str]:
    """Return settings of Hadoop as a session is told them when it is built."""
    return {f"spark.hadoop.{key}": value for key, value in settings.items()}


def without_submitted(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings without those that spark-submit was given, by `--conf` or its own files.

    To be asked before there is a session: what that is built with would win over them.
    """
    from pyspark import SparkConf, SparkContext

    SparkContext._ensure_initialized()  # a SparkConf reads them in Java, and without Java is empty
    submitted = SparkConf()
    return {key: value for key, value in settings.items() if not submitted.contains(key)}
