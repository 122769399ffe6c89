"""`tieout publish` and `tieout apply`: one object or a few lines on stdout, and nothing sent by a dry run."""

import json
from pathlib import Path

import pytest

from jobs.compensate.commands import apply, publish
from jobs.compensate.publishing import sqs
from tests.compensate import orders
from tests.compensate.orders import held, propose, repair, seen, statuses, stored, write_store
from tests.compensate.queues import Lying, queue
from tests.conftest import S3

_DATASET = """
version: 1
dataset: orders
key: [order_id]
columns: {{order_id: bigint, status: string}}
mask: {{columns: [status]}}
changes:
  path: {root}/cdc/
  dialect: dms
  format: csv
  fields: [ts, id, state]
  timestamp_column: ts
  order: [ts]
  select: &store {{order_id: id, status: state}}
target: {{format: delta, path: {root}/store, select: *store, as_of: {{commit: true}}}}
compensate: {{channel: out}}
"""


@pytest.fixture
def lying(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lying:
    """A configuration in `conf`, three approved repairs, of which one is refused and one fails."""
    monkeypatch.setattr(sqs, "POLL", 0)
    lying = queue(s3.url)
    (tmp_path / "conf" / "datasets").mkdir(parents=True)
    main = f"version: 1\nlake: {tmp_path}/lake\nchannels: {{out: {{sqs: '{lying.url}'}}}}\n"
    (tmp_path / "conf" / "tieout.yml").write_text(main)
    (tmp_path / "conf" / "datasets" / "orders.yml").write_text(_DATASET.format(root=tmp_path))
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
    assert apply("orders", config(tmp_path), quiet=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "orders: 1 applied, 1 refused, 1 failed, 0 repeated."
    assert len(lines) == 3 and lines[2] == "No compensations of orders, so kept in its `rejects`: 1."
    assert statuses(orders.project(tmp_path)) == {"a": "applied", "b": "refused", "c": "failed"}


def test_as_json_they_are_one_object(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish("orders", config(tmp_path), as_json=True)
    assert json.loads(capsys.readouterr().out) == {"dataset": "orders", "sent": 3, "failed": 0}
    apply("orders", config(tmp_path), source="queue", as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "dataset": "orders", "applied": 1, "refused": 1, "failed": 1, "repeated": 0, "unknown": 0,
    }  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_a_dry_run_shows_masked_messages_and_leaves_all_as_it_is(
    lying: Lying, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    publish("orders", config(tmp_path), dry_run=True, as_json=as_json, quiet=True)
    published = capsys.readouterr().out
    apply("orders", config(tmp_path), dry_run=True, as_json=as_json, quiet=True)
    for told, done in ((published, "sent"), (capsys.readouterr().out, "applied")):
        assert "PAID" not in told and "NEW" not in told
        if as_json:
            shown = json.loads(told)["messages"]
        else:
            *lines, last = told.splitlines()
            assert last == f"orders: 3 would be {done}; nothing was."
            shown = [json.loads(line) for line in lines]
        assert [message["id"] for message in shown] == ["a", "b", "c"]
    assert set(statuses(orders.project(tmp_path)).values()) == {"approved"}
    assert lying.taken() == []
    assert stored(tmp_path / "store") == [held(1), held(2), held(3)]
