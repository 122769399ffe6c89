"""A session -> the same, in which PySpark asks Java less often for what it builds columns with."""

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# By these names PySpark asks for them, once or twice for every column and every operation on one.
_NAMES = ("PythonUtils", "PythonSQLUtils", "functions", "org.apache.spark.sql.functions")
# Of a name or a plain value these make a column, a third of all that are made; most are asked for again.
_MAKERS = ("col", "lit")
_PLAIN = (str, int, bool, type(None))
_REMEMBERED = 4_096


class _LookedUp:
    """A class of Java; each of its members is looked up once."""

    def __init__(self, java_class: Any) -> None:
        self._java_class = java_class

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._java_class, name)
        if name in _MAKERS:
            member = _remembering(member)
        setattr(self, name, member)
        return member


def _remembering(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same function; what it made of a plain value it gives again, since no column ever changes."""

    @lru_cache(_REMEMBERED, typed=True)
    def made(value: Any) -> Any:
        return make(value)

    return lambda value: made(value) if isinstance(value, _PLAIN) else make(value)


def looked_up(spark: "SparkSession") -> "SparkSession":
    """Look classes and functions up once: a small run, which builds ten thousand columns, gains a sixth.

    To find a class by a name alone Java goes through every package that it may be in, and through all jars.
    """
    jvm = spark._jvm
    for name in _NAMES:
        if name not in vars(jvm):
            setattr(jvm, name, _LookedUp(getattr(jvm, name)))
    return spark


def drops_objects(spark: "SparkSession", drops: bool) -> None:
    """Say whether Java drops what Python has dropped: a message for each object, of which a run makes 25,000.

    A small run does without: what it leaves behind is small, and ends with its Java.
    """
    client: Any = spark._jvm._gateway_client  # type: ignore[union-attr]
    client.gateway_property.enable_memory_management = drops
