"""Lines: what each fault of a line must be reported as is what the oracle says of the files, read anew."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow.parquet as pq
import pytest

from jobs.demo.expected import MATCHED, Verdict
from jobs.demo.faults import LINES, Fault
from jobs.demo.injection import ITEMIZED, Damaged
from tests.demo.legs import at, events_in
from tests.oracle.model import Case, Change, Key, Leg, Settings, Target
from tests.oracle.model import Verdict as Judged
from tests.oracle.verdict import judge

COLUMNS = ("article", "quantity", "status")
Files = Mapping[str, bytes]


@pytest.fixture(scope="module")
def judged(files: Files) -> Mapping[Key, Judged]:
    """The oracle's verdict on every line that any leg has."""
    target = Target(COLUMNS, tuple(_held(files)))
    events = Leg("events", COLUMNS, tuple(_events(files)), any_creates=True)
    changes = list(_changes(files))
    loaded = max(each.occurred_at for each in changes if each.load)
    logged = Leg("changes", COLUMNS, tuple(changes), any_creates=True, loaded_at=loaded)
    return judge(Case(at("2026-11-01T00:00:00"), target, events, logged, Settings(grace=900)))


@pytest.mark.parametrize("fault", LINES, ids=lambda fault: fault.name)
def test_a_fault_of_a_line_is_what_the_rules_make_of_it(
    lines: Damaged, judged: Mapping[Key, Judged], fault: Fault
) -> None:
    keys = next(each.keys for each in lines.injected if each.fault is fault)
    assert [_verdict(judged[_key(key)]) for key in keys] == [fault.expected] * fault.keys


def test_every_other_line_agrees_those_of_the_same_order_first_of_all(
    lines: Damaged, judged: Mapping[Key, Judged]
) -> None:
    borne = {_key(key) for each in lines.injected for key in each.keys}
    others = {key: _verdict(verdict) for key, verdict in judged.items() if key not in borne}
    assert set(others.values()) == {MATCHED}
    assert {order for order, _ in borne} <= {order for order, _ in others}


def test_the_lines_seen_are_hundreds_whatever_the_number_of_orders(
    lines: Damaged, judged: Mapping[Key, Judged]
) -> None:
    assert lines.classes["keys_seen"] == len(judged)
    assert 2 * ITEMIZED < len(judged) < 4 * ITEMIZED


def _key(key: object) -> Key:
    assert isinstance(key, tuple)
    return key


def _verdict(judged: Judged) -> Verdict:
    columns = tuple(sorted(judged.mismatched_columns)) if judged.kind == "mismatch" else ()
    return Verdict(judged.cls, judged.kind, judged.fault, judged.reason, columns, judged.suspect)


def _events(files: Files) -> Iterator[Change]:
    for event in events_in(files):
        data = event["data"]
        content = json.dumps(event, sort_keys=True)
        for number, line in enumerate(data.get("lines", ())):
            yield Change(
                (data["order_id"], line["no"]), at(event["time"]), (data["version"],),
                **_effect(event, line), event_id=event["id"], content=content, entry=number,
            )  # fmt: skip


def _effect(event: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    match event["type"]:
        case "OrderPlaced":
            values = {"article": line["article"], "quantity": line["quantity"], "status": "OPEN"}
            return {"said": values, "creates": True}
        case "OrderShipped":
            return {"said": {"status": "SHIPPED"}}
        case "ChangeReverted":
            return {"reverts": event["data"]["event_id"]}
    return {"op": "delete"}


def _changes(files: Files) -> Iterator[Change]:
    for path, data in files.items():
        load = "/LOAD" in path
        ours = path.startswith("shop-cdc/public/order_lines/")
        for number, row in enumerate(csv.reader(io.StringIO(data.decode(), newline="")) if ours else ()):
            op, commit, seq, order, line, article, quantity, status = ["I", *row] if load else row
            values = {"article": article, "quantity": int(quantity), "status": status}
            yield Change(
                (int(order), int(line)), at(commit), (1, 0) if load else (1, 1, int(seq)),
                "delete" if op == "D" else "upsert", {} if op == "D" else values,
                creates=op != "D", content=repr(row), load=load, file=path, row=number,
            )  # fmt: skip


def _held(files: Files) -> Iterator[tuple[Key, dict[str, Any]]]:
    for path, data in files.items():
        if path.startswith("shop-snapshots/order_lines/"):
            for row in pq.read_table(io.BytesIO(data)).to_pylist():
                values = {"article": row["article"], "quantity": row["quantity"], "status": row["state"]}
                yield (row["order_id"], row["line_no"]), values
