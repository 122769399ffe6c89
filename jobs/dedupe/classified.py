"""New changes, with those that there are -> which count, which give way, what becomes of the rest."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import existing, unique
from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped
from jobs.dedupe.shared import IDENTITY, shared, sharing, with_hashes
from jobs.run.context import RunContext
from jobs.spark.cache import CacheScope


@dataclass(frozen=True)
class Classified:
    """`unshared`: new changes whose identity no other record has, which all count.

    `several`: the others, and what stands already under their identities, each with its class
    (`unique.classify`); None where there are none. `shared`: the hashes that changes share (`shared.shared`),
    and whether there are any of places among them. `canonical`: the changes that there were; None of none.
    """

    unshared: DataFrame
    several: DataFrame | None
    shared: DataFrame
    has_shared_places: bool
    canonical: DataFrame | None
    counts: dict[str, int]

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
        if self.several is None or not self.counts["replaced"]:
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
    shares_place = {row["of_place"] for row in common.select("of_place").distinct().collect()}
    if False not in shares_place:
        none = dict.fromkeys(("duplicate", "contradicted", "clashing", "replaced"), 0)
        return Classified(
            new, None, common, True in shares_place, canonical, {"unique": rows, "made": rows, **none}
        )
    repeated = sharing(new, common, IDENTITY)
    several = caches.keep(unique.classify(_side_by_side(context, leg, repeated, canonical)))
    single = sharing(new, common, IDENTITY, "left_anti")
    return Classified(single, several, common, True in shares_place, canonical, _counts(several, rows))


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


def _counts(several: DataFrame, rows: int) -> dict[str, int]:
    """Count by class, and whether contents are `clashing`, and any are `replaced`."""
    fresh = F.count_if(F.col("age") == unique.NEW)
    clashes = F.bool_or(F.col("contents"))
    by_class = several.groupBy("class").agg(fresh.alias("count"), clashes.alias("clashes")).collect()
    changes = {row["class"]: row["count"] for row in by_class}
    others = {name: changes.get(name, 0) for name in ("duplicate", "contradicted")}
    return {
        "unique": rows - sum(others.values()), **others, "made": rows,
        "clashing": int(any(row["clashes"] for row in by_class)), "replaced": int("replaced" in changes),
    }  # fmt: skip
