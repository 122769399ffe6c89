"""Files become one project: layers, references, forms of writing, and all mistakes at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from jobs import settings
from jobs.errors import ConfigError
from tests.settings.folders import Folder


def test_every_mistake_of_every_file_is_told_in_one_error(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: ${vars.nowhere}\nspak: {}")
    folder.edit("sources/shop.yml", "format: json", "format: csv\nformat: json\ntimezone: Mars")
    folder.write("sources/broken.yml", "version: 1\nsource: [unclosed\n")
    folder.dataset("amount: decimal(12,2)", "amount: money")
    folder.dataset("key: {order_id: data.order_id}", "key: {}")
    folder.dataset("order: [seq]", "order: [sq]")
    with pytest.raises(ConfigError) as caught:
        folder.load()
    told = [line.replace(f"{folder.root}/", "").split(": ")[0] for line in str(caught.value).splitlines()]
    assert caught.value.exit_code == 2
    assert told == [
        f"The configuration {folder.root} has 11 mistakes:",
        "datasets/orders.yml:7 columns.amount",
        "datasets/orders.yml:14 events.apply.Placed",
        "datasets/orders.yml:17 events.apply.Adjusted",
        "datasets/orders.yml:19 events.apply.Cancelled",
        "datasets/orders.yml:28 changes.order[0]",
        "sources/broken.yml:3 is not YAML 1.2",
        "sources/shop.yml:5 format",
        "sources/shop.yml:6 format",
        "sources/shop.yml:7 timezone",
        "tieout.yml:2 lake",
        "tieout.yml:3 spak",
    ]


def test_a_broken_source_is_not_called_missing(folder: Folder) -> None:
    folder.edit("sources/shop.yml", "dialect: cloudevents", "dialect: nonsense")
    assert folder.mistake().startswith("sources/shop.yml:4 dialect: is not one of the known values")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("sources/shop.yml", "- a\n- b\n", 'sources/shop.yml:1 must be a mapping, got ["a", "b"]'),
        ("sources/shop.yml", "version: 1\n---\nversion: 1\n", "sources/shop.yml:2 is not YAML 1.2: expected "
         "a single "
         "document in the stream: but found another document"),
        ("sources/shop.yml", "version: 1\nsource: *nowhere\n", "sources/shop.yml:2 is not YAML 1.2: found "
         "undefined "
         "alias 'nowhere'"),
        ("sources/shop.yml", "version: !!python/object:os.system 1\n", "sources/shop.yml:1 version: has the "
         "tag "
         "'tag:yaml.org,2002:python/object:os.system', which settings do not use"),
        ("sources/shop.yml", "version: 1\nfields: &a [*a]\n", "sources/shop.yml:2 fields[0]: contains "
         "itself by an "
         "alias"),
    ],
)  # fmt: skip
def test_what_is_no_settings_file_is_told(folder: Folder, name: str, text: str, told: str) -> None:
    folder.write(name, text)
    assert told in folder.mistakes()


def test_two_of_one_name_are_told_with_both_places(folder: Folder) -> None:
    for kind in ("sources/shop.yml", "datasets/orders.yml"):
        text = (folder.root / kind).read_text()
        folder.write(kind.replace(".yml", "_again.yml"), text)
    assert [told.replace(str(folder.root) + "/", "") for told in folder.mistakes()] == [
        "datasets/orders_again.yml:2 dataset: 'orders' is the name of another dataset, in "
        "datasets/orders.yml:2",
        "datasets/orders_again.yml:21 changes.source: 'orders_changes' is the name of another source, in "
        "datasets/orders.yml:21",
        "sources/shop_again.yml:2 source: 'shop' is the name of another source, in sources/shop.yml:2",
    ]


def test_a_private_source_is_named_after_its_leg(folder: Folder) -> None:
    project = folder.load()
    source = project.source_of("orders", "changes")
    assert (source.source, source.path, source.dialect) == ("orders_changes", "/cdc/orders/", "dms")
    assert sorted(project.sources) == ["orders_changes", "shop"]
    assert project.source_of(project.datasets["orders"], "events").source == "shop"


def test_a_leg_that_is_not_there_has_no_source(folder: Folder) -> None:
    project = folder.load()
    alone = project.datasets["orders"].model_copy(update={"events": None})
    with pytest.raises(KeyError, match="orders has no events leg"):
        project.source_of(alone, "events")


def test_values_keep_what_the_file_says(folder: Folder) -> None:
    folder.dataset("status: {value: PLACED}", "status: {value: 1.10}, paid_at: {value: null}")
    folder.dataset(
        "Adjusted:\n      add", "Adjusted:\n      order: {field: data.n, sequence: dense}\n      add"
    )
    folder.dataset("  source: shop", "  source: shop\n  since: 2026-01-01T02:00:00+02:00")
    folder.dataset("target:", "reconcile: {grace: 2 hours, compare: {amount: {absolute: 0.10}}}\ntarget:")
    orders = folder.load().datasets["orders"]
    assert orders.events is not None and orders.changes is not None
    placed = orders.events.apply["Placed"][0]
    assert placed.set["status"] == settings.Literal(value=Decimal("1.10"))
    assert str(placed.set["status"]) == "value=Decimal('1.10')"
    assert placed.set["paid_at"] == settings.Literal(value=None)
    assert placed.set["amount"] == settings.Path(path="data.amount")
    assert orders.target.select["amount"] == settings.Sql(
        sql="cents / 100.00", write={"cents": "amount * 100"}
    )
    assert orders.target.select == orders.changes.select
    assert orders.events.apply["Adjusted"][0].order == [settings.OrderField(field="data.n", sequence="dense")]
    assert orders.events.since == datetime(2026, 1, 1, tzinfo=UTC)
    assert orders.reconcile.grace == timedelta(hours=2)
    assert orders.reconcile.compare["amount"].absolute == Decimal("0.10")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("long", "bigint"),
        ("Integer", "int"),
        ("numeric", "decimal(10,0)"),
        ("NUMERIC(12, 2)", "decimal(12,2)"),
        ("decimal(5)", "decimal(5,0)"),
        ("timestamp_ntz", "timestamp_ntz"),
        ("double", "double"),
    ],
)
def test_column_types_go_by_sparks_simple_names(folder: Folder, written: str, name: str) -> None:
    folder.dataset("paid_at: timestamp", f"paid_at: {written}")
    assert folder.load().datasets["orders"].columns["paid_at"].type == name


def test_yaml_is_of_version_1_2(folder: Folder) -> None:
    folder.dataset("status: {value: PLACED}", "status: {value: no}")
    events = folder.load().datasets["orders"].events
    assert events is not None and events.apply["Placed"][0].set["status"] == settings.Literal(value="no")


def test_merge_keys_lie_under_the_mappings_own(folder: Folder) -> None:
    folder.dataset("  select: *store", "  select: {<<: *store, status: state2}")
    orders = folder.load().datasets["orders"]
    assert orders.target.select["status"] == settings.Path(path="state2")
    assert orders.target.select["order_id"] == settings.Path(path="id")


@pytest.mark.parametrize("config", ["missing", "."])
def test_a_folder_that_is_no_configuration_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(ConfigError, match=r"is no folder|holds no tieout\.yml"):
        settings.load(str(tmp_path / config))


def test_a_file_uri_is_a_folder_too(folder: Folder) -> None:
    assert settings.load(f"file://{folder.root}").datasets.keys() == {"orders"}


def test_text_that_is_not_utf_8_is_refused(folder: Folder) -> None:
    (folder.root / "sources/shop.yml").write_bytes(b"version: 1\nsource: caf\xe9\n")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        folder.load()
