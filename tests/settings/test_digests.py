"""The mapping digest changes exactly when canonical rows would; the settings digest when a verdict could."""

import pytest

from jobs.settings import mapping_digest, settings_digest
from tests.settings.folders import Folder


def _digests(folder: Folder, env: str | None = None) -> tuple[str, str]:
    project = folder.load(env)
    orders = project.datasets["orders"]
    return mapping_digest(orders, project), settings_digest(orders, project)


def _changed(folder: Folder, old: str, new: str) -> tuple[bool, bool]:
    """Whether another text of the dataset changes the mapping digest, and the settings digest."""
    before = _digests(folder)
    folder.dataset(old, new)
    mapping, settings = _digests(folder)
    return mapping != before[0], settings != before[1]


def test_they_are_sixteen_hex_digits_and_stay_the_same(folder: Folder) -> None:
    first = _digests(folder)
    assert all(len(digest) == 16 and int(digest, 16) >= 0 for digest in first)
    assert _digests(folder) == first


def test_the_mapping_digest_outlives_releases(folder: Folder) -> None:
    # A change here makes every lake ask for --full: it must be meant.
    assert _digests(folder)[0] == "9f3cb577931e4ab3"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount: data.amount", "amount: data.total"),
        ("amount: data.amount", "amount: {value: 1}"),
        ("amount: data.amount", "amount: {sql: data.amount}"),
        ("{status: {value: PLACED}, amount: data.amount}", "{amount: data.amount}"),
        ("      creates: true\n", ""),
        ("order: [data.version]", "order: [data.version, time]"),
        ("key: {order_id: data.order_id}", "key: {order_id: data.id}"),
        ("  source: shop", "  source: shop\n  since: 2026-01-01"),
        ("  source: shop", "  source: shop\n  other_types: reject"),
        ("amount: decimal(12,2)", "amount: decimal(12,3)"),
        ("amount: decimal(12,2)", "amount: {type: 'decimal(12,2)', default: 0}"),
        ("cents / 100.00", "cents / 100"),
        ("order: [seq]", "order: [seq, commit_ts]"),
        ("order: [seq]", "order: [seq]\n  where: id = 7"),
        ("format: csv", "format: csv\n  null_token: \\N"),
        ("format: csv", "format: csv\n  timezone: Europe/Berlin"),
        ("seq, id, state, cents]", "seq, id, state, cents, more]"),
    ],
)
def test_what_makes_other_rows_changes_both(folder: Folder, old: str, new: str) -> None:
    assert _changed(folder, old, new) == (True, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("target:", "reconcile: {compare: {amount: {absolute: 0.01}}}\ntarget:"),
        ("target:", "reconcile: {truth: changes, grace: 1 day, scope: amount > 0}\ntarget:"),
        ("target:", "gate: {unjudged: 5}\ntarget:"),
        ("target:", "mask: {columns: [status]}\ntarget:"),
        ("target:", "compensate: {channel: outbox}\ntarget:"),
        ("write: {cents: amount * 100}", "write: {cents: amount * 100.0}"),
        ("amount: decimal(12,2)", "amount: {type: 'decimal(12,2)', nullable: false}"),
        ("at: 2026-11-23T00:00:00Z", "at: 2026-11-24T00:00:00Z"),
        ("select: *store\n", "select: *store\n  where: id = 7\n"),
    ],
)
def test_what_only_judges_or_repairs_leaves_the_rows(folder: Folder, old: str, new: str) -> None:
    assert _changed(folder, old, new) == (False, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("path: /cdc/orders/", "path: s3://elsewhere/cdc/"),
        ("  status: string\n  amount: decimal(12,2)\n", "  amount: numeric(12, 2)\n  status: string\n"),
        ("amount: data.amount", "amount: {path: data.amount}"),
        ("order: [data.version]", "order: [{field: data.version}]"),
        ("order: [seq]", "order: seq  # the way of writing is no setting"),
        ("    order_id: id\n    status: state\n", "    status: state\n    order_id: id\n"),
        ("format: csv", "format: csv\n  timezone: UTC\n  null_token: 'NULL'"),
        ("format: csv", "format: csv\n  max_ahead: 1 hour  # of what is accepted from now on"),
        ("format: csv", "format: csv\n  whole_file_megabytes: 9  # of which files are read"),
    ],
)
def test_places_and_ways_of_writing_leave_the_mapping(folder: Folder, old: str, new: str) -> None:
    assert not _changed(folder, old, new)[0]


def test_an_environment_that_only_moves_things_leaves_the_mapping(folder: Folder) -> None:
    folder.write("environments/prod.yml", "lake: s3://l\nsources: {shop: {path: s3://raw}}\n")
    assert _digests(folder, "prod")[0] == _digests(folder)[0]


def test_a_column_left_to_its_own_name_is_the_same_mapping_as_one_that_names_it(folder: Folder) -> None:
    folder.dataset("fields: [commit_ts, seq, id,", "fields: [commit_ts, seq, order_id,")
    folder.dataset("order_id: id\n", "order_id: order_id\n")
    assert not _changed(folder, "    order_id: order_id\n", "")[0]


def test_a_column_that_comes_to_be_covered_is_another_mapping(folder: Folder) -> None:
    folder.dataset("seq, id, state, cents]", "seq, id, state, cents, paid_at]")
    assert _changed(folder, "&lacked [paid_at]", "&lacked []")[0]
