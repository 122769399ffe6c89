"""The changes that were looked at, and the store -> ten keys as every leg shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import TieoutError
from jobs.fold import DatasetSchema, fold
from jobs.fold.facts import leg_semantics
from jobs.masking.columns import Masking
from jobs.reconcile.align import target_side
from jobs.reconcile.side_by_side import beside, state_side
from jobs.settings import Dataset, Project
from jobs.settings.dataset import LegName, Side
from jobs.spark.invalid_keys import invalid_key
from jobs.spark.joins import semi_join
from jobs.storage.objects import Objects
from jobs.target.mapping import target_rows
from jobs.target.snapshot import Snapshot, look

KEYS = 10


@dataclass(frozen=True)
class Store:
    """The newest snapshot and its rows; or `missing`, why there is none to compare with."""

    rows: DataFrame | None = None
    snapshot: Snapshot | None = None
    missing: str = ""


def store_of(project: Project, dataset: Dataset, spark: SparkSession, objects: Objects) -> Store:
    """The newest snapshot of the dataset's target, mapped as reconcile maps it."""
    try:
        snapshot, snapshot_rows = look(spark, project, dataset, objects, None)
        rows = target_rows(snapshot_rows, dataset.target, DatasetSchema.of(dataset), snapshot.uri)
    except TieoutError as error:
        return Store(missing=str(error))
    return Store(rows, snapshot)


def compared(
    dataset: Dataset, changes: Mapping[LegName, DataFrame], store: Store, masking: Masking
) -> DataFrame | None:
    """Fold the changes and put at most `KEYS` keys beside the store's rows (see `beside`).

    Keys that most legs mention go first. None without a store: the legs alone are not compared.
    """
    if store.rows is None or store.snapshot is None or not changes:
        return None
    shape, at = DatasetSchema.of(dataset), store.snapshot.as_of
    sides: dict[Side, DataFrame] = {}
    for leg, made in changes.items():
        states = fold(made.where(F.col("occurred_at") <= F.lit(at)), shape, leg_semantics(dataset, leg))
        sides[leg] = state_side(states, shape)
    keys = F.broadcast(_keys(list(sides.values()), shape))
    valid = store.rows.where(invalid_key(F.col("_misfits"), shape.key).isNull())
    sides["target"] = target_side(semi_join(valid, keys, shape.key), shape)
    few = {leg: semi_join(side, keys, shape.key) if leg != "target" else side for leg, side in sides.items()}
    return beside(few, dataset, masking, dataset.reconcile.scope)


def _keys(sides: list[DataFrame], shape: DatasetSchema) -> DataFrame:
    named = [side.select(*shape.key, F.col("side.alive").alias("alive")) for side in sides]
    mentioned = reduce(DataFrame.unionByName, named).groupBy(*shape.key)
    ranked = mentioned.agg(F.count(F.lit(1)).alias("_legs"), F.count_if("alive").alias("_alive"))
    best = ranked.orderBy(F.desc("_legs"), F.desc("_alive"), *shape.key).limit(KEYS)
    return best.select(*shape.key)
