"""The list of Spark's functions is Spark's own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from jobs.settings import functions
from tests.builders.golden import assert_golden

_FILE = Path(functions.__file__).with_name("spark_functions.json")
_EXPRESSIONS = "org.apache.spark.sql.catalyst.expressions"
_AGGREGATES = (
    f"{_EXPRESSIONS}.aggregate.AggregateFunction",
    f"{_EXPRESSIONS}.RuntimeReplaceableAggregate",
)


def _names(registry: Any) -> Iterator[tuple[str, Any]]:
    listed = registry.listFunction()
    for n in range(listed.size()):
        yield listed.apply(n).funcName(), listed.apply(n)


def _kind(group: str, called: Any, loader: Any) -> str:
    """A function's kind, by its group in Spark's documentation and the class that computes it."""
    is_aggregate = any(loader.loadClass(each).isAssignableFrom(called) for each in _AGGREGATES)
    is_generator = loader.loadClass(f"{_EXPRESSIONS}.Generator").isAssignableFrom(called)
    if group == "window_funcs":
        return "window"
    if is_aggregate or group == "agg_funcs":
        return "aggregate"
    return "generator" if is_generator or group == "generator_funcs" else "scalar"


def _of_spark(spark: SparkSession) -> dict[str, list[str]]:
    jvm: Any = spark._jvm
    registry = jvm.org.apache.spark.sql.catalyst.analysis.FunctionRegistry.builtin()
    loader = jvm.Thread.currentThread().getContextClassLoader()
    kinds: dict[str, list[str]] = {"aggregate": [], "generator": [], "scalar": [], "window": []}
    for name, identifier in sorted(_names(registry), key=lambda each: each[0]):
        info = registry.lookupFunction(identifier).get()
        kinds[_kind(info.getGroup(), loader.loadClass(info.getClassName()), loader)].append(name)
    return kinds


def test_the_list_is_that_of_the_session(spark: SparkSession) -> None:
    found = _of_spark(spark)
    assert_golden(_FILE, json.dumps(found, indent=1) + "\n")
    shown = {row[0] for row in spark.sql("SHOW SYSTEM FUNCTIONS").collect()}
    assert set().union(*map(set, found.values())) <= shown


def test_each_kind_is_told_apart() -> None:
    kinds = functions.builtin()
    some = ("upper", "count_if", "first", "row_number", "explode", "json_tuple", "try_sum", "timestampadd")
    assert [kinds[name] for name in some] == [
        "scalar", "aggregate", "aggregate", "window", "generator", "generator", "aggregate", "scalar",
    ]  # fmt: skip
