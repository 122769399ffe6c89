"""Masks: a masked column is masked under every name that the store has for it."""

import json

import pytest

from jobs.masking.columns import Masking
from jobs.masking.rows import Masks, masks_of
from jobs.settings import Dataset

STORE = {
    "id": "id",
    "plain": {"sql": "a + b", "write": {"a": "plain", "b": "0"}},
    "path": "customer.mail",
    "made": {
        "sql": "concat(`first name`, Last)",
        "write": {"first name": "split(made, ' ')[0]", "rest": "made"},
    },
    "other": {"sql": "o", "write": {"o": "other", "digest": "md5(concat(other, path))"}},
}


def masks(*columns: str, key: bytes | None = None) -> Masks:
    told = {
        "dataset": "orders", "key": ["id"], "columns": dict.fromkeys(STORE, "string"),
        "target": {"format": "parquet", "path": "/s", "select": STORE,
                   "deleted": {"sql": "gone", "write": {"gone": "true", "tomb": "made"}}},
        **({"mask": {"columns": list(columns)}} if columns else {}),
    }  # fmt: skip
    return masks_of(Dataset.model_validate(told), Masking(columns, key))


@pytest.mark.parametrize(
    ("columns", "hidden"),
    [
        ((), set()),
        (("id",), {"id"}),
        (("plain",), {"a", "b"}),
        (("path",), {"customer", "digest"}),
        (("made",), {"first name", "LAST", "rest", "tomb"}),
        (("other",), {"o", "digest"}),
    ],
)
def test_store_columns_that_a_masked_column_touches_are_masked(
    columns: tuple[str, ...], hidden: set[str]
) -> None:
    names = ("id", "a", "b", "customer", "first name", "LAST", "rest", "o", "digest", "gone", "tomb")
    row = masks(*columns).store_row(json.dumps(dict.fromkeys(names, "clear")))
    assert {name for name, value in row.items() if value == "***"} == hidden


def test_rows_copies_and_none_keep_their_shape() -> None:
    made = masks("id")
    assert made.store_row(None) is None
    assert made.store_row("[]") == []
    assert made.store_row('[{"id": 1, "a": null}, {"id": null}]') == [{"id": "***", "a": None}, {"id": None}]
    assert made.row('{"id": "1", "path": {"x": 1.0}}') == {"id": "***", "path": {"x": 1.0}}


def test_values_are_masked_by_the_text_they_stand_as() -> None:
    made, masking = masks("id", key=b"k"), Masking(("id",), b"k")
    for text, told in {
        "17": "17",
        '"17"': "17",
        "1.50E10": "1.50E10",
        "true": "true",
        '{"a": 1}': '{"a": "1"}',
    }.items():
        assert made.row(f'{{"id": {text}}}') == {"id": masking.masked(told)}


def test_a_mask_is_not_masked_again() -> None:
    made = masks("id", key=b"k")
    once = made.row('{"id": "17"}')
    assert made.row(json.dumps(once)) == once


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        ("applied", "applied"),
        ("guard: the row was changed since it was seen", "guard: the row was changed since it was seen"),
        ("guard: made is another", "guard: (not shown: it may quote a masked value)"),
        ("guard: Last is another", "guard: (not shown: it may quote a masked value)"),
        ("guard: it is 'x' now", "guard: (not shown: it may quote a masked value)"),
        ("Key (made)=(x) exists", "(not shown: it may quote a masked value)"),
        ("a sentence: no name", "a sentence: no name"),
    ],
)
def test_what_a_store_said_is_shown_where_it_quotes_nothing(text: str | None, shown: str | None) -> None:
    assert masks("made").sentence(text) == shown
    assert masks().sentence(text) == text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("made: Ann Lee is too long; Lee is kept", "made: *** is too long; Lee is kept"),
        ("made: ANN LEE is there, annex is not", "made: *** is there, annex is not"),
        ("Ann\nLee", "Ann\nLee"),
        ("rest 12.50 <a> and 12.5", "rest *** *** and 12.5"),
        ("key 7 of 17, true", "key *** of 17, ***"),
        ("id 99 is no mask's business", "id 99 is no mask's business"),
    ],
)
def test_a_cause_is_whole_but_for_masked_values(said: str, told: str) -> None:
    row = {
        "key": '{"id": "99"}', "row": '{"made": "Ann  Lee"}', "guard": '[{"id": "99", "rest": 12.50}]',
        "write": '{"tomb": "<a>", "first name": "7", "last": true}',
    }  # fmt: skip
    assert masks("made").cause(said, row) == told
    assert masks().cause(said, row) == said
    assert masks("made").cause(said, {**row, "guard": "{", "write": None}).count("***") <= told.count("***")
