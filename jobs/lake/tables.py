"""Every table of the lake as data: its name, whose it is, and its columns with their Spark SQL types.

What else knows tables derives from here: Spark's schemas, Arrow's, the names that a dataset may not use, what
is validated, the documentation and the tests.
"""

from jobs.lake.table_spec import TableSpec

INGESTED_FILES = "ingested_files"
RECORDS = "records"
REJECTS = "rejects"
REJECTED_KEYS = "rejected_keys"
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


_CHANGE = """
    change_id string, {key}, op string, values struct<{values_fields}>, said struct<{said_fields}>, {adds},
    reverts string, creates boolean, full boolean, position string, stated_position string,
    occurred_at timestamp, sequence bigint, kind string, origin string, event_id string, identity string,
    record_position string, identity_hash bigint, place_hash bigint,
    record string, source string, file string, etag string, row_number bigint, batch bigint, run_id string
"""
_RECORD_OF_CONFLICT = (
    "struct<position: string, record: string, source: string, file: string, row_number: bigint>"
)
_STATE = """
    {key}, {others}, _deleted boolean, _changed_at timestamp, _change_id string, _position string,
    _unknown array<string>, _orphan boolean, _overflow boolean, _lived boolean, _settled_position string,
    _suspect boolean, _hash bigint, run_id string
"""
_VERSION = """
    {key}, {others}, _deleted boolean, _change_id string, _position string, valid_from timestamp,
    valid_to timestamp, is_current boolean, run_id string
"""
_DISCREPANCY = """
    discrepancy_id string, dataset string, key string, {key}, status string, episode int, kind string,
    fault string, first_kind string, first_fault string, reason string, reason_detail string,
    suspect boolean, mismatched_columns array<string>, unknown_columns array<string>, why array<string>,
    events_row string, changes_row string, target_row string, lag_seconds bigint, as_of timestamp,
    first_seen_at timestamp, last_seen_at timestamp, resolved_at timestamp, times_seen int, grace_streak int,
    wait_streak int, waived_until timestamp, last_decision string, run_id string
"""


def _by_name(*specs: TableSpec) -> dict[str, TableSpec]:
    return {spec.name: spec for spec in specs}


OF_SOURCES = _by_name(
    TableSpec(
        INGESTED_FILES,
        """
        path string, etag string, size bigint, modified_at timestamp, listed_at timestamp, kind string,
        generation int, records bigint, accepted bigint, rejected bigint, status string, header string,
        error string, digest string, replayed bigint, batch bigint, run_id string
        """,
        INGESTED_FILES,
    ),
    TableSpec(
        RECORDS,
        """
        file string, etag string, row_number bigint, record string, accepted boolean, reasons array<string>,
        file_header string, arrived_at timestamp, batch bigint, run_id string
        """,
        RECORDS,
        skipped_by="file string, batch bigint",
    ),
    TableSpec(
        REJECTS,
        """
        leg string, file string, etag string, row_number bigint, record string, key string,
        reasons array<string>, batch bigint, run_id string
        """,
        "source_rejects",
    ),
)

