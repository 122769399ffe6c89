"""R24, R25: dots, blanks, reserved words and quotes in the store's names, through to guard and write."""

import json

from pyspark.sql import SparkSession

from tests.compensate.repairs import Wrong, dataset, planned, true

ODD = dataset(
    ("events",),
    select={
        "id": "order_no",
        "status": "order.state",
        "amount": {"sql": "`amount cents` / 100.00", "write": {"amount cents": "amount * 100"}},
        "note": "No.",
        "seen": "o`k",
    },
    where="is.ours",
    deleted="is gone",
    compare={"seen": {}},
)
STORE = (
    "order_no string, `order.state` string, order struct<state: string>, `amount cents` bigint, "
    "`No.` string, `o``k` int, `is.ours` boolean, `is gone` boolean"
)
ROW = {
    "order.state": "NEW", "order": {"state": "PAID"}, "amount cents": 1250, "No.": None, "o`k": 1,
    "is.ours": True, "is gone": False,
}  # fmt: skip
CASES = {
    "wrong": Wrong(true(), (ROW,)),
    "all wrong": Wrong(true(note="n", seen=2), ({**ROW, "amount cents": 1, "No.": "x"},)),
    "unexpected": Wrong(None, (ROW,), kind="unexpected"),
    "another's": Wrong(true(), ({**ROW, "is.ours": False},), kind="missing"),
}


def test_r24_odd_names_are_guarded_and_written_as_they_stand(spark: SparkSession) -> None:
    found = planned(spark, ODD, CASES, STORE)
    write = {name: json.loads(row["write"]) for name, row in found.items()}
    guard = json.loads(found["wrong"]["guard"])
    assert guard == {
        "order_no": "wrong", "order.state": "NEW", "amount cents": "1250", "No.": None, "o`k": 1,
        "is.ours": True, "is gone": False,
    }  # fmt: skip
    values = {"order.state": "PAID", "amount cents": "1250", "No.": None, "o`k": 1}
    assert {name: write["wrong"][name] for name in values} == values
    assert write["all wrong"] == {**write["wrong"], "No.": "n", "o`k": 2}
    assert write["unexpected"] == {"is gone": True}
    assert found["wrong"]["_obstacles"] == found["unexpected"]["_obstacles"] == []
    assert found["another's"]["_obstacles"] != [], "the key is there, and the row is not ours"
