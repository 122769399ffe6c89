"""`tieout publish` and `tieout apply`: one object or a few lines on stdout, and nothing sent by a dry run."""

import json
from pathlib import Path

import pytest

from jobs.commands.repairs import apply, publish
from jobs.compensate.publishing import sqs
from jobs.errors import RepairsFailedError
from tests.builders.command import ended
from tests.builders.configuration import configured
from tests.compensate import orders
from tests.compensate.orders import held, propose, repair, seen, statuses, stored, write_store
from tests.compensate.queues import Lying, queue
from tests.conftest import S3

_DATASET = """
version: 1
dataset: orders
key: [order_id]
columns: {order_id: bigint, status: string}
mask: {columns: [status]}
changes:
  path: ROOT/cdc/
  dialect: dms
  format: csv
  fields: [ts, id, state]
  timestamp_column: ts
  order: [ts]
  select: &store {order_id: id, status: state}
target: {format: delta, path: ROOT/store, select: *store, as_of: {commit: true}}
compensate: {channel: out}
"""

TOLD = """
orders: 1 applied, 1 refused, 1 failed, 0 repeated.
  c  order_id = 3  attempt 1 of 3: It does not fit the table: state: a value is no string.
`tieout compensations list orders --status refused` says why; the next run looks again.
No compensations of orders, so kept in its `rejects`: 1.
orders: 0 applied, 0 refused, 1 failed, 0 repeated.
  c  order_id = 3  attempt 2 of 3: It does not fit the table: state: a value is no string.
orders: 0 applied, 0 refused, 1 failed, 0 repeated.
  c  order_id = 3  attempt 3 of 3: It does not fit the table: state: a value is no string.
"""
DRY = """
a  update  order_id = 1
    UPDATE delta.`/store` SET `state` = '***' WHERE `id` = '1'
    only if the store has one row of the key: (`id` = '1', `state` = '***', `cents` = '1000')
b  update  order_id = 2
    UPDATE delta.`/store` SET `state` = '***' WHERE `id` = '2'
    only if the store has one row of the key: (`id` = '2', `state` = '***', `cents` = '1000')
c  update  order_id = 3
    UPDATE delta.`/store` SET `state` = '***' WHERE `id` = '3'
    only if the store has one row of the key: (`id` = '3', `state` = '***', `cents` = '1000')
orders: 3 would be applied; nothing was.
"""


@pytest.fixture
def lying(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lying:
    """A configuration in `conf`, three approved repairs, of which one is refused and one fails."""
    monkeypatch.setattr(sqs, "POLL", 0)
    lying = queue(s3.url)
    configured(tmp_path, _DATASET, f"channels: {{out: {{sqs: '{lying.url}'}}}}")
    write_store(tmp_path / "store", [held(1), held(2), held(3)])
    wrong = repair("b", 2, guard=seen(2, "OLD"))
    propose(orders.project(tmp_path), [repair("a", 1), wrong, repair("c", 3, write={"state": 1})])
    return lying


def config(tmp_path: Path) -> str:
    return str(tmp_path / "conf")


def test_published_and_applied_are_told_in_a_few_lines(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish("orders", config(tmp_path), quiet=True) == 0
    assert capsys.readouterr().out == "orders: 3 sent, 0 failed.\n"
    lying.put("no compensation")
    told = []
    for _ in range(3):
        with pytest.raises(RepairsFailedError) as failed:
            apply("orders", config(tmp_path), quiet=True)
        told.append(str(failed.value))
    again = "1 repair was not applied; 1 is tried again by the next `tieout apply orders`."
    assert told == [again, again, (
        "1 repair was not applied; 1 waits for a person: `tieout compensations list orders --status "
        "failed`, then approve again or reject."
    )]  # fmt: skip
    assert capsys.readouterr().out == TOLD.lstrip("\n")
    assert statuses(orders.project(tmp_path)) == {"a": "applied", "b": "refused", "c": "failed"}
    assert apply("orders", config(tmp_path), quiet=True) == 0


def test_from_the_command_line_what_failed_ends_with_3_and_the_sentence_on_stderr(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["apply", "orders", "-q", "--json", "--from", "table", "-c", config(tmp_path)]
    code, told = ended(*arguments), capsys.readouterr()
    assert (code, json.loads(told.out)["failed"]) == (3, 1)
    assert (
        told.err == "tieout: 1 repair was not applied; 1 is tried again by the next `tieout apply orders`.\n"
    )


def test_what_was_not_sent_ends_with_3_and_says_why(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    propose(orders.project(tmp_path), [repair("a", 1), repair("odd", 2, row="{")])
    with pytest.raises(
        RepairsFailedError, match=r"^1 repair was not sent, and sending the same again would not"
    ):
        publish("orders", config(tmp_path), quiet=True)
    assert capsys.readouterr().out == (
        "orders: 1 sent, 1 failed.\n  odd  Its row in compensations cannot be read.\n"
    )


def test_as_json_they_are_one_object(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish("orders", config(tmp_path), as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "dataset": "orders", "sent": 3, "failed": 0, "failures": [],
    }  # fmt: skip
    with pytest.raises(RepairsFailedError):
        apply("orders", config(tmp_path), source="queue", as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "dataset": "orders", "applied": 1, "refused": 1, "failed": 1, "repeated": 0, "unknown": 0,
        "failures": [
            {"compensation_id": "c", "key": {"order_id": "3"}, "attempt": 1, "of": 3, "status": "published",
             "error": "It does not fit the table: state: a value is no string."},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_a_dry_run_shows_masked_messages_and_statements_and_leaves_all_as_it_is(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    publish("orders", config(tmp_path), dry_run=True, as_json=as_json, quiet=True)
    published = capsys.readouterr().out
    apply("orders", config(tmp_path), dry_run=True, as_json=as_json, quiet=True)
    applied = capsys.readouterr().out
    for told in (published, applied):
        assert "PAID" not in told and "NEW" not in told and "OLD" not in told
    if as_json:
        messages, repairs = json.loads(published)["messages"], json.loads(applied)["repairs"]
        assert [repair["compensation_id"] for repair in repairs] == ["a", "b", "c"]
        assert repairs[0]["statements"][0].startswith("UPDATE delta.`")
    else:
        *lines, last = published.splitlines()
        messages = [json.loads(line) for line in lines]
        assert last == "orders: 3 would be sent; nothing was."
        assert applied.replace(str(tmp_path), "") == DRY.lstrip("\n")
    assert [message["id"] for message in messages] == ["a", "b", "c"]
    assert set(statuses(orders.project(tmp_path)).values()) == {"approved"}
    assert lying.taken() == []
    assert stored(tmp_path / "store") == [held(1), held(2), held(3)]


def test_no_value_drives_the_terminal(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = repair("a", 1, write={"note": "one\ntwo\x1b[2J", "nowhere\x1b": 1})
    propose(orders.project(tmp_path), [odd])
    apply("orders", config(tmp_path), source="table", dry_run=True, quiet=True)
    with pytest.raises(RepairsFailedError):
        apply("orders", config(tmp_path), source="table", quiet=True)
    told = capsys.readouterr().out
    assert "\x1b" not in told and len(told.splitlines()) == 6
    assert "= 'one\\ntwo\\u001b[2J'" in told
