"""Two numbers of each change tell which records share an identity and which changes share a place."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.dedupe.shared import IDENTITY, PLACE, shared, sharing, with_hashes
from jobs.fold import DatasetSchema
from jobs.spark.rows import frame_of

SHAPE = DatasetSchema(("id",), {"id": "bigint", "status": "string"})
CHANGES = "identity string, id bigint, stated_position string, of_record int"


def change(identity: str, id: int, place: str, of_record: int = 0) -> dict[str, Any]:
    return {"identity": identity, "id": id, "stated_position": place, "of_record": of_record}


NEW = [
    change("alone", 1, "1"),
    change("several keys", 2, "1"), change("several keys", 3, "1", 1),
    change("delivered twice", 4, "1"), change("delivered twice", 4, "1"),
    change("ties", 5, "1"), change("tied with", 5, "1"),
    change("there already", 6, "1"),
    change("beside one that is there", 7, "1"),
]  # fmt: skip
THERE = [
    change("there already", 6, "1"), change("of that place", 7, "1"),
    change("of its own", 8, "1"), change("of its own too", 8, "1"),
]  # fmt: skip
IDENTITIES = {"delivered twice", "there already"}
PLACES = {4, 5, 6, 7}


@pytest.mark.parametrize("is_first", [True, False])
def test_what_new_changes_share_with_each_other_and_with_those_there(
    spark: SparkSession, is_first: bool
) -> None:
    new = with_hashes(frame_of(spark, NEW, CHANGES), SHAPE)
    there = None if is_first else with_hashes(frame_of(spark, THERE, CHANGES), SHAPE)
    found = shared(new, len(NEW), there)
    identities = {row["identity"] for row in sharing(new, found, IDENTITY).collect()}
    places = {row["id"] for row in sharing(new, found, PLACE).collect()}
    assert identities == (IDENTITIES - {"there already"} if is_first else IDENTITIES)
    assert places == (PLACES - {6, 7} if is_first else PLACES)
    alone = sharing(new, found, IDENTITY, "left_anti")
    assert alone.count() + sharing(new, found, IDENTITY).count() == len(NEW)
    # What only those that were there share with each other is no news.
    assert found.where("number IS NULL").count() == 0
    assert found.count() == len(identities) + len(places)
