"""New deliveries, with those before -> which count, which repeat, which contradict (R3 to R5)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NEW, EXISTING, LISTED = "new", "held", "listed"


def classify(deliveries: DataFrame) -> DataFrame:
    """Tell every delivery its class, by the first in position order of all that share its identity.

    In: changes made with `identity`, `content`, `record_position`, and `age`: `new` ones, those `held` as
    canonical, and the contents `listed` as contradictions. Out: the same and

    - `class` of new ones: `unique`, `duplicate`, `contradicted` (the first delivery of another content than
      the one that counts), of held ones: `kept` or `replaced`; null of listed ones;
    - `counts`: the delivery is the one that counts; `contents`: whether the identity has several.
    """
    of_identity = Window.partitionBy("identity")
    ordered = of_identity.orderBy(*_delivery_order())
    of_content = Window.partitionBy("identity", "content").orderBy(*_delivery_order())
    ranked = deliveries.withColumns(
        {
            "_rank": F.dense_rank().over(ordered),
            "_content_rank": F.dense_rank().over(of_content),
            "_first_content": F.first("content").over(ordered),
            "contents": F.min("content").over(of_identity) != F.max("content").over(of_identity),
        }
    )
    counts = F.col("_rank") == 1
    other = F.col("content") != F.col("_first_content")
    new = (
        F.when(counts, F.lit("unique"))
        .when(other & (F.col("_content_rank") == 1), F.lit("contradicted"))
        .otherwise(F.lit("duplicate"))
    )
    cls = F.when(F.col("age") == NEW, new).when(
        F.col("age") == EXISTING, F.when(counts, F.lit("kept")).otherwise(F.lit("replaced"))
    )
    return ranked.withColumns({"class": cls, "counts": counts, "other": other}).drop(
        "_rank", "_content_rank", "_first_content"
    )


def _delivery_order() -> list[Column]:
    # What is held comes first among equals, so that a repetition changes nothing; the rest is a total order.
    age = F.when(F.col("age") == NEW, 1).otherwise(0)
    return [
        F.col("record_position"),
        age,
        F.col("content"),
        F.col("file"),
        F.col("etag"),
        F.col("row_number"),
    ]
