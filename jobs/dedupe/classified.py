"""New changes, with those that there are -> which count, which give way, what becomes of the rest."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import unique
from jobs.dedupe.existing import Existing
from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.inputs import LegInputs
from jobs.dedupe.mapping import Mapped
from jobs.dedupe.shared import IDENTITY, PLACE, shared, sharing, with_hashes
from jobs.spark.cache import CacheScope


@dataclass(frozen=True)
class NewChanges:
    """New changes with their hashes.

    `shared`: the hashes under which several changes stand (`shared.shared`). `names`: those of the columns of
    hashes of which any are.
    """

    rows: DataFrame
    shared: DataFrame
    names: frozenset[str]


@dataclass(frozen=True)
class Classified:
    """`unshared`: new changes whose identity no other record has, which all count.

    `several`: the others, and what stands already under their identities, each with its class
    (`unique.classify`); None where there are none. `duplicate`, `contradicted`: how many of the new ones are;
    `has_several_contents`: whether any identity has; `has_replaced`: whether any canonical change gives way.
    """

    unshared: DataFrame
    several: DataFrame | None = None
    duplicate: int = 0
    contradicted: int = 0
    has_several_contents: bool = False
    has_replaced: bool = False

    @property
    def unique(self) -> DataFrame:
        """The new changes that count, each once."""
        if self.several is None:
            return self.unshared
        first = self.several.where("class = 'unique'")
        return self.unshared.unionByName(first.select(*self.unshared.columns))

    @property
    def replaced(self) -> DataFrame | None:
        """The canonical changes that give way to new ones; None where none does."""
        if self.several is None or not self.has_replaced:
            return None
        return self.several.where("class = 'replaced'")


def new_changes(inputs: LegInputs, mapped: Mapped, count: int, caches: CacheScope) -> NewChanges:
    """Find the hashes that sound changes, of which there are so many, share with another or with old ones."""
    rows = with_hashes(mapped.sound, inputs.shape)
    common = caches.keep(shared(rows, count, inputs.canonical))
    names = common.select("of_place").distinct().collect()
    return NewChanges(rows, common, frozenset(PLACE if row["of_place"] else IDENTITY for row in names))


def classified(
    inputs: LegInputs, new: NewChanges, existing: Existing | None, caches: CacheScope
) -> Classified:
    """Tell the new changes apart: how many of them are unique, repeat another, contradict it."""
    if IDENTITY not in new.names:
        return Classified(new.rows)
    repeated = sharing(new.rows, new.shared, IDENTITY)
    several = caches.keep(unique.classify(_side_by_side(inputs, repeated, existing)))
    by_class = _by_class(several)
    new_by_class = {row["class"]: row["new"] for row in by_class}
    return Classified(
        sharing(new.rows, new.shared, IDENTITY, "left_anti"),
        several,
        new_by_class.get("duplicate", 0),
        new_by_class.get("contradicted", 0),
        has_several_contents=any(row["contents"] for row in by_class),
        has_replaced="replaced" in new_by_class,
    )


def _side_by_side(inputs: LegInputs, new: DataFrame, existing: Existing | None) -> DataFrame:
    """New changes with all that stands, or is listed, under their identities; + `age`, `content`."""
    dialect = dialects.of(inputs.source)
    if inputs.leg != "events":
        new = with_hashes(with_ordinals(new, inputs.shape), inputs.shape)
    rows = [dialect.with_content(new).withColumn("age", F.lit(unique.NEW))]
    if existing is not None:
        standing = existing.beside(new, IDENTITY)
        standing = standing.join(new.select("identity").distinct(), "identity", "left_semi")
        rows.append(dialect.with_content(standing).withColumn("age", F.lit(unique.EXISTING)))
        if (listed := existing.listed(new)) is not None:
            rows.append(listed)
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), rows)


def _by_class(several: DataFrame) -> list[Row]:
    """By class, how many are `new`, and whether any identity has several `contents`."""
    new, contents = F.count_if(F.col("age") == unique.NEW), F.bool_or(F.col("contents"))
    return several.groupBy("class").agg(new.alias("new"), contents.alias("contents")).collect()
