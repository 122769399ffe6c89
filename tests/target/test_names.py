"""Names are names: a bare text is the column as it stands, and only else the way into a struct."""

import pytest

from jobs.lake.schema import quoted
from jobs.target.names import condition, steps

COLUMNS = [
    "id",
    "device.id",
    "device",
    "a.b",
    "Last Seen",
    "order",
    "No.",
    "..",
    "o`k",
    "it's",
    'say "x"',
    "größe",
]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        *((name, [name]) for name in COLUMNS),
        ("ORDER", ["order"]),
        ("last seen", ["Last Seen"]),
        ("device.id", ["device.id"]),
        ("device.name", ["device", "name"]),
        ("a.b.c.d", ["a.b", "c", "d"]),
        ("a", None),
        ("a.c", None),
        ("nobody", None),
        ("`device.id`", ["device.id"]),
        ("`device`.`a.b`", ["device", "a.b"]),
        ("`o``k`", ["o`k"]),
        ("`nobody`", None),
    ],
)
def test_the_whole_text_is_tried_first_then_ever_shorter_beginnings(
    path: str, found: list[str] | None
) -> None:
    assert steps(path, COLUMNS) == found


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("device.id", "`device.id`"),
        (" order ", "`order`"),
        ("order = 1", "order = 1"),
        ("device.name", "device.name"),
        ("id IS NOT NULL", "id IS NOT NULL"),
    ],
)
def test_a_condition_that_is_a_columns_name_is_that_column(text: str, asked: str) -> None:
    assert condition(text, COLUMNS) == asked


def test_a_backtick_within_a_name_is_doubled() -> None:
    assert quoted("o`k") == "`o``k`"
