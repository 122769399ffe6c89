"""Telling: what became of the records looked at, counted, and a sample that shows each kind."""

from typing import Any

import pytest

from jobs.masking.columns import Masking
from jobs.preview.model import LegPreview
from jobs.preview.summary import SAMPLES, absent_paths, leg_preview, place_in_order
from jobs.settings import Source
from jobs.settings.mapped_paths import MappedPath

SOURCE = Source(source="shop", path="/raw", dialect="cloudevents", format="json")


def read(at: int, name: str | None = "Placed", **told: Any) -> dict[str, Any]:
    return {
        "file": "/raw/a.gz", "row_number": at, "type": name, "cdc_op": None, "kind": "event", "reasons": [],
        "ignored": False, "occurred_at": "2026-01-01T00:00:00.000000Z", **told,
    }  # fmt: skip


def made(at: int, **told: Any) -> dict[str, Any]:
    return {
        "file": "/raw/a.gz", "row_number": at, "entry": 0, "item_at": 0, "op": "upsert", "kind": "event",
        "said": {"status": True, "note": False}, "reverts": None, "creates": True,
        "stated_position": "n0" + "1".zfill(39),
        "refused": False, "reasons": [], "key": '{"id":"7"}', "sets": '{"status":"NEW","note":null}',
        "adds": '{"amount":null}', **told,
    }  # fmt: skip


def taste(*rows: dict[str, Any], changes: tuple[dict[str, Any], ...] = (), masked: str = "") -> LegPreview:
    return leg_preview("events", SOURCE, 1, (), rows, changes, Masking([masked] if masked else []))


def test_every_record_is_mapped_ignored_or_refused() -> None:
    refused = made(4, reasons=["no id (key)"], refused=True)
    rows = (read(1), read(2, "Other", ignored=True), read(3, None, reasons=["not JSON"]), read(4))
    told = taste(*rows, changes=(made(1), refused))
    assert (told.looked_at, told.mapped, told.refusals) == (4, 1, 2)
    assert dict(told.ignored) == {"Other": 1}
    assert dict(told.refused) == {"not JSON": 1, "no id (key)": 1}
    assert [(record.name, record.fate) for record in told.records] == [
        ("Placed", "mapped"), ("unreadable", "refused"), ("Placed", "refused"),
    ]  # fmt: skip


def test_a_record_shows_the_changes_it_makes() -> None:
    (record,) = taste(read(1), changes=(made(1), made(1, op="delete", adds='{"amount":"2"}'))).records
    first, second = record.changes
    assert (str(record.place), first.op, dict(first.key)) == ("a.gz:1", "upsert", {"id": "7"})
    assert (dict(first.sets), dict(first.adds), first.position) == ({"status": "NEW"}, {}, "1")
    assert (dict(second.sets), dict(second.adds)) == ({}, {"amount": "2"})


def test_a_refusal_does_not_tell_a_masked_value() -> None:
    reasons = ["note: secret is no bigint", "no id (key)"]
    (record,) = taste(read(1), changes=(made(1, reasons=reasons, refused=True),), masked="note").records
    assert record.reasons == ("note: does not fit", "no id (key)")


def test_the_sample_shows_three_of_each_kind() -> None:
    told = taste(*(read(at) for at in range(1, 40)), read(99, "Rare"))
    assert [record.place.row_number for record in told.records] == [1, 2, 3, 99]


def test_the_sample_is_small_however_many_kinds_there_are() -> None:
    assert len(taste(*(read(at, f"Kind{at}") for at in range(1, 40))).records) == SAMPLES


def test_what_leaves_is_said_not_to_be_ours() -> None:
    rows = (read(1, None, kind="change", cdc_op="U"), read(2, None, kind="load", cdc_op="I"))
    first, second = taste(*rows, changes=(made(1, kind="leave", op="delete"),)).records
    assert (first.name, first.changes[0].op, second.name) == ("update", "not ours", "load row")


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        (None, ""),
        ("n0" + "17".zfill(39), "17"),
        ("n0" + "0" * 39, "0"),
        ("n0" + "1".zfill(39) + ".5", "1.5"),
        ("1 log n0" + "35".zfill(39), "1 log 35"),
        ("t0" + "1700000000000000".zfill(39), "2023-11-14T22:13:20Z"),
        ("t0" + "1700000000000000".zfill(39) + ".25", "2023-11-14T22:13:20.00000025Z"),
        ("1 log n-" + "9" * 38 + "6~", "1 log -3"),
        ("n0:0000000041" + "7" * 41 + ".5", "7" * 41 + ".5"),
        ("xabc", "abc"),
        ("1 load", "1 load"),
        ("1 load /raw/a b.csv 000000000007", "1 load"),
        ("1 log t0" + "0" * 39 + " /raw/a b.csv 000000000007", "1 log 1970-01-01T00:00:00Z"),
    ],
)
def test_a_position_is_shown_as_its_source_said_it(stated: str | None, shown: str) -> None:
    assert place_in_order(stated, "/raw/a b.csv", 7) == shown


def test_a_path_that_no_change_of_its_entry_has_is_named() -> None:
    paths = [
        MappedPath("a.set.status", "data.status", 0, "set", "status"),
        MappedPath("a.set.note", "data.note", 0, "set", "note"),
        MappedPath("a.add.amount", "data.amount", 0, "add", "amount"),
        MappedPath("b.set.note", "data.text", 1, "set", "note"),
        MappedPath("c.set.note", "data.text", 2, "set", "note"),
        MappedPath("a.key.id", "data.id", 0, "key", "id"),
    ]
    said = {"status": False, "note": True}
    changes = [made(1), made(2), made(3, entry=1, said=said), made(4, op="delete", said=said)]
    assert list(absent_paths(paths, changes)) == [
        "none of 2 changes looked at has data.note (a.set.note)",
        "none of 2 changes looked at has data.amount (a.add.amount)",
    ]
    assert list(absent_paths(paths, [])) == []
