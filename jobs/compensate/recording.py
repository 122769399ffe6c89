"""What became of compensations and messages -> rows of `compensations` and `rejects`, without Spark."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from jobs.errors import RetryableError
from jobs.lake.arrow import arrow_schema
from jobs.lake.layout import Lake
from jobs.lake.log import open_table
from jobs.lake.tables import COMPENSATIONS, OF_DATASETS, REJECTS
from jobs.settings import Project
from jobs.storage.delta_query import log_options, rows, text

Row = Mapping[str, Any]

LEG = "queue"
_ORDER = ("approved_at", "episode", "compensation_id")
_STAMP = pa.timestamp("us", "UTC")
# What publishing and applying may change of a row, and nothing else.
_CHANGED = {
    "status": pa.string(), "published_at": _STAMP, "applied_at": _STAMP,
    "outcome": pa.string(), "attempts": pa.int32(), "error": pa.string(),
}  # fmt: skip


class Repository:
    """The tables of a dataset that record what became of its compensations."""

    def __init__(self, project: Project, dataset: str) -> None:
        lake, self._options = Lake(project.lake), log_options(project.aws)
        self._compensations = lake.dataset(dataset, COMPENSATIONS)
        self._rejects = lake.dataset(dataset, REJECTS)

    def having(self, statuses: Sequence[str], most: int | None = None) -> Sequence[Row]:
        """The compensations of some statuses in the order of their approval; none where there is no table."""
        with _explained(self._compensations):
            table = self._table(self._compensations)
            if table is None:
                return []
            return rows(table, f"status IN ({_listed(statuses)})", order=_ORDER, limit=most)

    def waiting(self, statuses: Sequence[str], only_tried: bool = False) -> list[str]:
        """The ids of compensations of some statuses, in the order of their approval.

        `only_tried`: those alone of which an attempt failed since they were approved.
        """
        with _explained(self._compensations):
            table = self._table(self._compensations)
            if table is None:
                return []
            where = f"status IN ({_listed(statuses)})" + (" AND attempts > 0" if only_tried else "")
            matching = rows(table, where, ["compensation_id"], _ORDER)
        return [row["compensation_id"] for row in matching]

    def named(self, compensation_ids: Sequence[str]) -> dict[str, Row]:
        """The compensations of some ids, by id; an id that is not there is left out."""
        with _explained(self._compensations):
            table = self._table(self._compensations) if compensation_ids else None
            if table is None:
                return {}
            matching = rows(table, f"compensation_id IN ({_listed(compensation_ids)})")
        return {row["compensation_id"]: row for row in matching}

    def record(self, changes: Sequence[tuple[Row, Row]]) -> None:
        """Write what changed of rows just read, by one commit; a row with another status by now stays.

        In: pairs of the row as read and its new values (columns of `_CHANGED`; others stay as they are).
        """
        if not changes:
            return
        new_values = [{**{name: was[name] for name in _CHANGED}, **new} for was, new in changes]
        source = {
            name: pa.array([each[name] for each in new_values], type_) for name, type_ in _CHANGED.items()
        }
        source["compensation_id"] = pa.array([was["compensation_id"] for was, _ in changes])
        source["_was"] = pa.array([was["status"] for was, _ in changes])
        with _explained(self._compensations):
            table = self._table(self._compensations)
            assert table is not None, "its rows were read a moment ago"
            table.merge(
                pa.table(source),
                "t.compensation_id = s.compensation_id AND t.status = s._was",
                source_alias="s",
                target_alias="t",
                streamed_exec=False,
            ).when_matched_update({name: f"s.{name}" for name in _CHANGED}).execute()

    def reject(self, url: str, unknown_messages: Sequence[tuple[str, str, str]], at: datetime) -> None:
        """Keep messages that are not compensations in `rejects`, once each.

        In: (message id, body, reason).
        """
        if not unknown_messages:
            return
        with _explained(self._rejects):
            table = self._table(self._rejects) or self._created(self._rejects)
            known = rows(table, f"leg = {text(LEG)} AND file = {text(url)}", ["identity", "row_number"])
            last = max((row["row_number"] for row in known), default=0)
            fresh = {
                each[0]: each
                for each in unknown_messages
                if each[0] not in {row["identity"] for row in known}
            }
            if not fresh:
                return
            reject_rows = [
                {"leg": LEG, "file": url, "row_number": last + place, "record": body, "key": None,
                 "reasons": [reason], "identity": name, "position": None, "occurred_at": None, "batch": 0,
                 "run_id": f"apply {at.isoformat()}"}
                for place, (name, body, reason) in enumerate(fresh.values(), 1)
            ]  # fmt: skip
            # Merged, not appended: an append never conflicts with the same append of another.
            table.merge(
                pa.Table.from_pylist(reject_rows, arrow_schema(OF_DATASETS[REJECTS].columns())),
                "t.leg = s.leg AND t.identity = s.identity",
                source_alias="s",
                target_alias="t",
                streamed_exec=False,
            ).when_not_matched_insert_all().execute()

    def _table(self, path: str) -> DeltaTable | None:
        return open_table(path, self._options)

    def _created(self, path: str) -> DeltaTable:
        plain = {"delta.enableDeletionVectors": "false"}
        return DeltaTable.create(
            path,
            arrow_schema(OF_DATASETS[REJECTS].columns()),
            mode="ignore",
            configuration=plain,
            storage_options=self._options or None,
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(text(name) for name in names)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, DeltaError) as error:
        message = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise RetryableError(f"{path} cannot be read or written ({message}); try again.") from error
