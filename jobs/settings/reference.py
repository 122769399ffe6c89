"""The settings models -> the text of docs/configuration.md."""

import json
import re
import typing as t
from collections.abc import Iterator, Mapping

from jobs.settings.model import Model
from jobs.settings.scalars import COLUMN_TYPES
from jobs.settings.source import INLINE

Schema = dict[str, t.Any]

_WHERE = {
    "tieout": "`tieout.yml`",
    "source": "`sources/<name>.yml`",
    "dataset": "`datasets/<name>.yml`",
    "environment": "`environments/<name>.yml`",
}
_INTRO = """\
# Configuration

<!-- Generated from the models by `python -m jobs.settings.schema`; edit the descriptions there. -->

A configuration is a folder, on disk or in S3 (`-c/--config`), of YAML 1.2 files:

| file | says |
|---|---|
| `tieout.yml` | where the lake is, how Spark runs, channels, connections, defaults of all datasets |
| `environments/<name>.yml` | what is different in one environment (`-e/--env`) |
| `sources/<name>.yml` | a prefix of records in one dialect |
| `datasets/<name>.yml` | one kind of entity: key, columns, and the mapping of each leg |

`conf/` is a complete, commented example. `tieout check` reads it all without starting Spark, tells every
mistake at once as `file:line path: what is wrong, got X; allowed: …`, and prints which leg knows what.
With `--json` it prints one object; its `problems` have `file`, `line`, `path`, `message`, `value`, `allowed`.
Editors complete and check the files by `conf/schema/*.schema.json`.

**Layers.** `environments/<name>.yml` is laid over `tieout.yml`, and its `sources:` and `datasets:` over those
files, key by key; lists and single values are replaced, and so are whole values of `select`, `set`, `add`,
`apply`, `key`, `channels` and `as_of`. A null unsets. `defaults:` lie under every dataset in the same way.

**References.** `${vars.x}` stands for a variable of `vars:`, `${NAME}` for an environment variable,
`${NAME:-default}` for either; `$${` is a plain `${`. A reference that stands alone keeps its type. Inside
`{…}` or `[…]` it has to be quoted.

**Secrets.** No secret stands in a file. Passwords and mask keys are `secret://secretsmanager/<id>#<key>`
(without `#<key>`: the whole secret) or `${NAME}`, and are resolved only when they are used.

**Places** are `s3://…`, `file:///…` or a plain path, relative to the working directory.

**Values.** A bare text is a path (`data.amount`) or, of a table, the column's name as it stands, dots,
blanks and reserved words included (`device.id`, `Last Seen`); only where no column is called so, a dotted
text is the way into a struct. The same holds of a bare text of `where` and `deleted`. `{value: PLACED}`
is a literal, `{sql: …}` Spark SQL over the record, trusted, and `{sql: …, write: {column: …}}` the same
with its way back to the store. `{value: null}` is a null.

**Odd names in SQL.** In a condition or an expression (`where`, `deleted`, `scope`, `sql`, the values of
`write`) a name with a blank, a dot or another sign stands in backticks: ``where: "`Order No` > 7"``,
``sql: "trim(`device.id`)"``. A bare text is a name only while it is nothing else: `where: Last Seen` is the
column, `where: Last Seen = 7` is SQL. The columns to write (`write: {device.id: …}`) are plain names.

**`select` names what is called otherwise.** A column of the dataset that it does not name stands under
its own name; `without: [column, …]` of a leg says that the leg does not hold some.

**A snapshot is read as what it is.** CSV by RFC 4180, each file by its own header, columns by name: `""`
is the empty text, nothing between two delimiters is null; a damaged row ends the run (exit 3) with its
file and number. Parquet: the columns are the union by name over all files; a column that one file lacks
is null there, one that no file has is exit 2. Types that differ over files are widened where that is
exact. Nanoseconds are read exactly; where something lies below the microsecond the value is invalid, and
so it differs (of INT96, Spark drops it). Times of day and UUIDs are text. What is in the names of folders
(`shop=0042`) is text, in the declared type.

**SQL** is one expression over one row: no aggregates, windows, generators or subqueries. Syntax, functions
and columns are checked before Spark starts. Over an event, names begin with those of its envelope
(`data.amount`, `detail.amount`; `item.x` with `each`); another one at the top of the record stands in
backticks. Over a change they are the `fields`, case included; in `scope` and `write` the dataset's columns;
in `compare.expression` only `value`. The store's columns are looked up in its snapshot. Functions are
Spark's own; one of a catalog is written with its schema (`shop.total(x)`), and with `spark.sql.extensions`
set the names of functions are not checked.

**Durations** are whole `seconds`, `minutes`, `hours` or `days`: `15 minutes`. **Instants** are ISO 8601
(`2026-01-01T00:00:00Z`; UTC where no zone is given). **Column types** are those of Spark SQL:
"""
_OUTRO = """\
## What changes need

The *mapping digest* of a dataset is taken of its key, its columns, its legs and the reading options of their
sources. Changing any of these in a dataset that has canonical rows needs `--full` or `--accept-from-now`.
Places, `discovery`, `emptied`, `target`, `reconcile`, `history`, `compensate`, `mask`, `gate`, `write` and
`nullable` are not part of it.
"""


