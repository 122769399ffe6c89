"""A name -> the kind of Spark's built-in function of that name, by a list that needs no Spark.

The list is Spark's own (`spark_functions.json`); tests/settings/test_functions.py holds it against a session
and writes it anew.
"""

import json
import typing as t
from functools import cache
from importlib import resources

Kind = t.Literal["scalar", "aggregate", "window", "generator"]

_FILE = "spark_functions.json"
# Spark's parser makes them into others; they stand in no registry.
_GRAMMAR = ("timestampadd", "timestampdiff", "identifier")


@cache
def builtin() -> dict[str, Kind]:
    """Every built-in function of Spark, in lower case, and its kind."""
    listed: dict[Kind, list[str]] = json.loads(
        resources.files("jobs.settings").joinpath(_FILE).read_text(encoding="utf-8")
    )
    kinds = {name: kind for kind, names in listed.items() for name in names}
    return {**kinds, **dict.fromkeys(_GRAMMAR, "scalar")}
