"""A project, a session, a dataset's name and a key -> what explains that key; nothing is written."""

import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import datetime
from typing import Any

from pyspark.sql import SparkSession

from jobs.console.place import Place
from jobs.errors import ConfigError, InputError
from jobs.explain import query
from jobs.explain.context import LIMIT, ExplainContext
from jobs.explain.deliveries import LOOKED_FOR, deliveries, redeliveries
from jobs.explain.effects import Effects
from jobs.explain.key import key_of
from jobs.explain.model import Conflict, Explanation, LegLife, RejectedRecord, Row, Store, Turn
from jobs.explain.store import StoredRows, stored_rows
from jobs.explain.verdict import instant, of_agreement, of_discrepancy, rows_of
from jobs.fold import DatasetSchema
from jobs.lake import tables
from jobs.run.expression_errors import settings_named
from jobs.settings import Project, dataset_of
from jobs.settings.dataset import LegName
from jobs.spark.collect import collected
from jobs.spark.delta import Storage
from jobs.storage.delta_query import log_options
from jobs.storage.uri import scheme_free
from jobs.target.unreadable import store_is_read

Collected = Mapping[str, list[dict[str, Any]]]


def explain(project: Project, spark: SparkSession, name: str, key: object) -> Explanation:
    """Explain one key: its changes on all legs, its state as of the last reconcile's T, and its verdict.

    `key` is JSON text such as '{"order_id": 17}', a mapping, or the bare value of a key of one column. The
    newest 1000 changes of each leg are listed.

    Raises:
        ConfigError: there is no such dataset, or the key cannot be read, and no row of the store is of it.
        InputError: the dataset was never run, or no leg, and no row of the store, knows the key.
    """
    dataset = dataset_of(project, name)
    key_ = key_of(spark, key, DatasetSchema.of(dataset))
    context = ExplainContext(project, dataset, Storage(spark, log_options(project.aws)), key_)
    judged = collected(query.judged(context))
    at = _as_of(judged)
    discrepancy = next(iter(judged["discrepancy"]), None)
    # The last reconcile recorded the store's row; copies of a key are read from the store alone.
    fresh = (
        discrepancy is not None
        and instant(discrepancy["as_of"]) == at
        and discrepancy["kind"] != "duplicated"
    )
    with settings_named(dataset), ExitStack() as reading:
        store = StoredRows({}) if fresh else stored_rows(context, at)
        if store.snapshot is not None:
            reading.enter_context(closing(store.snapshot))
            reading.enter_context(store_is_read(store.snapshot))
        rows_by_frame = collected(
            {**query.leg_frames(context, at), **query.conflict_frames(context), **store.frames}
        )
    _refuse_unknown(context, judged, rows_by_frame)
    legs = _legs(context, rows_by_frame)
    beside = next(iter(rows_by_frame["beside"]), None)
    verdict = (
        of_discrepancy(discrepancy, at, dataset.reconcile.truth)
        if discrepancy
        else of_agreement(beside, at, store.snapshot is not None)
    )
    return Explanation(
        dataset=name,
        key=key_.columns,
        as_of=at,
        truth=dataset.reconcile.truth,
        columns=tuple(c for c in dataset.columns if c not in dataset.key),
        verdict=verdict,
        legs=legs,
        store=_store(context, discrepancy if fresh else None, store, rows_by_frame),
        disputes=_conflicts(context, rows_by_frame),
        refusals=_rejected_records(context, rows_by_frame),
        history=_history(judged),
        notes=_notes(rows_by_frame),
    )


def _as_of(judged: Collected) -> datetime | None:
    runs = judged["runs"]
    return instant(runs[0]["as_of"]) if runs else None


def _refuse_unknown(context: ExplainContext, judged: Collected, rows_by_frame: Collected) -> None:
    names = [f"{leg}.steps" for leg in context.dataset.legs]
    concerning = [*names, "disputes", "refusals", "store"]
    if judged["discrepancy"] or any(_of_key(rows_by_frame[name]) for name in concerning):
        return
    dataset = context.dataset.dataset
    if not judged["runs"] and all(
        context.table(tables.CANONICAL[leg]) is None for leg in context.dataset.legs
    ):
        raise InputError(f"{dataset} has no tables yet: run `tieout run {dataset}` first.")
    if context.key.fault:
        raise ConfigError(context.key.fault)
    raise InputError(
        f"{dataset} has no key {context.key.json}: no record that is read, and no row of the store, names it."
    )


