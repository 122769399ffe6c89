"""A dataset -> columns × legs: which leg knows a column, and how its values are compared."""

from dataclasses import asdict, dataclass

from jobs.settings.dataset import Dataset, Side
from jobs.settings.judging import Compare
from jobs.settings.values import Sql

KEY, COVERED, NOT_COVERED, NO_WAY_BACK, NO_LEG = (
    "key",
    "covered",
    "not covered",
    "sql without write",
    "no leg",
)


@dataclass(frozen=True)
class ColumnRow:
    """A column: what each leg knows of it, and the rule its values are compared by."""

    column: str
    type: str
    events: str
    changes: str
    target: str
    compared: str

    def as_dict(self) -> dict[str, str]:
        """The row as plain data."""
        return asdict(self)


def columns_by_legs(dataset: Dataset) -> tuple[ColumnRow, ...]:
    """One row a column, in declared order."""
    return tuple(_row(dataset, name) for name in dataset.columns)


def knowing(dataset: Dataset, name: str) -> list[str]:
    """The legs that cover a column, the target included."""
    sides: list[Side] = [*dataset.legs, "target"]
    return [side for side in sides if name in dataset.covered(side)]


def no_way_back(dataset: Dataset, name: str) -> bool:
    """Whether the store's value is computed and cannot be written."""
    value = dataset.target.select.get(name)
    return isinstance(value, Sql) and value.write is None


def _row(dataset: Dataset, name: str) -> ColumnRow:
    cells = {side: _cell(dataset, name, side) for side in ("events", "changes", "target")}
    return ColumnRow(name, dataset.columns[name].type, **cells, compared=_compared(dataset, name))


def _cell(dataset: Dataset, name: str, side: str) -> str:
    if side != "target" and side not in dataset.legs:
        return NO_LEG
    if side not in knowing(dataset, name):
        return NOT_COVERED
    if name in dataset.key:
        return KEY
    return NO_WAY_BACK if side == "target" and no_way_back(dataset, name) else COVERED


def _compared(dataset: Dataset, name: str) -> str:
    if name in dataset.key:
        return "key"
    rule = dataset.reconcile.compare.get(name, Compare())
    legs = knowing(dataset, name)
    if rule.ignore:
        return "ignored"
    if len(legs) < 2:
        return "not compared"
    only = "" if len(legs) == len(dataset.legs) + 1 else f" ({' = '.join(legs)} only)"
    return _rule(rule) + only


def _rule(rule: Compare) -> str:
    parts = []
    for field in type(rule).model_fields:
        value = getattr(rule, field)
        if value not in (None, False):
            parts.append(field if value is True else f"{field} {value}")
    return ", ".join(parts) or "exact"
