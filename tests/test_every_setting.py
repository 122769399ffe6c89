"""Every setting and every allowed value is accepted by `check` and used by a run, or named with its test.

A value that is added to the settings and that nothing serves, or no run uses, fails here.
"""

import ast
import contextlib
import json
import re
import typing as t
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from jobs.compare import comparators
from jobs.compensate.publishing.channels import DIRECT, PUBLISHERS
from jobs.dialects import registry
from jobs.errors import ConfigError
from jobs.lake import vocabulary
from jobs.settings import (
    AsOf,
    Channel,
    Compare,
    Dataset,
    SettingsError,
    Source,
    Target,
    load,
    repair,
    scalars,
    source,
    supplies,
)
from jobs.settings.check import check
from jobs.settings.judging import Unit
from jobs.settings.project import TieoutFile
from jobs.spark.casts import fit
from jobs.spark.column_types import kind_of
from jobs.target.instants import WAYS
from jobs.target.reading import READERS
from tests import every_setting
from tests.settings.folders import correct

if t.TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROOT = Path(__file__).parent
CASES = sorted(ROOT.glob("cases/*/conf"))
# What needs a service, a server or a setting of the whole project: the test that uses it.
_SENT = "compensate/publishing/test_other_channels.py"
_ARRIVES = f"{_SENT}::test_what_is_approved_arrives_as_the_same_message_and_is_recorded"
_LOOP = "postgres/test_loop.py::test_a_database_is_repaired_and_found_right"
ELSEWHERE = {
    "Aws.endpoint_url": _ARRIVES,
    "Channel.sqs": "compensate/publishing/test_publish.py::test_what_is_approved_is_sent_and_recorded",
    "Channel.sns": _ARRIVES,
    "Channel.kinesis": _ARRIVES,
    "Channel.eventbridge": _ARRIVES,
    "Channel.jdbc": _LOOP,
    "Discovery.queue": "ingest/test_discovery.py::test_a_run_takes_in_what_the_queue_names",
    "JdbcTable.connection": _LOOP,
    "JdbcTable.table": _LOOP,
}


def _models(model: type[BaseModel], found: list[type[BaseModel]]) -> list[type[BaseModel]]:
    if model not in found:
        found.append(model)
        for field in model.model_fields.values():
            for below in _inner(field.annotation):
                _models(below, found)
    return found


