"""Expected: what each fault must be reported as is what the oracle says of its files, rule by rule."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jobs.demo.expected import Verdict
from jobs.demo.faults import FAULTS, Fault
from jobs.demo.injection import Damaged
from jobs.demo.life import Key as DemoKey
from tests.demo.legs import STATES, Logged, at, changes_in, events_in, note_of, rows_in
from tests.oracle.dedupe import canonical
from tests.oracle.model import Case, Change, Key, Leg, Reject, Settings, Target
from tests.oracle.model import Verdict as Judged
from tests.oracle.verdict import judge

COLUMNS = ("customer_id", "status", "amount", "note")


@pytest.fixture(scope="module")
def judged(shop: Damaged, files: Mapping[str, bytes]) -> Mapping[Key, Judged]:
    """The oracle's verdict on every order that bears a fault."""
    borne = {key for each in shop.injected for key in each.keys}
    return judge(_case(files, borne))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_what_the_rules_make_of_it(
    shop: Damaged, judged: Mapping[Key, Judged], fault: Fault
) -> None:
    keys = next(each.keys for each in shop.injected if each.fault is fault)
    assert {_verdict(judged[(key,)]) for key in keys} == {fault.expected}


def test_a_fault_of_time_lags_by_more_than_nothing(shop: Damaged, judged: Mapping[Key, Judged]) -> None:
    stale = [key for each in shop.injected if each.fault.expected.kind == "stale" for key in each.keys]
    assert all((judged[(key,)].lag_seconds or 0) > 60 for key in stale)


def _verdict(judged: Judged) -> Verdict:
    if judged.cls != "discrepant":
        return Verdict(judged.cls, reason=judged.reason)
    columns = sorted(judged.mismatched_columns) if judged.kind == "mismatch" else []
    return Verdict(judged.cls, judged.kind, judged.fault, None, tuple(columns), judged.suspect)


def _case(files: Mapping[str, bytes], keys: set[DemoKey]) -> Case:
    settings = Settings(
        grace=900,
        scope=lambda row: row["status"] != "ARCHIVED",
        compare={"amount": lambda a, b: a is not None and b is not None and abs(a - b) <= Decimal("0.01")},
    )
    held = [
        (key, _row(state))
        for key, states in rows_in(files).items()
        for state in states.elements()
        if key in keys
    ]
    target = Target(COLUMNS, tuple(((key,), row) for key, row in held))
    return Case(at("2026-11-01T00:00:00"), target, _events(files, keys), _changes(files, keys), settings)


def _events(files: Mapping[str, bytes], keys: set[DemoKey]) -> Leg:
    changes, rejects = [], []
    for event in events_in(files):
        data = event["data"]
        place = {"occurred_at": at(event["time"]), "position": (data["version"],), "event_id": event["id"]}
        if isinstance(data.get("delta"), str):
            rejects.append(Reject((data["order_id"],), **place))
        elif data["order_id"] in keys:
            content = repr(sorted((name, str(value)) for name, value in data.items()))
            change = Change((data["order_id"],), **place, **_effect(event), content=content)
            changes.append(change)
    return Leg(
        "events", COLUMNS, tuple(_numbered(changes)), tuple(rejects), any_creates=True, dense=True
    )  # fmt: skip


def _numbered(changes: list[Change]) -> list[Change]:
    return [replace(change, sequence=change.position[0]) for change in changes]


def _effect(event: Mapping[str, Any]) -> dict[str, Any]:
    kind, data = event["type"], event["data"]
    if kind == "OrderPlaced":
        amount = Decimal(str(data["amount"]))
        row = {
            "customer_id": data["customer_id"],
            "status": "PLACED",
            "amount": amount,
            "note": note_of(data),
        }
        return {"said": row, "creates": True}
    if kind == "OrderCancelled":
        return {"op": "delete"}
    if kind == "OrderAdjusted":
        return {"adds": {"amount": Decimal(str(data["delta"]))}}
    if kind == "NoteChanged":
        return {"said": {"note": note_of(data)}}
    return {"reverts": data["event_id"]} if kind == "ChangeReverted" else {"said": {"status": STATES[kind]}}


def _changes(files: Mapping[str, bytes], keys: set[DemoKey]) -> Leg:
    logged = list(changes_in(files))
    first_load = [at(each.cells[1]) for each in logged if each.load]
    changes = [_change(each) for each in logged if each.fits and each.key in keys]
    rejects = [
        Reject((each.key,), _place(each), at(each.cells[1]), file=each.file, row=each.row)
        for each in logged
        if each.whole and not each.fits
    ]
    return Leg(
        "changes", COLUMNS, tuple(changes), tuple(rejects), any_creates=True, loaded_at=max(first_load)
    )  # fmt: skip


def _change(each: Logged) -> Change:
    said = {} if each.deletes else _row(each.state)
    return Change(
        (each.key,), at(each.cells[1]), _place(each), "delete" if each.deletes else "upsert", said,
        creates=not each.deletes, content=repr(each.cells), load=each.load, file=each.file, row=each.row,
    )  # fmt: skip


def _place(each: Logged) -> tuple[Any, ...]:
    return (1, 0) if each.load else (1, 1, int(each.cells[2]))


def _row(state: tuple[Any, ...]) -> dict[str, Any]:
    customer, status, cents, note = state
    return {"customer_id": customer, "status": status, "amount": Decimal(cents) / 100, "note": note}


def test_the_oracle_sees_no_conflict_but_the_injected(shop: Damaged, files: Mapping[str, bytes]) -> None:
    borne = {key for each in shop.injected for key in each.keys}
    conflicts = canonical(_events(files, borne)).conflicts + canonical(_changes(files, borne)).conflicts
    assert Counter((each.kind, mark.key[0]) for each in conflicts for mark in each.marks) == shop.conflicts
