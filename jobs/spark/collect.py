"""Gather: small frames of any columns -> their rows on the driver, all in one action."""

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

Rows = list[dict[str, Any]]


def collected(asked: Mapping[str, DataFrame]) -> Mapping[str, Rows]:
    """Return the rows of every frame under its name, as plain values; names not asked for have none.

    Every frame has to be bounded by itself. Columns have to be such as JSON can hold: no stamps, no bytes.
    """
    rows_by_name: dict[str, Rows] = defaultdict(list)
    if not asked:
        return rows_by_name
    # An action a table would cost more in planning and scheduling than in work.
    as_text = [
        frame.select(
            F.lit(name).alias("name"), F.to_json(F.struct("*"), {"ignoreNullFields": "false"}).alias("row")
        )
        for name, frame in asked.items()
    ]
    for name, row in reduce(DataFrame.union, as_text).collect():
        rows_by_name[name].append(json.loads(row))
    return rows_by_name