# A form is known by its first example.
_FORMS = {"string": "column type", "15 minutes": "duration", "2026-01-01T00:00:00Z": "instant"}
_TYPE_NAMES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_IN_LINE = {"Path": "value", "Literal": "value", "Sql": "value"}


def page(files: Mapping[str, type[Model]]) -> str:
    """The whole page: an introduction, then a table of keys for each file and each mapping within it."""
    types = ", ".join(f"`{name}`" for name in COLUMN_TYPES)
    parts = [f"{_INTRO}{types}.\n"]
    for name, model in files.items():
        schema = model.model_json_schema(mode="validation")
        parts.append(f"## {_WHERE[name]}\n\n{_section(schema, name != 'environment')}")
        for title in _in_order(schema, schema.get("$defs", {})):
            parts.append(f"### {title}\n\n{_section(schema['$defs'][title])}{_inline(title)}")
    return "\n".join([*parts, _OUTRO])


def _in_order(schema: t.Any, definitions: Schema, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The mappings within, each after the one it first stands in, in the order of the keys."""
    if isinstance(schema, list):
        for each in schema:
            seen = _in_order(each, definitions, seen)
    elif isinstance(schema, dict):
        title = _title(schema)
        if title and title not in (*seen, *_IN_LINE):
            seen = _in_order(definitions[title], definitions, (*seen, title))
        for key, each in schema.items():
            seen = seen if key in ("$defs", "default") else _in_order(each, definitions, seen)
    return seen


def _title(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _section(schema: Schema, versioned: bool = False) -> str:
    sentence = str(schema.get("description", "")).split("\n")[0]
    required = [*schema.get("required", []), *(["version"] if versioned else [])]
    rows = [_row(name, field, name in required) for name, field in schema.get("properties", {}).items()]
    head = "| key | value | default | meaning |\n|---|---|---|---|"
    return "\n".join([f"{sentence}\n", head, *rows]) + "\n"


def _row(name: str, field: Schema, required: bool) -> str:
    default = "required" if required else _default(field.get("default"))
    kinds = " or ".join(dict.fromkeys(_kinds(field)))
    cells = (f"`{name}`", kinds, default, " ".join(str(field.get("description", "")).split()))
    return f"| {' | '.join(cells)} |"


def _inline(title: str) -> str:
    if title not in ("EventsLeg", "ChangesLeg"):
        return ""
    keys = ", ".join(f"`{name}`" for name in INLINE)
    return f"\nIn place of `source`, as in a source's own file: {keys}.\n"


def _default(value: t.Any) -> str:
    if value in (None, [], {}, "") or isinstance(value, dict):
        return ""
    return f"`{_duration(value) if isinstance(value, str) else json.dumps(value)}`"


def _duration(value: str) -> str:
    """Pydantic writes durations as ISO 8601; people write them here as in the files."""
    match = re.fullmatch(r"PT?(\d+)([DHM])", value)
    if match is None:
        return value
    unit = {"D": "day", "H": "hour", "M": "minute"}[match[2]]
    return f"{match[1]} {unit}{'' if match[1] == '1' else 's'}"


def _kinds(field: Schema) -> Iterator[str]:
    """What a value may be, in words."""
    kind = field.get("type")
    if "$ref" in field:
        title = _title(field)
        yield _IN_LINE.get(title) or f"[{title}](#{title.lower()})"
    elif "const" in field or "enum" in field:
        yield from (f"`{value}`" for value in field.get("enum", [field.get("const")]))
    elif "anyOf" in field:
        for each in field["anyOf"]:
            yield from ["a list of them"] if each.get("items") in field["anyOf"] else _kinds(each)
    elif kind == "array":
        yield f"list of {_joined(field.get('items', {}))}"
    elif kind == "object":
        named = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties"))
        yield f"name: {_joined(named)}" if isinstance(named, dict) else "mapping"
    elif kind != "null":
        form = _FORMS.get(next(iter(field.get("examples", [])), ""))
        yield form or _TYPE_NAMES.get(str(kind), "anything")


def _joined(field: Schema) -> str:
    return " or ".join(dict.fromkeys(_kinds(field)))
