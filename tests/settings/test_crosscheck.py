"""Parts that do not go together are told, each with the place to look at (also mistakes_of_sense.yml)."""

import pytest

from jobs.settings import reserved
from tests.builders.command import ended
from tests.settings.folders import Folder


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "dialect: cloudevents\nformat: csv",
            "5 format: does not go with dialect cloudevents, got 'csv'; allowed: json",
        ),
        (
            "dialect: dms\nformat: json",
            "5 format: does not go with dialect dms, got 'json'; allowed: csv, parquet",
        ),
        (
            "dialect: cloudevents\nformat: json\nfields: [a]",
            "6 fields: has no meaning for format json; it is for csv",
        ),
        (
            "dialect: cloudevents\nformat: json\nnull_token: x",
            "6 null_token: has no meaning for format json; it is for csv",
        ),
        (
            "dialect: eventbridge\nformat: json\ntimestamp_column: a",
            "6 timestamp_column: has no meaning for dialect eventbridge; it is for dms",
        ),
        (
            "dialect: envelope\nformat: json\nid: a\ntype: b",
            "1 time: is required for dialect envelope: the path of the event's time",
        ),
        (
            "dialect: cloudevents\nformat: json\nid: a",
            "6 id: has no meaning for dialect cloudevents; it is for envelope",
        ),
        (
            "dialect: dms\nformat: csv\ndelimiter: '||'",
            "6 delimiter: must be a single character, got '||'",
        ),
    ],
)
def test_a_source_that_contradicts_itself_is_told(folder: Folder, source: str, told: str) -> None:
    folder.write("sources/other.yml", f"version: 1\nsource: other\npath: /other\n{source}\n")
    assert folder.mistake() == f"sources/other.yml:{told}"


@pytest.mark.parametrize(
    "source",
    [
        "dialect: dms\nformat: csv",
        "dialect: dms\nformat: csv\nfields: [ts, id]\ntimestamp_column: ts\nnull_token: \\N\ndelimiter: ';'",
        "dialect: dms\nformat: csv\ntimestamp_column: ts\nload_complete: true",
        "dialect: envelope\nformat: json\nid: meta.id\ntype: meta.type\ntime: meta.at\ndata: body",
        "dialect: eventbridge\nformat: json\ntimezone: Europe/Berlin",
    ],
)
def test_every_dialect_has_a_form_that_loads(folder: Folder, source: str) -> None:
    folder.write("sources/other.yml", f"version: 1\nsource: other\npath: /other\n{source}\n")
    assert folder.mistakes() == []


@pytest.mark.parametrize("name", sorted(reserved.KEYS - reserved.COLUMNS))
def test_a_key_never_takes_a_name_of_the_tables(folder: Folder, name: str) -> None:
    text = (folder.root / "datasets/orders.yml").read_text().replace("order_id", name)
    folder.write("datasets/orders.yml", text)
    assert any(f"key[0]: must not be '{name}'" in told for told in folder.mistakes())


def test_without_a_leg_there_is_nothing_to_hold_against(folder: Folder) -> None:
    text = (folder.root / "datasets/orders.yml").read_text()
    head, tail = text.split("events:\n")[0], "target:" + text.split("target:")[1]
    folder.write(
        "datasets/orders.yml", head + tail.replace("*store", "{order_id: id}").replace("*lacked", "[]")
    )
    assert folder.mistake().endswith(
        "must have events, changes or both: there is nothing to hold the target against"
    )


def test_truth_must_be_a_leg_that_is_there(folder: Folder) -> None:
    text = (folder.root / "datasets/orders.yml").read_text()
    head, tail = text.split("events:\n")[0], "changes:" + text.split("changes:")[1]
    folder.write("datasets/orders.yml", head + tail)
    assert folder.load().datasets["orders"].reconcile.truth == "changes"
    folder.dataset("target:", "reconcile: {truth: events}\ntarget:")
    assert folder.mistake() == (
        "datasets/orders.yml:22 reconcile.truth: is a leg that the dataset lacks, got 'events'; allowed: "
        "changes"
    )


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("{format: jdbc, connection: shop_db, table: orders, select: *store}", None),
        ("{format: jdbc, connection: shop_db, select: *store}", "target.table: is required for format jdbc"),
        ("{format: jdbc, connection: shopdb, table: orders, select: *store}",
         "target.connection: unknown connection 'shopdb'; known: shop_db; did you mean 'shop_db'?"),
        ("{format: jdbc, connection: shop_db, table: orders, select: *store, as_of: {clock: true}}", None),
        ("{format: jdbc, connection: shop_db, table: orders, select: *store, as_of: {at: 2026-01-01}}",
         "target.as_of.at: has no meaning for format jdbc: a database is read as it is now"),
        ("{format: delta, path: /store, select: *store, as_of: {commit: true}}", None),
        ("{format: csv, path: /store, select: *store, as_of: {path: 'dt=%Y-%m-%d'}}", None),
        ("{format: csv, path: /store, select: *store, as_of: {column: taken_at}}", None),
    ],
)  # fmt: skip
def test_each_format_of_a_target_needs_its_own_keys(folder: Folder, target: str, told: str | None) -> None:
    text = (folder.root / "datasets/orders.yml").read_text().split("target:")[0]
    folder.write("datasets/orders.yml", f"{text}target: {target}\n")
    assert folder.mistakes() == ([f"datasets/orders.yml:34 {told}"] if told else [])


