"""R7: what concerns a key, until a later delete or full image settles it."""

from typing import Any

from pyspark.sql import SparkSession

from jobs.fold.suspicion import flag_unsettled, suspects
from jobs.spark.rows import frame_of

# Settled at, the positions of what concerns the key (None: it cannot be placed), and whether it still does.
CASES: dict[str, tuple[str | None, list[str | None], bool]] = {
    "nothing concerns it": ("5", [], False),
    "nothing settles it": (None, ["3"], True),
    "settled later": ("5", ["3"], False),
    "settled before": ("2", ["3"], True),
    "settled at the same place": ("3", ["3"], True),
    "the worst of several counts": ("5", ["3", "7"], True),
    "all of several are settled": ("9", ["3", "7"], False),
    "nothing settles what cannot be placed": ("9", [None], True),
    "nothing settles one of two": ("9", ["3", None], True),
}
STATES, CONCERNS = "id string, _settled_position string, _suspect boolean", "id string, position string"


def test_r7_what_concerns_a_key_lapses(spark: SparkSession) -> None:
    states = [
        {"id": name, "_settled_position": settled, "_suspect": True}
        for name, (settled, _, _) in CASES.items()
    ]
    concerns: list[dict[str, Any]] = [
        {"id": name, "position": position}
        for name, (_, positions, _) in CASES.items()
        for position in positions
    ]
    concerns += [{"id": "a key without a state", "position": "1"}, {"id": None, "position": "3"}]
    states += [{"id": None, "_settled_position": None}]
    found = flag_unsettled(
        frame_of(spark, states, STATES), frame_of(spark, concerns, CONCERNS), ["id"], "_suspect"
    )
    wanted: dict[str | None, bool] = {name: still for name, (_, _, still) in CASES.items()}
    assert {row["id"]: row["_suspect"] for row in found.collect()} == {**wanted, None: True}


# Whether the key lived, settled at, the position of what says that it left, and whether it concerns the key.
LEAVING: dict[str, tuple[bool, str | None, str | None, bool]] = {
    "it lived": (True, None, "3", True),
    "it never lived": (False, None, "3", False),
    "it lived, settled later": (True, "5", "3", False),
    "it lived, cannot be placed": (True, "5", None, True),
    "it never lived, cannot be placed": (False, None, None, False),
}


def test_r13a_what_says_that_a_key_left_concerns_it_only_if_it_lived(spark: SparkSession) -> None:
    states = [
        {"id": name, "_lived": lived, "_settled_position": settled}
        for name, (lived, settled, _, _) in LEAVING.items()
    ]
    concerns = [
        {"id": name, "position": position, "leaves": True} for name, (_, _, position, _) in LEAVING.items()
    ]
    states.append({"id": "and more", "_lived": False, "_settled_position": None})
    concerns += [{"id": "and more", "position": "3", "leaves": leaves} for leaves in (True, False)]
    found = flag_unsettled(
        frame_of(spark, states, "id string, _lived boolean, _settled_position string"),
        frame_of(spark, concerns, "id string, position string, leaves boolean"), ["id"], "_rejected",
    )  # fmt: skip
    wanted = {name: still for name, (*_, still) in LEAVING.items()}
    assert {row["id"]: row["_rejected"] for row in found.collect()} == {**wanted, "and more": True}


def test_conflicts_name_keys_of_their_own_leg(spark: SparkSession) -> None:
    conflicts = [
        {"leg": "events", "keys": [{"id": "a", "position": "1"}, {"id": "b", "position": "2"}]},
        {"leg": "changes", "keys": [{"id": "c", "position": "3"}]},
        {"leg": "events", "keys": [{"id": "a", "position": "4"}]},
    ]
    frame = frame_of(spark, conflicts, "leg string, keys array<struct<id: string, position: string>>")
    assert sorted(map(tuple, suspects(frame, "events", ["id"]).collect())) == [
        ("a", "1"),
        ("a", "4"),
        ("b", "2"),
    ]
