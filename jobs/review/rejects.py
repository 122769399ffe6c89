"""A dataset -> the records of its sources that were refused, by the source or by the mapping; no Spark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobs.console.place import below
from jobs.console.printing import Printed
from jobs.lake import tables
from jobs.lake.log import open_table
from jobs.masking.columns import masking_of
from jobs.masking.rows import Masks, masks_of
from jobs.run.dataset import DatasetContext
from jobs.settings import Dataset, Project, dataset_of
from jobs.settings.dataset import LegName
from jobs.storage.delta_query import Table, log_options, query
from jobs.storage.uri import scheme_free

SOURCE, MAPPING = "source", "mapping"


@dataclass(frozen=True)
class Reject:
    """A record that was refused `by` its source or the mapping, where it stands, and why.

    `key` is the one that it names, where the mapping could read it. A file that cannot be read has no row.
    """

    leg: str
    by: str
    file: str
    row_number: int | None
    key: Any
    reasons: tuple[str, ...]
    batch: int


@dataclass(frozen=True)
class RejectList(Printed):
    """The newest rejects of a dataset; `more` there are than are named, `counts` by leg and by whom."""

    dataset: str
    rejects: tuple[Reject, ...]
    more: bool
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Context(DatasetContext):
    project: Project
    dataset: Dataset


def rejects(project: Project, name: str, leg: LegName | None, limit: int) -> RejectList:
    """The newest refused records of a dataset, of one leg or of all, and how many there are.

    Raises:
        ConfigError: there is no such dataset.
    """
    context = _Context(project, dataset_of(project, name))
    masks = masks_of(context.dataset, masking_of(project, context.dataset))
    legs = [each for each in context.dataset.legs if leg in (None, each)]
    newest_rejects, counts = list[Reject](), dict[str, dict[str, int]]()
    for each in legs:
        for by, table in _tables(context, each).items():
            mine = "" if by == SOURCE else f" WHERE leg = '{each}'"
            total = query(f"SELECT count(*) AS n FROM t{mine}", {"t": table})[0]["n"]  # noqa: S608
            if total:
                counts.setdefault(each, {})[by] = total
            newest = f"SELECT * FROM t{mine} ORDER BY batch DESC, file, row_number LIMIT {limit + 1}"  # noqa: S608
            root = scheme_free(context.source(each).path)
            newest_rejects += [_reject(row, each, by, root, masks) for row in query(newest, {"t": table})]
    newest_rejects.sort(key=lambda one: (-one.batch, one.leg, one.file, one.row_number or 0))
    return RejectList(name, tuple(newest_rejects[:limit]), len(newest_rejects) > limit, counts)


def _tables(context: _Context, leg: LegName) -> dict[str, Table]:
    paths = {
        SOURCE: context.source_path(context.source(leg).source, tables.REJECTS),
        MAPPING: context.path(tables.REJECTS),
    }
    options = log_options(context.project.aws)
    opened = {by: open_table(path, options) for by, path in paths.items()}
    return {by: table for by, table in opened.items() if table is not None}


def _reject(row: Mapping[str, Any], leg: str, by: str, root: str, masks: Masks) -> Reject:
    return Reject(
        leg=leg,
        by=by,
        file=below(row["file"], root),
        row_number=row["row_number"],
        key=masks.row(row["key"]) if row["key"] else None,
        reasons=tuple(masks.masking.reason(reason) for reason in row["reasons"]),
        batch=row["batch"],
    )