OF_DATASETS = _by_name(
    TableSpec(EVENTS, _CHANGE, EVENTS, skipped_by="{key}, batch bigint"),
    TableSpec(CHANGES, _CHANGE, CHANGES, skipped_by="{key}, batch bigint"),
    # Two records that contradict, and the keys made suspect from which position.
    TableSpec(
        CONFLICTS,
        f"""
        conflict_id string, kind string, leg string, change_id string, key string,
        first {_RECORD_OF_CONFLICT}, other {_RECORD_OF_CONFLICT}, content string,
        keys array<struct<{{key_fields}}, position: string>>, stated_position string,
        occurred_at timestamp, batch bigint, run_id string
        """,
        CONFLICTS,
    ),
    # Records that cannot be mapped, with their reasons.
    TableSpec(
        REJECTS,
        """
        leg string, file string, etag string, row_number bigint, record string, key string,
        reasons array<string>, identity string, position string, occurred_at timestamp, batch bigint,
        run_id string
        """,
        REJECTS,
    ),
    # A key that a rejected record names, whoever rejected the record.
    TableSpec(
        REJECTED_KEYS,
        """
        leg string, file string, etag string, row_number bigint, key string, reasons array<string>,
        identity string, position string, occurred_at timestamp, leaves boolean, batch bigint, run_id string
        """,
        REJECTED_KEYS,
    ),
    # The dataset's columns, then what the fold knows of the key.
    TableSpec(EVENT_STATE, _STATE, EVENT_STATE, skipped_by="{key}"),
    TableSpec(CHANGE_STATE, _STATE, CHANGE_STATE, skipped_by="{key}"),
    # A version of a key's state, with when it holds.
    TableSpec(EVENT_HISTORY, _VERSION, EVENT_HISTORY),
    TableSpec(CHANGE_HISTORY, _VERSION, CHANGE_HISTORY),
    # A leg, or `total`, in one reconcile; control totals and reasons as JSON. `status`: `finished`, or
    # `failed` where a gate failed and nothing was moved on these counts.
    TableSpec(
        RECONCILIATIONS,
        """
        as_of timestamp, leg string, keys_seen bigint, matched bigint, discrepant bigint, pending bigint,
        unjudged bigint, out_of_scope bigint, control_totals string, reasons string, status string,
        run_id string
        """,
        RECONCILIATIONS,
    ),
    # A column, truth against the store, in one reconcile.
    TableSpec(
        COLUMN_STATISTICS,
        """
        as_of timestamp, column_name string, compared bigint, equal bigint, both_null bigint,
        null_left bigint, null_right bigint, different bigint, max_difference double,
        mean_difference double, run_id string
        """,
        COLUMN_STATISTICS,
    ),
    # One row a key that disagrees or once did.
    TableSpec(DISCREPANCIES, _DISCREPANCY, DISCREPANCIES),
    TableSpec(
        DISCREPANCY_HISTORY,
        """
        discrepancy_id string, episode int, kind string, fault string, status string, reason string,
        at timestamp, run_id string
        """,
        DISCREPANCY_HISTORY,
    ),
    # The keys that are discrepant now, with the unmasked rows to repair them from.
    TableSpec(
        VERDICTS,
        """
        discrepancy_id string, {key}, kind string, fault string, suspect boolean,
        truth struct<{values_fields}>, truth_unknown array<string>, other struct<{values_fields}>,
        other_unknown array<string>, copies bigint, later string, as_of timestamp, run_id string
        """,
        VERDICTS,
    ),
    # A repair through its life; rows as JSON.
    TableSpec(
        COMPENSATIONS,
        """
        compensation_id string, discrepancy_id string, episode int, dataset string, key string, {key},
        action string, row string, guard string, write string, rule string, reason string, status string,
        proposed_at timestamp, approved_at timestamp, approved_by string, published_at timestamp,
        applied_at timestamp, outcome string, attempts int, error string, confirmed_at timestamp,
        try_number int, run_id string
        """,
        COMPENSATIONS,
    ),
    TableSpec(
        DECISIONS,
        """
        decision_id string, subject_id string, decision string, decided_by string, reason string,
        decided_at timestamp, expires_at timestamp, run_id string
        """,
        DECISIONS,
    ),
    # What `discrepancies` would have become, had no gate failed.
    TableSpec(WITHHELD, _DISCREPANCY, None),
    # A stage of one run; versions as JSON.
    TableSpec(
        RUNS,
        """
        run_id string, dataset string, stage string, as_of timestamp, started_at timestamp,
        finished_at timestamp, status string, rows_in bigint, rows_out bigint, rows_rejected bigint,
        counts string, input_versions string, output_version string, mapping_digest string, error string
        """,
        RUNS,
        is_log=True,
    ),
    TableSpec(
        EXPECTATION_RESULTS,
        """
        run_id string, table_name string, table_version bigint, suite string, expectation string,
        column_name string, severity string, success boolean, observed string, unexpected_count bigint
        """,
        EXPECTATION_RESULTS,
        is_log=True,
    ),
)
