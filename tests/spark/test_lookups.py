"""Classes of Java that PySpark looks up for every column."""

from typing import Any

import pytest
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.spark.lookups import looked_up


def test_a_column_is_built_without_asking_java_for_its_class(spark: SparkSession) -> None:
    jvm: Any = spark._jvm
    asked, client = [], jvm._gateway_client
    send = client.send_command

    def counted(command: str, *rest: object, **others: object) -> str:
        asked.append(command)
        return str(send(command, *rest, **others))

    looked_up(spark)
    F.concat(F.lit("a"), F.col("b"))
    client.send_command = counted
    try:
        column = F.concat(F.lit("a"), F.col("b"))
    finally:
        del client.send_command
    # Commands that begin with `r` look something up.
    assert asked
    assert [command for command in asked if command.startswith("r\n")] == []
    assert spark.sql("SELECT 'c' AS b").select(column.alias("ab")).first() == ("ac",)


def test_what_is_not_there_is_an_error_as_before(spark: SparkSession) -> None:
    jvm: Any = looked_up(spark)._jvm
    with pytest.raises(Py4JError, match="_no_such_function"):
        _ = jvm.functions._no_such_function
