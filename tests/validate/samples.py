"""For each suite rows that it has to accept and rows that it has to reject, with what each of them breaks."""

from datetime import datetime

from tests.validate.sample import Row, Sample, null

KEY = ("order_id", "line")
COLUMNS = ("order_id", "line", "note")
T0, T1 = datetime(2026, 11, 23), datetime(2026, 11, 24)
LATER_AT_T = '{"leg": "events", "occurred_at": "2026-11-23T00:00:00Z"}'
FILE = {"file": "raw/a.json", "etag": "e1", "row_number": 1, "batch": 1, "run_id": "r1"}
FILE_DDL = "file string, etag string, row_number bigint, batch bigint, run_id string"
CLASSES = ("keys_seen", "matched", "discrepant", "pending", "unjudged", "out_of_scope")

_PLACE = ("file", "row_number", "batch", "run_id")


def _canonical(kind: str, other: str) -> Sample:
    return Sample(
        schema=f"change_id string, order_id bigint, line int, op string, position string, source string, "
        f"occurred_at timestamp, reverts string, kind string, {FILE_DDL}",
        base={"change_id": "c", "order_id": 1, "line": 1, "op": "upsert", "position": "p", "source": "s",
              "occurred_at": T0, "reverts": None, "kind": kind, **FILE},
        good=({"op": "truncate", "order_id": None, "line": None}, {"line": None}, {"reverts": "c0"}),
        vary="change_id",
        bad=[*null("change_id", "position", "occurred_at", "source", "kind", *_PLACE),
             ({"op": None}, "not null op"), ({"op": "patch"}, "in set op"), ({"kind": other}, "in set kind"),
             ({"order_id": None, "line": None}, "holds names_a_key"),
             ({"op": "delete", "reverts": "c0"}, "holds reverts_alone")],
        repeated="unique repeated_changes",
    )  # fmt: skip


_STATE = Sample(
    schema="order_id bigint, line int, note string, _deleted boolean, _changed_at timestamp, "
    "_change_id string, _position string, _suspect boolean, _hash bigint",
    base={"order_id": 1, "line": 1, "note": "n", "_deleted": False, "_changed_at": T0, "_change_id": "c",
          "_position": "p", "_suspect": False, "_hash": 1},
    good=({"_deleted": True, "note": None, "_hash": None}, {"line": None}, {"order_id": None, "note": None}),
    vary="order_id",
    bad=[*null("_changed_at", "_change_id", "_position", "_suspect"),
         ({"_deleted": None}, "not null _deleted; holds rows_are_hashed; holds tombstones_are_empty"),
         ({"_deleted": True, "_hash": None}, "holds tombstones_are_empty"),
         ({"_deleted": True, "note": None}, "holds rows_are_hashed"),
         ({"_hash": None}, "holds rows_are_hashed"),
         ({"order_id": None, "line": None}, "holds names_a_key")],
    repeated="unique repeated_keys",
)  # fmt: skip

_HISTORY = Sample(
    schema="order_id bigint, line int, note string, _deleted boolean, _change_id string, _position string, "
    "valid_from timestamp, valid_to timestamp, is_current boolean, run_id string",
    base={"order_id": 1, "line": 1, "note": "n", "_deleted": False, "_change_id": "c", "_position": "p",
          "valid_from": T0, "valid_to": None, "is_current": True, "run_id": "r"},
    good=({"_deleted": True, "note": None}, {"line": None}, {"valid_to": T1, "is_current": False},
          {"valid_to": T0, "is_current": False}),
    vary="_position",
    bad=[*null("_change_id", "_position", "valid_from", "run_id"),
         ({"_deleted": None}, "not null _deleted; holds tombstones_are_empty"),
         ({"_deleted": True}, "holds tombstones_are_empty"),
         ({"is_current": None}, "holds the_last_does_not_end"),
         ({"valid_to": T1}, "holds the_last_does_not_end"),
         ({"valid_from": T1, "valid_to": T0, "is_current": False}, "holds time_goes_forward"),
         ({"order_id": None, "line": None}, "holds names_a_key")],
    repeated="unique repeated_versions",
)  # fmt: skip

_VERDICT: list[tuple[Row, str]] = [
    *null("discrepancy_id", "episode", "run_id"),
    ({"status": "closed"}, "in set status"),
    ({"kind": "odd"}, "in set kind"),
    ({"fault": "us"}, "in set fault"),
    ({"fault": None}, "holds verdict_is_whole"),
    ({"status": "waived", "kind": None}, "holds verdict_is_whole"),
    ({"episode": 0}, "at least episode"),
]