def _of_key(rows: list[dict[str, Any]]) -> bool:
    """Whether a row is of this very key: a truncate is of all keys."""
    return any(row.get("op") != "truncate" for row in rows)


def _legs(context: ExplainContext, rows_by_frame: Collected) -> tuple[LegLife, ...]:
    steps = {
        leg: sorted(rows_by_frame[f"{leg}.steps"], key=lambda row: row["position"])
        for leg in context.dataset.legs
    }
    frames = {leg: deliveries(context, leg, rows) for leg, rows in steps.items()}
    delivered = collected({leg: frame for leg, frame in frames.items() if frame is not None})
    return tuple(
        _leg(context, leg, rows[-LIMIT:], delivered[leg], rows_by_frame) for leg, rows in steps.items()
    )


def _leg(
    context: ExplainContext,
    leg: LegName,
    rows: list[dict[str, Any]],
    delivered: list[dict[str, Any]],
    rows_by_frame: Collected,
) -> LegLife:
    source, facts = context.source(leg), context.facts(leg)
    effects = Effects(rows, scheme_free(source.path))
    state = next(iter(rows_by_frame[f"{leg}.state"]), None)
    against = {
        (row["other_file"], row["other_row_number"]) for row in rows_by_frame["disputes"] if row["leg"] == leg
    }
    steps = effects.steps(redeliveries(rows, delivered, against))
    if state is None:
        return LegLife(leg, source.source, steps)
    columns = [c for c in facts.covered if c not in context.shape.key]
    return LegLife(
        leg,
        source.source,
        steps,
        row=None if state["deleted"] else json.loads(state["row"]),
        unknown=tuple(state["unknown"]),
        deleted=state["deleted"],
        orphan=state["orphan"],
        overflow=state["overflow"],
        origins=effects.origins(columns, facts.defaults),
    )


def _store(
    context: ExplainContext, discrepancy: dict[str, Any] | None, store: StoredRows, rows_by_frame: Collected
) -> Store:
    if discrepancy is not None:
        return Store(tuple(rows_of(discrepancy)), "the last reconcile")
    if store.snapshot is None:
        return Store(None, store.missing or "")
    rows = [_with_misfits(context, json.loads(row["row"]), row["misfits"]) for row in rows_by_frame["store"]]
    return Store(tuple(rows), f"the snapshot {store.snapshot.uri}")


def _with_misfits(context: ExplainContext, row: dict[str, Any], misfits: list[dict[str, Any]]) -> Row:
    """The row with values that do not fit their column as the text that stands there."""
    texts = {each["column"]: each["text"] for each in misfits}
    return {**row, **{c: "***" if c in context.masking.columns else text for c, text in texts.items()}}


def _conflicts(context: ExplainContext, rows_by_frame: Collected) -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            row["leg"],
            row["kind"],
            *(
                _place(context, row["leg"], row[f"{side}_file"], row[f"{side}_row_number"])
                for side in ("first", "other")
            ),
        )
        for row in rows_by_frame["disputes"]
    )


def _rejected_records(context: ExplainContext, rows_by_frame: Collected) -> tuple[RejectedRecord, ...]:
    return tuple(
        RejectedRecord(
            row["leg"],
            _place(context, row["leg"], row["file"], row["row_number"]),
            tuple(context.masking.reason(reason) for reason in row["reasons"]),
        )
        for row in rows_by_frame["refusals"]
    )


def _place(context: ExplainContext, leg: LegName, file: str, row_number: int) -> Place:
    return Effects((), scheme_free(context.source(leg).path)).place(file, row_number)


def _history(judged: Collected) -> tuple[Turn, ...]:
    turns = sorted(judged["history"], key=lambda row: (row["at"], row["episode"]))
    return tuple(Turn(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in turns)


def _notes(rows_by_frame: Collected) -> tuple[str, ...]:
    notes = []
    for name, rows in rows_by_frame.items():
        leg, _, what = name.partition(".")
        if what == "steps" and len(rows) > LIMIT:
            notes.append(f"{leg}: more than {LIMIT} changes; the newest by position are told.")
        if what == "steps" and len(rows) > LOOKED_FOR:
            notes.append(f"{leg}: duplicates were looked for among the newest {LOOKED_FOR} changes only.")
        if name in ("disputes", "refusals") and len(rows) == LIMIT:
            notes.append(f"{name}: only the first {LIMIT} are told.")
    return tuple(notes)
