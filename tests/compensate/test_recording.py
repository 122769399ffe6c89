"""Recording: only what changed, where the status is still the one read, in lakes that this code knows."""

from pathlib import Path

import pytest
from deltalake import DeltaTable

from jobs.compensate.recording import Repository
from jobs.errors import InputError
from tests.compensate import orders
from tests.compensate.orders import AT, NAME, propose, recorded, rejects, repair


def test_a_change_touches_its_columns_and_rows_alone(tmp_path: Path) -> None:
    owner = orders.project(tmp_path)
    propose(owner, [repair("a", 1), repair("b", 2, outcome="o", error="e", attempts=None)])
    before, book = recorded(owner), Repository(owner, NAME)
    rows = book.named(["a", "b", "none"])
    assert set(rows) == {"a", "b"}
    book.record([(rows["b"], {"status": "published", "published_at": AT, "attempts": 1, "error": None})])
    after = recorded(owner)
    assert after["a"] == before["a"]
    assert after["b"] == {
        **before["b"], "status": "published", "published_at": AT, "attempts": 1, "error": None,
    }  # fmt: skip
    assert DeltaTable(orders.book(owner)).metadata().configuration == {"tieout.schema_version": "1"}


def test_a_row_whose_status_moved_on_stays_as_it_is(tmp_path: Path) -> None:
    owner = orders.project(tmp_path)
    propose(owner, [repair("a", 1)])
    book = Repository(owner, NAME)
    rows = book.having(["approved"])
    propose(owner, [repair("a", 1, status="confirmed")])
    book.record([(rows[0], {"status": "failed"})])
    assert recorded(owner)["a"]["status"] == "confirmed"
    book.record([])


def test_compensations_come_in_the_order_of_their_approval(tmp_path: Path) -> None:
    owner = orders.project(tmp_path)
    later = AT.replace(year=2027)
    propose(
        owner, [repair("c", 1, approved_at=later), repair("b", 1, episode=2), repair("a", 1, status="failed")]
    )
    assert [row["compensation_id"] for row in Repository(owner, NAME).having(["approved"])] == ["b", "c"]
    assert [row["compensation_id"] for row in Repository(owner, NAME).having(["approved"], 1)] == ["b"]


def test_a_message_is_rejected_once_and_numbered_in_its_queue(tmp_path: Path) -> None:
    owner = orders.project(tmp_path)
    book = Repository(owner, NAME)
    book.reject("q", [], AT)
    book.reject("q", [("m1", "body", "type: no"), ("m1", "body", "type: no"), ("m2", "x", "id: no")], AT)
    book.reject("q", [("m2", "x", "id: no"), ("m3", "y", "id: no")], AT)
    found = sorted(rejects(owner), key=lambda row: row["row_number"])
    assert [(row["identity"], row["row_number"], row["record"]) for row in found] == [
        ("m1", 1, "body"), ("m2", 2, "x"), ("m3", 3, "y"),
    ]  # fmt: skip
    assert found[0]["reasons"] == ["type: no"]


def test_a_lake_that_is_newer_than_this_code_is_refused(tmp_path: Path) -> None:
    owner = orders.project(tmp_path)
    propose(owner, [repair("a", 1)])
    log = Path(orders.book(owner), "_delta_log", f"{0:020}.json")
    log.write_text(log.read_text().replace('"tieout.schema_version":"1"', '"tieout.schema_version":"2"'))
    with pytest.raises(InputError, match="upgrade Tieout"):
        Repository(owner, NAME).having(["approved"])