SAMPLES: dict[str, Sample] = {
    "ingested_files": Sample(
        schema="path string, etag string, listed_at timestamp, kind string, status string, records bigint, "
        "accepted bigint, rejected bigint, error string, batch bigint, run_id string",
        base={"path": "raw/a", "etag": "e", "listed_at": T0, "kind": "event", "status": "ingested",
              "records": 3, "accepted": 2, "rejected": 1, "error": None, "batch": 1, "run_id": "r"},
        good=({"status": "vanished", "records": None, "accepted": None, "rejected": None},
              {"status": "expired"}, {"status": "unreadable", "records": None, "error": "torn"}),
        vary="path",
        bad=[*null("path", "etag", "listed_at", "batch", "run_id", "kind"),
             ({"status": None}, "not null status; holds error_is_told"),
             ({"kind": "dump"}, "in set kind"), ({"status": "lost"}, "in set status"),
             ({"records": 4}, "holds records_add_up"), ({"records": None}, "holds records_add_up"),
             ({"accepted": 4, "rejected": -1}, "holds records_add_up"),
             ({"rejected": None}, "holds records_add_up"),
             ({"status": "unreadable"}, "holds error_is_told")],
        repeated="unique repeated_versions",
    ),
    "records": Sample(
        schema=f"{FILE_DDL}, record string, arrived_at timestamp",
        base={**FILE, "record": "{}", "arrived_at": T0},
        vary="row_number",
        bad=[*null("file", "etag", "row_number", "record", "arrived_at", "batch", "run_id"),
             ({"row_number": -1}, "at least row_number")],
        repeated="unique repeated_places",
    ),
    "source_rejects": Sample(
        schema=f"{FILE_DDL}, record string, leg string, reasons array<string>",
        base={**FILE, "record": "{", "leg": None, "reasons": ["torn"]},
        good=({"row_number": None, "record": None},),
        vary="row_number",
        bad=[*null("file", "batch", "run_id"), ({"etag": "e2", "row_number": None}, "holds place_is_told"),
             ({"leg": "events"}, "holds belongs_to_no_leg"),
             ({"reasons": []}, "holds reasons_are_given"), ({"reasons": None}, "holds reasons_are_given"),
             ({"reasons": [None]}, "holds reasons_are_given")],
        repeated="unique repeated_places",
    ),
    "rejects": Sample(
        schema=f"{FILE_DDL}, leg string, reasons array<string>",
        base={**FILE, "leg": "changes", "reasons": ["misfit"]},
        good=({"leg": "events"}, {"leg": "decisions"}, {"leg": "queue"}),
        vary="row_number",
        bad=[*null("leg", "file", "row_number", "batch", "run_id"), ({"leg": "target"}, "in set leg"),
             ({"reasons": []}, "holds reasons_are_given")],
        repeated="unique repeated_places",
    ),
    "rejected_keys": Sample(
        schema=f"{FILE_DDL}, leg string, key string, reasons array<string>, leaves boolean",
        base={**FILE, "leg": "changes", "key": "{}", "reasons": ["misfit"], "leaves": False},
        good=({"leg": "events"}, {"leaves": True}),
        vary="row_number",
        bad=[*null("leg", "file", "row_number", "key", "leaves", "batch", "run_id"),
             ({"leg": "queue"}, "in set leg"), ({"reasons": []}, "holds reasons_are_given")],
        repeated="unique repeated_keys",
    ),
    "events": _canonical("event", "load"),
    "changes": _canonical("load", "event"),
    "conflicts": Sample(
        schema="conflict_id string, kind string, leg string, first struct<file: string, row_number: bigint>, "
        "other struct<file: string, row_number: bigint>, keys array<string>, run_id string",
        base={"conflict_id": "x", "kind": "tie", "leg": "changes", "first": ("a", 1), "other": ("a", 2),
              "keys": ["k"], "run_id": "r"},
        good=({"kind": "contradiction", "leg": "events"},),
        vary="conflict_id",
        bad=[*null("conflict_id", "kind", "leg", "run_id"), ({"kind": "quarrel"}, "in set kind"),
             ({"leg": "target"}, "in set leg"), ({"other": None}, "holds both_sides_are_told"),
             ({"first": ("a", None)}, "holds both_sides_are_told"), ({"keys": []}, "holds concerns_keys")],
        repeated="unique repeated_conflicts",
    ),
    "event_state": _STATE,
    "change_state": _STATE,
    "event_history": _HISTORY,
    "change_history": _HISTORY,
    "reconciliations": Sample(
        schema="as_of timestamp, leg string, run_id string, " + ", ".join(f"{c} bigint" for c in CLASSES),
        base={"as_of": T0, "leg": "total", "run_id": "r", "keys_seen": 15, "matched": 5, "discrepant": 4,
              "pending": 3, "unjudged": 2, "out_of_scope": 1},
        good=({"leg": "events"}, {"leg": "target"}),
        vary="run_id",
        bad=[*null("as_of", "leg", "run_id"), ({"leg": "store"}, "in set leg"),
             ({"keys_seen": 16}, "holds classes_add_up"), ({"pending": None}, "holds classes_add_up"),
             ({"keys_seen": -1, "matched": -11}, "at least keys_seen; at least matched"),
             ({"discrepant": -1, "matched": 10}, "at least discrepant"),
             ({"pending": -1, "matched": 9}, "at least pending"),
             ({"unjudged": -1, "matched": 8}, "at least unjudged"),
             ({"out_of_scope": -1, "matched": 7}, "at least out_of_scope")],
        repeated="unique repeated_legs",
    ),
    "column_statistics": Sample(
        schema="column_name string, run_id string, compared bigint, equal bigint, both_null bigint, "
        "null_left bigint, null_right bigint, different bigint",
        base={"column_name": "amount", "run_id": "r", "compared": 9, "equal": 7,
              "both_null": 1, "null_left": 1, "null_right": 0, "different": 2},
        vary="run_id",
        bad=[*null("column_name", "run_id"), ({"different": 3}, "holds comparisons_add_up"),
             ({"both_null": 8}, "holds nulls_are_among_them"),
             ({"null_left": 10}, "holds nulls_are_among_them"),
             ({"compared": -1, "equal": -3, "both_null": -4, "null_left": -5, "null_right": -6},
              "at least compared; at least equal; at least both_null; "
              "at least null_left; at least null_right"),
             ({"equal": 10, "different": -1}, "at least different")],
        repeated="unique repeated_columns",
    ),
    "discrepancies": Sample(
        schema="discrepancy_id string, dataset string, key string, status string, episode int, kind string, "
        "fault string, reason string, mismatched_columns array<string>, lag_seconds bigint, as_of timestamp, "
        "first_seen_at timestamp, last_seen_at timestamp, resolved_at timestamp, run_id string",
        base={"discrepancy_id": "d", "dataset": "orders", "key": "{}", "status": "open", "episode": 1,
              "kind": "missing", "fault": "store", "reason": None, "mismatched_columns": None,
              "lag_seconds": None, "as_of": T1, "first_seen_at": T0, "last_seen_at": T1,
              "resolved_at": None, "run_id": "r"},
        good=({"status": "pending", "kind": None, "fault": None, "reason": "grace"},
              {"status": "unjudged", "reason": "orphan"}, {"status": "resolved", "resolved_at": T1},
              {"kind": "mismatch", "mismatched_columns": ["note"]}, {"kind": "stale", "lag_seconds": 60}),
        vary="discrepancy_id",
        bad=[*_VERDICT, *null("dataset", "key"),
             ({"status": None}, "not null status; holds excuse_is_named; holds resolution_is_dated"),
             ({"status": "pending"}, "holds excuse_is_named"),
             ({"status": "unjudged"}, "holds excuse_is_named"),
             ({"kind": "mismatch"}, "holds mismatch_names_columns"),
             ({"kind": "mismatch", "mismatched_columns": []}, "holds mismatch_names_columns"),
             ({"kind": "stale"}, "holds staleness_is_measured"),
             ({"status": "resolved"}, "holds resolution_is_dated"),
             ({"first_seen_at": T1, "last_seen_at": T0}, "holds seen_in_order"),
             ({"first_seen_at": None}, "holds seen_in_order")],
        repeated="unique repeated_discrepancies",
    ),
    "discrepancy_history": Sample(
        schema="discrepancy_id string, episode int, kind string, fault string, status string, reason string, "
        "at timestamp, run_id string",
        base={"discrepancy_id": "d", "episode": 1, "kind": "stale", "fault": "processor", "status": "open",
              "reason": None, "at": T0, "run_id": "r"},
        good=({"status": "resolved", "kind": None, "fault": None},),
        vary="discrepancy_id",
        bad=[*_VERDICT, *null("at", "status")],
        repeated="unique repeated_changes",
    ),
    "verdicts": Sample(
        schema="discrepancy_id string, kind string, fault string, suspect boolean, truth struct<a: string>, "
        "other struct<a: string>, copies bigint, later string, as_of timestamp, run_id string",
        base={"discrepancy_id": "d", "kind": "mismatch", "fault": "store", "suspect": False, "truth": ("n",),
              "other": None, "copies": 1, "later": None, "as_of": T0, "run_id": "r"},
        good=({"kind": "missing", "copies": 0}, {"truth": None}, {"kind": "duplicated", "copies": 2},
              {"later": '{"leg": "events", "occurred_at": "2026-11-23T00:00:00.000001Z"}'}),
        vary="discrepancy_id",
        bad=[*null("discrepancy_id", "kind", "fault", "suspect", "copies", "as_of", "run_id"),
             ({"kind": "odd"}, "in set kind"), ({"fault": "us"}, "in set fault"),
             ({"truth": None, "copies": 0}, "holds somebody_holds_it"),
             *(({"later": later}, "holds later_change_is_placed") for later in ("{}", LATER_AT_T)),
             ({"kind": "duplicated"}, "holds copies_are_counted")],
        repeated="unique repeated_verdicts",
    ),
    "compensations": Sample(
        schema="compensation_id string, discrepancy_id string, episode int, dataset string, key string, "
        "action string, row string, guard string, write string, rule string, reason string, status string, "
        "proposed_at timestamp, approved_at timestamp, approved_by string, published_at timestamp, "
        "applied_at timestamp, confirmed_at timestamp, try_number int, run_id string",
        base={"compensation_id": "k", "discrepancy_id": "d", "episode": 1, "dataset": "orders", "key": "{}",
              "action": "update", "row": "{}", "guard": "{}", "write": "{}", "rule": "policy[0]",
              "reason": None, "status": "applied", "proposed_at": T0, "approved_at": T0,
              "approved_by": "policy", "published_at": T0, "applied_at": T1, "confirmed_at": None,
              "try_number": 1, "run_id": "r"},
        good=({"status": "confirmed", "confirmed_at": T1}, {"action": "delete", "row": None, "write": None},
              {"action": "delete", "row": None}, {"action": "insert", "guard": "[]"},
              {"approved_by": "ann", "reason": "suspect"},
              {"status": "proposed", "approved_at": None, "approved_by": None, "published_at": None,
               "reason": "manual"}),
        vary="compensation_id",
        bad=[*null("compensation_id", "discrepancy_id", "dataset", "key", "guard", "rule", "run_id"),
             ({"action": None}, "not null action"), ({"action": "upsert"}, "in set action"),
             ({"status": None}, "not null status; holds life_is_dated"),
             ({"status": "done"}, "in set status"),
             ({"row": None}, "holds row_fits_action"), ({"episode": 0}, "at least episode"),
             ({"action": "delete"}, "holds row_fits_action"), ({"try_number": 0}, "at least try_number"),
             ({"write": None}, "holds write_fits_action"), ({"guard": "[]"}, "holds absence_is_guarded"),
             ({"action": "insert"}, "holds absence_is_guarded"),
             ({"reason": "suspect"}, "holds policy_gives_no_reason"),
             ({"status": "proposed"}, "holds waiting_has_a_reason"),
             ({"applied_at": None}, "holds life_is_dated"), ({"status": "confirmed"}, "holds life_is_dated"),
             ({"status": "approved", "approved_at": None}, "holds life_is_dated"),
             ({"approved_by": None}, "holds approval_is_signed")],
        repeated="unique repeated_compensations",
    ),
    "decisions": Sample(
        schema="decision_id string, subject_id string, decision string, decided_by string, "
        "decided_at timestamp, expires_at timestamp",
        base={"decision_id": "w", "subject_id": "d", "decision": "waive", "decided_by": "ann",
              "decided_at": T0, "expires_at": T1},
        good=({"expires_at": None},),
        vary="decision_id",
        bad=[*null("decision_id", "subject_id", "decision", "decided_by"),
             ({"decided_at": None}, "not null decided_at; holds ends_after_it_began"),
             ({"decision": "shrug"}, "in set decision"), ({"expires_at": T0}, "holds ends_after_it_began")],
        repeated="unique repeated_decisions",
    ),
    "runs": Sample(
        schema="run_id string, dataset string, stage string, status string, started_at timestamp, "
        "finished_at timestamp, rows_in bigint, rows_out bigint, rows_rejected bigint",
        base={"run_id": "r", "dataset": "orders", "stage": "state", "status": "finished", "started_at": T0,
              "finished_at": T1, "rows_in": 1, "rows_out": 1, "rows_rejected": 0},
        good=({"rows_in": None, "rows_rejected": None}, {"finished_at": None}),
        vary="run_id",
        bad=[*null("run_id", "dataset", "stage", "status"), ({"stage": "nap"}, "in set stage"),
             ({"status": "tired"}, "in set status"),
             ({"started_at": None}, "not null started_at; holds ends_after_it_began"),
             ({"started_at": T1, "finished_at": T0}, "holds ends_after_it_began"),
             ({"rows_out": -1}, "holds counts_are_counts")],
        repeated="unique repeated_stages",
    ),
    "expectation_results": Sample(
        schema="run_id string, table_name string, suite string, expectation string, column_name string, "
        "severity string, success boolean",
        base={"run_id": "r", "table_name": "events", "suite": "events", "expectation": "e",
              "column_name": "c", "severity": "critical", "success": True},
        good=({"column_name": None, "success": False},),
        vary="expectation",
        bad=[*null("table_name", "suite", "expectation", "severity", "success", "run_id"),
             ({"severity": "fatal"}, "in set severity")],
        repeated="unique repeated_results",
    ),
}  # fmt: skip
