"""The editors' schemas and the reference page are generated, in step, and true."""

from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest

from jobs.dialects.registry import SERVED
from jobs.settings import schema
from jobs.settings.model import Model
from jobs.settings.nodes import parse
from jobs.settings.project import Project
from jobs.settings.source import DialectName, FormatName
from jobs.settings.values import Literal, Sql
from jobs.settings.values import Path as Path_
from tests.settings.folders import Folder

# It ships no types.
Draft202012Validator = import_module("jsonschema").Draft202012Validator
# These are told in the page's introduction.
VALUES = (Path_, Literal, Sql)
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", list(schema.generated()))
def test_generated_files_are_in_step(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text == schema.generated()[name], "run python -m jobs.settings.schema"


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    schema.write(tmp_path)
    schema.write(tmp_path)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")} == set(schema.generated())


def _plain(path: Path) -> Any:
    node, problems = parse(path.read_text(encoding="utf-8"), str(path))
    assert node is not None and not problems
    # JSON has one kind of number.
    return _json(node.plain())


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_json(each) for each in value]
    return value if isinstance(value, (str, bool, int, type(None))) else float(value)


def _kind(path: Path) -> str:
    return "tieout" if path.name == "tieout.yml" else path.parent.name.removesuffix("s")


def _errors(path: Path) -> list[str]:
    validator = Draft202012Validator(schema.schema_of(_kind(path)))
    return [
        f"{path.name}: {error.json_path}: {error.message}" for error in validator.iter_errors(_plain(path))
    ]


def test_the_schemas_are_schemas() -> None:
    for name in schema.FILES:
        Draft202012Validator.check_schema(schema.schema_of(name))


def test_correct_files_pass_their_schema(folder: Folder) -> None:
    files = [*(ROOT / "conf").rglob("*.yml"), *folder.root.rglob("*.yml")]
    assert len(files) == 8
    assert [error for path in files for error in _errors(path)] == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sources/shop.yml", "version: 1\n", ""),
        ("sources/shop.yml", "format: json", "format: xml"),
        ("sources/shop.yml", "format: json", "format: json\nfrmat: json"),
        ("datasets/orders.yml", "creates: true", "creates: 5"),
        ("datasets/orders.yml", "  path: /cdc/orders/\n", ""),
        ("datasets/orders.yml", "  format: csv\n", "  format: parquet\n"),
        (
            "datasets/orders.yml",
            "  dialect: dms\n  format: csv\n",
            "  dialect: cloudevents\n  format: json\n",
        ),
        ("datasets/orders.yml", "  order: [seq]\n", "  order: [seq]\n  time: at\n"),
        ("sources/shop.yml", "format: json", "format: parquet\ntables: {shop.orders: [id]}"),
        ("tieout.yml", '"${SHOP_PASSWORD}"', "hunter2"),
    ],
)
def test_broken_files_fail_it(folder: Folder, file: str, old: str, new: str) -> None:
    folder.edit(file, old, new)
    assert _errors(folder.root / file)


# What may be said of a source beside where it lies, its dialect and its format.
SAID = (
    "", "timezone: Europe/Berlin", "commit_timezone: Europe/Berlin", "fields: [ts, id]", "null_token: x",
    "unsaid_token: x", "whole_file_megabytes: 9", "max_ahead: 1 hour", "delimiter: ;",
    "timestamp_column: ts", "tables: {shop.orders: [ts, id]}",
    "fields: [id]\ntables: {shop.orders: [id]}", "before_image_prefix: BI_", "load_complete: true",
    "emptied: archived", "discovery: {after_last: true}", "id: id", "type: type", "time: at",
    "id: id\ntype: type\ntime: at", "id: id\ntype: type\ntime: at\ndata: body",
    "id: id\ntype: type\ntime: at\ntransport: [via]",
    "id: id\ntype: type\ntime: at\ndata: body\ntransport: [via]", "transport: [via]",
    "data: body", "nonsense: 1",
)  # fmt: skip


def test_the_check_and_the_schema_accept_the_same_of_a_source_and_that_is_what_is_served(
    folder: Folder,
) -> None:
    wrong, accepted = [], set()
    for dialect, format_, said in product(get_args(DialectName), get_args(FormatName), SAID):
        text = f"version: 1\nsource: other\npath: /other\ndialect: {dialect}\nformat: {format_}\n{said}\n"
        folder.write("sources/other.yml", text)
        is_correct, fits = not folder.mistakes(), not _errors(folder.root / "sources/other.yml")
        wrong += [f"{dialect}, {format_}, {said}: {is_correct}, {fits}"] if is_correct != fits else []
        accepted |= {(dialect, format_)} if is_correct else set()
    assert wrong == []
    assert accepted == set(SERVED)


def test_a_reference_may_stand_for_any_value(folder: Folder) -> None:
    folder.dataset("creates: true", 'creates: "${vars.creating}"')
    folder.dataset("format: csv", "format: ${FORMAT}")
    assert _errors(folder.root / "datasets/orders.yml") == []


def _models(model: type[Model] = Model) -> list[type[Model]]:
    return [each for below in model.__subclasses__() for each in [below, *_models(below)]]


def test_every_key_is_described_and_on_the_page() -> None:
    page = schema.generated()["docs/configuration.md"]
    described = [
        model for model in _models() if model.__module__.startswith("jobs.settings") and model is not Project
    ]
    assert len(described) > 20
    for model in described:
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name} has no description"
            assert f"| `{name}` |" in page or model in VALUES, f"{model.__name__}.{name}"