def test_other_databases_than_postgresql_are_refused_without_their_url(folder: Folder) -> None:
    folder.edit("tieout.yml", "jdbc:postgresql://db/shop", "jdbc:mysql://db/shop?password=hidden")
    told = folder.mistake()
    assert "connections.shop_db.url: must begin with jdbc:postgresql:" in told
    assert "hidden" not in told


def test_all_mistakes_in_sql_are_told_at_once_each_in_its_line(folder: Folder) -> None:
    folder.dataset("amount: data.amount", "amount: {sql: uper(amount) +}")
    folder.dataset("add: {amount: data.delta}", "add: {amount: {sql: uper(delta)}}")
    folder.dataset("order: [seq]", "order: [seq]\n  where: tenant = 7")
    told = [each.split(": ")[0] for each in folder.mistakes()]
    assert told == [
        "datasets/orders.yml:16 events.apply.Placed.set.amount.sql",
        "datasets/orders.yml:18 events.apply.Adjusted.add.amount.sql",
        "datasets/orders.yml:18 events.apply.Adjusted.add.amount.sql",
        "datasets/orders.yml:29 changes.where",
    ]


def test_a_run_refuses_sql_that_is_none_before_it_starts_spark(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.dataset("target:", "reconcile: {scope: amont > 0}\ntarget:")
    monkeypatch.setattr("jobs.pipeline.session", lambda *_, **__: pytest.fail("Spark was started"))
    assert ended("run", "orders", "-c", str(folder.root)) == 2
    assert "datasets/orders.yml:34 reconcile.scope: unknown column 'amont'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount: data.amount", "amount: {sql: 'coalesce(data.amount, subject, `tenant`, `a b`.x)'}"),
        ("add: {amount: data.delta}", "each: data.lines\n      add: {amount: {sql: item.n * data.sign}}"),
        ("  fields: [commit_ts, seq, id, state, cents]\n", ""),
        ("order: [seq]", "order: [seq]\n  where: current_date > date(commit_ts) AND `state` <> 'X'"),
        ("  path: /snapshots/orders/\n", "  path: /x/\n  where: any_column = 1 AND shop.known(a.b)\n"),
        (
            "target:",
            "reconcile: {scope: STATUS <> 'X', compare: {status: {expression: upper(VALUE)}}}\ntarget:",
        ),
    ],
)
def test_sql_that_can_be_right_is_left_alone(folder: Folder, old: str, new: str) -> None:
    folder.dataset(old, new)
    assert folder.mistakes() == []


def test_functions_that_an_extension_of_spark_brings_are_its_own(folder: Folder) -> None:
    folder.dataset("amount: data.amount", "amount: {sql: st_total(data.amount)}")
    assert "unknown function 'st_total'" in folder.mistake()
    folder.edit("tieout.yml", "lake: /lake", "lake: /lake\nspark: {spark.sql.extensions: org.example.Shapes}")
    assert folder.mistakes() == []


def test_a_field_that_is_missing_from_the_list_says_how_to_do_without(folder: Folder) -> None:
    folder.dataset("&lacked [paid_at]", "&lacked []")
    assert folder.mistake().endswith(
        "changes.select.paid_at: unknown field 'paid_at'; known: commit_ts, seq, id, state, cents; write "
        "what paid_at is called there, or changes.without: [paid_at]"
    )


def test_a_channel_over_a_connection_alone_is_for_a_target_that_names_the_table(folder: Folder) -> None:
    folder.edit("tieout.yml", "outbox: {delta: /outbox}", "outbox: {jdbc: shop_db}")
    assert folder.mistakes() == []
    folder.dataset("target:", "compensate: {channel: outbox}\ntarget:")
    told = "leads to a connection and no table, nor does the target; write {connection: …, table: …}"
    assert folder.mistake() == f"datasets/orders.yml:34 compensate.channel: {told}, got 'outbox'"
    folder.dataset("format: parquet\n  path: /snapshots/orders/", "format: jdbc\n  connection: shop_db")
    folder.dataset("  as_of: {at: 2026-11-23T00:00:00Z}\n", "  table: orders\n")
    assert folder.mistakes() == []
