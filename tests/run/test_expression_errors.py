"""What Spark raises over a configured expression names the setting, and is never a traceback."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dialects.expressions import attempt, rewritten
from jobs.errors import ConfigError, InputError, TieoutError
from jobs.fold import DatasetSchema
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.verdict import with_scope
from jobs.run.expression_errors import settings_named
from jobs.settings import Dataset
from jobs.spark.invalid_keys import INVALID_KEY
from jobs.target.mapping import target_rows
from tests.builders.command import ended
from tests.builders.parcels import copied
from tests.settings.folders import Folder, correct

SHAPE = DatasetSchema(("order_id",), {"order_id": "bigint", "status": "string", "amount": "decimal(12,2)"})


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = correct(tmp_path / "conf")
    made.dataset("as_of: {at:", "deleted: {sql: gone}\n  where: id > 0\n  as_of: {at:")
    made.dataset("target:", "reconcile: {scope: amount > 0}\ntarget:")
    return made


@pytest.fixture
def store(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([(1, "PAID", 200, 0)], "id long, state string, cents int, gone int")


def _caught(dataset: Dataset, call: Callable[[], Any]) -> TieoutError:
    with pytest.raises(TieoutError) as caught, settings_named(dataset):
        call()
    return caught.value


def _mapped(store: DataFrame, dataset: Dataset) -> Callable[[], Any]:
    return lambda: target_rows(store, dataset.target, SHAPE).collect()


AMOUNT, RATIO = "target.select.amount.sql in datasets/orders.yml:32", "cents / (cents - 200)"
SELECT = "{sql: cents / 100.00, write: {cents: amount * 100}}"


@pytest.mark.parametrize(
    ("old", "new", "place", "sql", "message"),
    [
        (SELECT, f"{{sql: {RATIO}}}", AMOUNT, RATIO,
         "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead"),
        (SELECT, "{sql: 1 + int(state)}", AMOUNT, "1 + int(state)",
         'The value \'PAID\' of the type "STRING" cannot be cast to "INT"'),
        (SELECT, "{sql: int(cast(cents as tinyint))}", AMOUNT,
         "int(cast(cents as tinyint))", 'The value 200 of the type "INT" cannot be cast to "TINYINT"'),
        (SELECT, "{sql: upper(array(state))}", AMOUNT,
         "upper(array(state))", 'Cannot resolve "upper(array(state))"'),
        ("where: id > 0", "where: id + 1", "target.where in datasets/orders.yml:41", "id + 1",
         'Filter expression "(id + 1'),
        ("where: id > 0", "where: int(state) > 0", "target.where in datasets/orders.yml:41", "int(state) > 0",
         "The value 'PAID'"),
        ("{sql: gone}", "{sql: raise_error('a gone row')}", "target.deleted.sql in datasets/orders.yml:40",
         "raise_error('a gone row')", "a gone row"),
    ],
)  # fmt: skip
def test_the_setting_is_named_with_its_place(
    folder: Folder, store: DataFrame, old: str, new: str, place: str, sql: str, message: str
) -> None:
    folder.dataset(old, new)
    dataset = folder.load().datasets["orders"]
    error = _caught(dataset, _mapped(store, dataset))
    text = str(error).replace(f"{folder.root}/", "")
    assert place in text
    assert f"(`{sql}`)" in text
    assert message in text
    assert "\n" not in text
    assert error.exit_code == 2


def test_the_scope_is_named(folder: Folder, spark: SparkSession) -> None:
    folder.dataset("scope: amount > 0", "scope: amount / 0 > 1")
    dataset = folder.load().datasets["orders"]
    row = F.struct(F.lit("x").alias("status"), F.lit(1).alias("amount"))
    side = F.struct(F.lit(True).alias("alive"), row.alias("row"))
    fits = F.lit(None).cast("string").alias(INVALID_KEY)
    frame = spark.range(1).select(
        F.col("id").alias("order_id"), fits, side.alias("events"), side.alias("target")
    )
    how = Comparison(SHAPE, {}, {}, "events")
    error = _caught(dataset, lambda: with_scope(frame, dataset.reconcile.scope, how).collect())
    assert "reconcile.scope in " in str(error)
    assert "Division by zero" in str(error)


def test_an_expression_over_a_record_is_named_as_it_was_written(folder: Folder, spark: SparkSession) -> None:
    folder.dataset("amount: data.amount", "amount: {sql: upper(array(data.amount))}")
    dataset = folder.load().datasets["orders"]
    text = rewritten("upper(array(data.amount))", {"data"}).text
    frame = spark.range(1).withColumn("$.data.amount", F.lit("1"))
    error = _caught(dataset, lambda: frame.select(attempt(text)[0]))
    assert isinstance(error, ConfigError)
    assert "events.apply.Placed.set.amount.sql in " in str(error)
    assert ":16 (`upper(array(data.amount))`)" in str(error)


def test_an_error_of_a_write_names_its_cause(folder: Folder, store: DataFrame, tmp_path: Path) -> None:
    folder.dataset(SELECT, f"{{sql: {RATIO}}}")
    dataset = folder.load().datasets["orders"]
    rows = target_rows(store, dataset.target.model_copy(update={"deleted": None}), SHAPE).drop("_misfits")
    error = _caught(dataset, lambda: rows.write.format("delta").save(str(tmp_path / "table")))
    assert isinstance(error, InputError)
    assert "target.select.amount.sql in " in str(error)
    assert "Division by zero" in str(error)


def test_no_value_of_a_masked_dataset_is_quoted(folder: Folder, store: DataFrame) -> None:
    folder.dataset(SELECT, "{sql: int(state)}")
    folder.dataset("target:\n", "mask: {columns: [status], key: '${KEY}'}\ntarget:\n")
    dataset = folder.load().datasets["orders"]
    message = str(_caught(dataset, _mapped(store, dataset)))
    assert "PAID" not in message
    assert "(CAST_INVALID_INPUT)" in message


def test_what_no_setting_can_have_caused_stays_what_it_is(folder: Folder, store: DataFrame) -> None:
    dataset = folder.load().datasets["orders"]
    with pytest.raises(PySparkException), settings_named(dataset):
        store.select(F.expr("strange + 1"))
    with pytest.raises(PySparkException), settings_named(dataset):
        store.sparkSession.read.parquet("/nowhere/at/all")


@pytest.fixture
def copy(parcels: tuple[Path, list[str]], tmp_path: Path) -> Iterator[Path]:
    """A copy of the README's folder, in which the commands run: its dataset."""
    with copied(parcels[0], tmp_path) as dataset:
        yield dataset


@pytest.mark.parametrize("command", [["run", "parcels"], ["preview", "parcels"], ["reconcile", "parcels"]])
def test_a_command_ends_with_2_and_one_sentence(
    copy: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    where = "  select: *store\n  where: int(concat('x', fee_cents)) > 0\n"
    copy.write_text(copy.read_text().replace("  select: *store\n", where))
    code, message = ended(*command, "-c", "parcels/conf"), capsys.readouterr()
    assert code == 2, message
    assert "target.where in parcels/conf/datasets/parcels.yml:" in message.err
    assert "(`int(concat('x', fee_cents)) > 0`)" in message.err
    assert "Traceback" not in message.err
