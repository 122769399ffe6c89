"""Classes of Java that PySpark looks up for every column."""

import gc
from typing import Any

import pytest
from py4j.protocol import Py4JError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.spark.lookups import drops_objects, looked_up


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
    # Commands that begin with `r` look something up; columns of a name or a value are there already.
    assert asked
    assert [command for command in asked if command.startswith("r\n")] == []
    assert [command for command in asked if "\nlit\n" in command or "\ncol\n" in command] == []
    assert spark.sql("SELECT 'c' AS b").select(column.alias("ab")).first() == ("ac",)


def test_what_is_not_there_is_an_error_as_before(spark: SparkSession) -> None:
    jvm: Any = looked_up(spark)._jvm
    with pytest.raises(Py4JError, match="_no_such_function"):
        _ = jvm.functions._no_such_function


def test_values_that_python_takes_for_equal_are_columns_of_their_own(spark: SparkSession) -> None:
    looked_up(spark)
    row = spark.range(1).select(F.lit(1), F.lit(True), F.lit(None), F.lit("1"), F.lit(0), F.lit(False))
    assert [type_ for _, type_ in row.dtypes] == ["int", "boolean", "void", "string", "int", "boolean"]


def test_java_hears_of_what_python_drops_unless_it_need_not(spark: SparkSession) -> None:
    jvm: Any = spark._jvm
    heard, client = [], jvm._gateway_client
    send = client.garbage_collect_object

    def counted(target: str, *more: Any) -> None:
        heard.append(target)
        send(target, *more)

    client.garbage_collect_object = counted
    try:
        for drops in (False, True):
            drops_objects(spark, drops)
            column: Any = F.col("b").isNull()
            of_java = column._jc._target_id
            del column
            gc.collect()
            assert (of_java in heard) == drops
    finally:
        drops_objects(spark, True)
        del client.garbage_collect_object
