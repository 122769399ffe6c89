"""A key as people write it finds its row, whatever the types of its columns, and no other."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.errors import ConfigError
from jobs.review.keys import is_key
from jobs.settings import Dataset
from jobs.storage.delta_query import query, quoted, table_at

VALUES: dict[str, Any] = {
    "bigint": 17, "tinyint": 5, "string": "it's", "boolean": True, "double": 1.5, "float": 0.5,
    "date": date(2026, 1, 2), "decimal(12,2)": Decimal("1.50"),
    "timestamp": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "timestamp_ntz": datetime(2026, 1, 2, 3),
}  # fmt: skip
ARROW = {"timestamp": pa.timestamp("us", "UTC"), "timestamp_ntz": pa.timestamp("us"), "tinyint": pa.int8(),
         "float": pa.float32(), "decimal(12,2)": pa.decimal128(12, 2)}  # fmt: skip
WRITTEN = {
    "bigint": ["17", '"17"'], "tinyint": ["5"], "string": ["it's", '"it\'s"'], "boolean": ["true", '"true"'],
    "double": ["1.5", "1.50"], "float": ["0.5"], "date": ["2026-01-02"], "decimal(12,2)": ["1.5", '"1.50"'],
    "timestamp": ["2026-01-02T03:04:05.000006Z", "2026-01-02 03:04:05.000006"],
    "timestamp_ntz": ["2026-01-02T03:00:00"],
}  # fmt: skip


def dataset(**types: str) -> Dataset:
    """A dataset with a key of such columns."""
    return Dataset.model_validate(
        {
            "dataset": "orders", "key": list(types), "columns": types,
            "target": {"format": "parquet", "path": "/s", "select": {name: name for name in types}},
        }
    )  # fmt: skip


def found(folder: Path, told: str, row: dict[str, Any], key: str = "", **types: str) -> bool:
    """Whether a key finds its row, and not the one of nulls; `key` is the row's as JSON."""
    path = str(folder / f"t{abs(hash((told, *types.values())))}")
    schema = pa.schema(
        [(name, ARROW.get(type_) or pa.scalar(VALUES[type_]).type) for name, type_ in types.items()]
    )
    row = {**row, "key": key or json.dumps(row, default=str, separators=(",", ":"))}
    other = {**dict.fromkeys(types), "key": "{" + ",".join(f'"{name}":null' for name in types) + "}"}
    write_deltalake(path, pa.Table.from_pylist([row, other], schema.append(pa.field("key", pa.string()))))
    table = table_at(path, {})
    assert table is not None
    where = is_key(told, dataset(**types), "d")
    rows = query(f"SELECT d.* FROM d WHERE {where}", {"d": table})
    assert len(rows) < 2
    return rows == [row]


@pytest.mark.parametrize("type_", WRITTEN)
def test_a_bare_value_is_the_key_of_one_column(tmp_path: Path, type_: str) -> None:
    for told in WRITTEN[type_]:
        assert found(tmp_path, told, {"k": VALUES[type_]}, k=type_), told
    assert not found(tmp_path, "18" if type_ != "string" else "its", {"k": VALUES[type_]}, k=type_)
    if type_ != "string":
        # What is no value of the type is no key, and no error.
        assert not found(tmp_path, "x' OR 1=1 --", {"k": VALUES[type_]}, k=type_)


def test_a_key_of_several_columns_is_named_by_all_of_them(tmp_path: Path) -> None:
    row = {"a_b": "x", "c_d": None}
    assert found(tmp_path, '{"a_b": "x", "c_d": null}', row, a_b="string", c_d="bigint")
    assert not found(tmp_path, '{"a_b": "x", "c_d": 1}', row, a_b="string", c_d="bigint")
    for told in ("x", '{"a_b": "x"}', '{"a_b": "x", "c_d": 1, "e": 2}', "{}"):
        with pytest.raises(ConfigError, match=re.escape("""write it like '{"a_b": "…", "c_d": 17}'""")):
            is_key(told, dataset(a_b="string", c_d="bigint"), "d")


def test_r2_a_value_that_fits_no_key_column_is_found_by_its_text(tmp_path: Path) -> None:
    row, written = {"a_b": "x", "c_d": None}, '{"a_b":"x","c_d":"say \\"é\\""}'
    types = {"a_b": "string", "c_d": "bigint"}
    assert found(tmp_path, written, row, written, **types)
    assert not found(tmp_path, '{"a_b": "x", "c_d": null}', row, written, **types)
    assert not found(tmp_path, '{"a_b": "x", "c_d": "say"}', row, written, **types)


def test_names_are_quoted() -> None:
    assert is_key("7", dataset(Order="bigint"), "d").startswith(
        f"(d.{quoted('Order')} = TRY_CAST('7' AS bigint) OR "
    )
