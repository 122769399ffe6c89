"""Every table of the lake: its name, where it lies and, where no dataset shapes it, its schema."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.lake.schema import Shape
from jobs.spark.rows import schema_of

INGESTED_FILES = "ingested_files"
RECORDS = "records"
REJECTS = "rejects"
EVENTS = "events"
CHANGES = "changes"
CONFLICTS = "conflicts"
EVENT_STATE = "event_state"
CHANGE_STATE = "change_state"
EVENT_HISTORY = "event_history"
CHANGE_HISTORY = "change_history"
RECONCILIATIONS = "reconciliations"
COLUMN_STATISTICS = "column_statistics"
DISCREPANCIES = "discrepancies"
DISCREPANCY_HISTORY = "discrepancy_history"
VERDICTS = "verdicts"
WITHHELD = "withheld"
COMPENSATIONS = "compensations"
DECISIONS = "decisions"
EXPECTATION_RESULTS = "expectation_results"
RUNS = "runs"

CANONICAL = {"events": EVENTS, "changes": CHANGES}
STATE = {"events": EVENT_STATE, "changes": CHANGE_STATE}
HISTORY = {"events": EVENT_HISTORY, "changes": CHANGE_HISTORY}


@dataclass(frozen=True)
class Lake:
    """Paths of the tables below a lake's root."""

    root: str

    def source(self, source: str, table: str) -> str:
        """Where a source's table lies."""
        return f"{self.root}/sources/{source}/{table}"

    def dataset(self, dataset: str, table: str) -> str:
        """Where a dataset's table, or folder, lies."""
        return f"{self.root}/{dataset}/{table}"


def rejects_schema() -> T.StructType:
    """Schema of a dataset's `rejects`: records that cannot be mapped, with their reasons."""
    return schema_of(
        "leg string, file string, row_number bigint, record string, key string, reasons array<string>, "
        "identity string, position string, occurred_at timestamp, batch bigint, run_id string"
    )


def conflicts_schema(shape: Shape) -> T.StructType:
    """Schema of `conflicts`: two records that contradict, and the keys made suspect from which position."""
    side = "struct<position: string, record: string, source: string, file: string, row_number: bigint>"
    parts = ", ".join(f"`{c}`: {shape.columns[c]}" for c in shape.key)
    return schema_of(
        "conflict_id string, kind string, leg string, change_id string, key string, "
        f"first {side}, other {side}, content string, keys array<struct<{parts}, position: string>>, "
        "stated_position string, occurred_at timestamp, batch bigint, run_id string"
    )


def state_schema(shape: Shape) -> T.StructType:
    """Schema of the two state tables: the dataset's columns, then what the fold knows of the key."""
    others = [c for c in shape.columns if c not in shape.key]
    return schema_of(
        f"{shape.ddl([*shape.key, *others])}, _deleted boolean, _changed_at timestamp, _change_id string, "
        "_position string, _unknown array<string>, _orphan boolean, _overflow boolean, _lived boolean, "
        "_settled_position string, _suspect boolean, _hash bigint, run_id string"
    )


def versions_schema(shape: Shape) -> T.StructType:
    """Schema of the two history tables: a key and a version of its state, with when it holds."""
    others = [c for c in shape.columns if c not in shape.key]
    return schema_of(
        f"{shape.ddl([*shape.key, *others])}, _deleted boolean, _change_id string, _position string, "
        "valid_from timestamp, valid_to timestamp, is_current boolean, run_id string"
    )


def discrepancies_schema(shape: Shape) -> T.StructType:
    """Schema of `discrepancies` (design, section 5), one row a key that disagrees or once did."""
    return schema_of(
        f"discrepancy_id string, dataset string, key string, {shape.ddl(shape.key)}, status string, "
        "episode int, kind string, fault string, first_kind string, first_fault string, reason string, "
        "reason_detail string, suspect boolean, mismatched_columns array<string>, "
        "unknown_columns array<string>, why array<string>, events_row string, "
        "changes_row string, target_row string, lag_seconds bigint, as_of timestamp, "
        "first_seen_at timestamp, last_seen_at timestamp, resolved_at timestamp, times_seen int, "
        "grace_streak int, wait_streak int, waived_until timestamp, last_decision string, run_id string"
    )


def history_schema() -> T.StructType:
    """Schema of `discrepancy_history`, append-only."""
    return schema_of(
        "discrepancy_id string, episode int, kind string, fault string, status string, reason string, "
        "at timestamp, run_id string"
    )


def verdicts_schema(shape: Shape) -> T.StructType:
    """Schema of `verdicts`: the keys that are discrepant now, with the clear rows to repair them from."""
    row = f"struct<{', '.join(f'`{c}`: {shape.columns[c]}' for c in shape.values)}>"
    return schema_of(
        f"discrepancy_id string, {shape.ddl(shape.key)}, kind string, fault string, suspect boolean, "
        f"truth {row}, truth_unknown array<string>, other {row}, other_unknown array<string>, "
        "copies bigint, later string, as_of timestamp, run_id string"
    )


def compensations_schema(shape: Shape) -> T.StructType:
    """Schema of `compensations` (design, section 6): a repair through its life; rows as JSON."""
    return schema_of(
        "compensation_id string, discrepancy_id string, episode int, dataset string, key string, "
        f"{shape.ddl(shape.key)}, action string, row string, guard string, write string, rule string, "
        "reason string, status string, proposed_at timestamp, approved_at timestamp, approved_by string, "
        "published_at timestamp, applied_at timestamp, outcome string, attempts int, error string, "
        "confirmed_at timestamp, try_number int, run_id string"
    )


def decisions_schema() -> T.StructType:
    """Schema of `decisions`: a person's word, append-only."""
    return schema_of(
        "decision_id string, subject_id string, decision string, decided_by string, reason string, "
        "decided_at timestamp, expires_at timestamp, run_id string"
    )


def reconciliations_schema() -> T.StructType:
    """Schema of `reconciliations`: a leg, or `total`, in one reconcile; control totals and reasons as JSON.

    `status`: `finished`, or `failed` where a gate failed and nothing was moved on these counts.
    """
    return schema_of(
        "as_of timestamp, leg string, keys_seen bigint, matched bigint, discrepant bigint, pending bigint, "
        "unjudged bigint, out_of_scope bigint, control_totals string, reasons string, status string, "
        "run_id string"
    )


def judged(reconciliations: DataFrame) -> DataFrame:
    """Keep the rows of reconciles that moved life on, or could have: those that no gate ended.

    In an older lake, which has no `status`, these are all.
    """
    if "status" not in reconciliations.columns:
        return reconciliations
    return reconciliations.where(F.coalesce("status", F.lit("finished")) == "finished")


def column_statistics_schema() -> T.StructType:
    """Schema of `column_statistics`: a column, truth against the store, in one reconcile."""
    return schema_of(
        "as_of timestamp, column_name string, compared bigint, equal bigint, both_null bigint, "
        "null_left bigint, null_right bigint, different bigint, max_difference double, "
        "mean_difference double, run_id string"
    )


def runs_schema() -> T.StructType:
    """Schema of `runs`: a stage of one run; versions as JSON."""
    return schema_of(
        "run_id string, dataset string, stage string, as_of timestamp, started_at timestamp, "
        "finished_at timestamp, status string, rows_in bigint, rows_out bigint, rows_rejected bigint, "
        "counts string, input_versions string, output_version string, mapping_digest string, error string"
    )