def _inner(annotation: t.Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in t.get_args(annotation):
        yield from _inner(each)


def _values(annotation: t.Any) -> Iterator[object]:
    """The allowed values of a field, where they are few: words, and `true`."""
    if t.get_origin(annotation) is t.Literal:
        yield from t.get_args(annotation)
    elif annotation is bool:
        yield True
    else:
        for each in t.get_args(annotation):
            yield from _values(each)


def settings() -> set[str]:
    """`Class.setting` of all, and `Class.setting=value` of each allowed value."""
    models: list[type[BaseModel]] = []
    for root in (TieoutFile, Source, Dataset):
        _models(root, models)
    fields = [(f"{m.__name__}.{name}", field) for m in models for name, field in m.model_fields.items()]
    return {
        *(name for name, _ in fields),
        *(f"{name}={value}" for name, field in fields for value in _values(field.annotation)),
    }


def _used(value: object) -> Iterator[str]:
    """The settings that stand in a file, of those that were built of it."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            mine, said = f"{type(value).__name__}.{name}", getattr(value, name)
            words = said if isinstance(said, list) else [said]
            yield mine
            yield from (f"{mine}={each}" for each in words if isinstance(each, str | int))
            yield from _used(said)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _used(each)


def _run_by(conf: Path) -> set[str]:
    """The settings that running all datasets of a configuration uses; of channels and connections theirs."""
    try:
        project = load(str(conf))
    except SettingsError:
        return set()  # what the case shows is how it is refused
    channels = {each.compensate.channel for each in project.datasets.values() if each.compensate}
    connections = {each.target.connection for each in project.datasets.values()}
    parts: list[BaseModel] = [*project.datasets.values(), *project.sources.values(), project.aws]
    parts += [project.channels[name] for name in channels if name]
    parts += [project.connections[name] for name in connections if name]
    root = YAML(typ="safe").load((conf / "tieout.yml").read_text(encoding="utf-8"))
    said = {f"TieoutFile.{name}" for name in root} | {f"TieoutFile.version={root['version']}"}
    return {*said, *(each for part in parts for each in _used(part))}


@cache
def _functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MASK_KEY", "key")
    monkeypatch.setenv("TIEOUT_PG_URL", "jdbc:postgresql://localhost/db")
    monkeypatch.setenv("TIEOUT_PG_USER", "user")
    monkeypatch.setenv("TIEOUT_PG_PASSWORD", "password")
    monkeypatch.chdir(tmp_path)
    return every_setting.written(tmp_path)


def test_every_setting_and_every_value_is_used_by_a_run_or_by_a_test_that_is_named(conf: Path) -> None:
    used = set().union(_run_by(conf), *map(_run_by, CASES))
    assert settings() - used == set(ELSEWHERE)


def test_the_tests_that_are_named_are_there() -> None:
    named = {place: place.split("::") for place in ELSEWHERE.values()}
    assert [place for place, (file, function) in named.items() if function not in _functions(file)] == []


def test_what_is_used_nowhere_else_is_correct_and_runs(conf: Path, spark: "SparkSession") -> None:
    from jobs.pipeline import run

    project = load(str(conf))
    assert check(project).problems == ()
    for name, counts in {"orders": (3, 3), "stamped": (2, 2)}.items():
        outcome = run(project, name, spark=spark)
        found = (outcome.counts["keys_seen"], outcome.counts["matched"])
        assert (outcome.exit_code, found) == (0, counts), outcome


def test_what_the_settings_allow_is_what_the_registries_serve() -> None:
    formats = {(dialect, each) for dialect, served in supplies.FORMATS.items() for each in served}
    assert formats == set(registry.SERVED)
    assert {dialect for dialect, _ in formats} == set(t.get_args(source.DialectName))
    assert {each for _, each in formats} == set(t.get_args(source.FormatName))
    assert set(t.get_args(Target.model_fields["format"].annotation)) == set(READERS)
    assert {*WAYS, "clock"} == set(AsOf.model_fields)
    assert {*PUBLISHERS, *DIRECT} == set(Channel.model_fields)
    assert set(t.get_args(repair.Kind)) == set(vocabulary.KINDS)
    assert set(t.get_args(repair.Fault)) == set(vocabulary.FAULTS)
    assert {*comparators._SETTINGS, "expression", "ignore"} == set(Compare.model_fields)


TYPES = [each.replace("(p,s)", "(12,2)") for each in scalars.COLUMN_TYPES]
RULES: list[dict[str, t.Any]] = [
    {"absolute": 1}, {"relative": 0.1}, {"absolute": 1, "relative": 0.1}, {"seconds": 1}, {"trim": True},
    {"ignore_case": True}, {"precision": 0}, {"precision": 2}, {"expression": "value"}, {"ignore": True},
    {"expression": "value", "precision": 0}, {"absolute": 1, "precision": 1},
    {"seconds": 1, "precision": "day"}, *({"precision": unit} for unit in t.get_args(Unit)),
]  # fmt: skip


def _is_served(type_: str, rule: dict[str, t.Any]) -> bool:
    with contextlib.suppress(ConfigError):
        comparators.comparator(type_, Compare.model_validate(rule))
        return True
    return False


def test_check_accepts_of_each_type_what_its_comparator_serves(tmp_path: Path) -> None:
    folder = correct(tmp_path / "conf")
    pairs = list(product(TYPES, RULES))
    columns = "".join(f"  c{n}: {type_}\n" for n, (type_, _) in enumerate(pairs))
    rules = "".join(f"    c{n}: {json.dumps(rule)}\n" for n, (_, rule) in enumerate(pairs))
    others = f"[paid_at, {', '.join(f'c{n}' for n in range(len(pairs)))}]"
    folder.dataset("  paid_at: timestamp\n", f"  paid_at: timestamp\n{columns}")
    folder.dataset("&lacked [paid_at]", f"&lacked {others}")
    folder.dataset("target:\n", f"reconcile:\n  compare:\n{rules}target:\n")
    mistakes = folder.mistakes()
    refused = {int(found[1]) for line in mistakes if (found := re.search(r"\.compare\.c(\d+)[.:]", line))}
    unserved = {n for n, (type_, rule) in enumerate(pairs) if not _is_served(type_, rule)}
    assert {pairs[n][0] + str(pairs[n][1]) for n in refused ^ unserved} == set()


def test_every_column_type_is_one_that_values_are_read_into(spark: "SparkSession") -> None:
    from pyspark.sql import functions as F

    read = [fit(F.lit("1"), type_)[0].alias(f"c{n}") for n, type_ in enumerate(TYPES)]
    found = spark.range(1).select(*read).schema
    assert [field.dataType.simpleString() for field in found] == [kind_of(type_).type for type_ in TYPES]
