"""New changes, with those that there are -> which count, which give way, what becomes of the rest."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import existing, unique
from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped
from jobs.dedupe.shared import IDENTITY, PLACE, shared, sharing, with_hashes
from jobs.run.context import RunContext
from jobs.spark.cache import CacheScope


@dataclass(frozen=True)
class Classified:
    """`unshared`: new changes whose identity no other record has, which all count.

    `several`: the others, and what stands already under their identities, each with its class
    (`unique.classify`); None where there are none. `shared`: the hashes that changes share (`shared.shared`),
    and whether there are any of places among them. `canonical`: the changes that there were; None of none.
    `duplicate`, `contradicted`: how many of the new ones are; `has_several_contents`: whether any
    identity has several; `has_replaced`: whether any canonical change gives way.
    """

    unshared: DataFrame
    several: DataFrame | None
    shared: DataFrame
    has_shared_places: bool
    canonical: DataFrame | None
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


def classified(
    context: RunContext, leg: str, mapped: Mapped, rows: int, rebuild: bool, caches: CacheScope
) -> Classified:
    """Tell the new changes apart: how many of them are unique, repeat another, contradict it.

    `rows`: how many sound changes there are. On a rebuild nothing stands yet.
    """
    new = with_hashes(mapped.sound, context.shape)
    canonical = None if rebuild else existing.canonical_of(context, leg)
    common = caches.keep(shared(new, rows, canonical))
    shared_counts = {row["name"]: row["count"] for row in common.groupBy("name").count().collect()}
    if IDENTITY not in shared_counts:
        return Classified(new, None, common, PLACE in shared_counts, canonical)
    repeated = sharing(new, common, IDENTITY)
    several = caches.keep(unique.classify(_side_by_side(context, leg, repeated, canonical)))
    single = sharing(new, common, IDENTITY, "left_anti")
    by_class = _by_class(several)
    new_by_class = {row["class"]: row["new"] for row in by_class}
    return Classified(
        single, several, common, PLACE in shared_counts, canonical,
        duplicate=new_by_class.get("duplicate", 0),
        contradicted=new_by_class.get("contradicted", 0),
        has_several_contents=any(row["contents"] for row in by_class),
        has_replaced="replaced" in new_by_class,
    )  # fmt: skip


def _side_by_side(context: RunContext, leg: str, new: DataFrame, canonical: DataFrame | None) -> DataFrame:
    """New changes with all that stands, or is listed, under their identities; + `age`, `content`."""
    dialect = dialects.of(context.source(leg))
    if leg != "events":
        new = with_hashes(with_ordinals(new, context.shape), context.shape)
    rows = [dialect.with_content(new).withColumn("age", F.lit(unique.NEW))]
    if canonical is not None:
        standing = existing.beside(context, leg, canonical, new, IDENTITY)
        standing = standing.join(new.select("identity").distinct(), "identity", "left_semi")
        rows.append(dialect.with_content(standing).withColumn("age", F.lit(unique.EXISTING)))
        if (known := existing.listed(context, leg, new)) is not None:
            rows.append(known)
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), rows)


def _by_class(several: DataFrame) -> list[Row]:
    """By class, how many are `new`, and whether any identity has several `contents`."""
    new, contents = F.count_if(F.col("age") == unique.NEW), F.bool_or(F.col("contents"))
    return several.groupBy("class").agg(new.alias("new"), contents.alias("contents")).collect()
