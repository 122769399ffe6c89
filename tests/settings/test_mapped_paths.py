"""Mapped paths: what a mapping reads of a record, with the place where it says so."""

from jobs.settings.mapped_paths import mapped_paths
from tests.settings.folders import Folder


def test_bare_paths_of_events_are_listed_with_their_places(folder: Folder) -> None:
    folder.dataset(
        "      add: {amount: data.delta}",
        "      - {each: data.lines, key: {order_id: item.id}, order: [item.at], add: {amount: item.delta}}\n"
        "      - {revert: data.event}",
    )
    dataset = folder.load().datasets["orders"]
    found = [
        (path.place, path.path, path.entry, path.type, path.each)
        for path in mapped_paths(dataset, "events")
        if path.type in ("Placed", "Adjusted")
    ]
    lines = "data.lines"
    assert found == [
        ("events.key.order_id", "data.order_id", 0, "Placed", None),
        ("events.order", "data.version", 0, "Placed", None),
        ("events.apply.Placed.set.amount", "data.amount", 0, "Placed", None),
        ("events.apply.Adjusted[0].each", "data.lines", 1, "Adjusted", None),
        ("events.apply.Adjusted[0].key.order_id", "item.id", 1, "Adjusted", lines),
        ("events.apply.Adjusted[0].order", "item.at", 1, "Adjusted", lines),
        ("events.apply.Adjusted[0].add.amount", "item.delta", 1, "Adjusted", lines),
        ("events.key.order_id", "data.order_id", 2, "Adjusted", None),
        ("events.order", "data.version", 2, "Adjusted", None),
        ("events.apply.Adjusted[1].revert", "data.event", 2, "Adjusted", None),
    ]


def test_bare_paths_of_changes_are_listed_without_those_in_sql(folder: Folder) -> None:
    found = mapped_paths(folder.load().datasets["orders"], "changes")
    assert [(path.place, path.path, path.kind) for path in found] == [
        ("changes.select.order_id", "id", "key"),
        ("changes.select.status", "state", "set"),
        ("changes.order", "seq", "order"),
    ]
