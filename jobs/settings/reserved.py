"""Names that Tieout's own tables use beside a dataset's columns, and so a dataset may not."""

# `event_state` and `change_state` hold every column of a dataset at top level.
COLUMNS = frozenset({"run_id"})

# So do `event_history` and `change_history`, where `history: true` asks for them.
HISTORY = frozenset({"valid_from", "valid_to", "is_current"})

_CHANGES = """
    change_id op values said adds reverts creates full position stated_position occurred_at sequence kind
    origin event_id identity content effect identity_hash place_hash
    record record_position source file etag row_number batch run_id
"""
_DISCREPANCIES = """
    discrepancy_id dataset key status episode kind fault first_kind first_fault reason reason_detail suspect
    mismatched_columns unknown_columns why events_row changes_row target_row lag_seconds as_of first_seen_at
    last_seen_at resolved_at times_seen grace_streak wait_streak waived_until last_decision run_id
"""
_VERDICTS = "truth truth_unknown other other_unknown copies later"
_COMPENSATIONS = """
    compensation_id discrepancy_id episode dataset key action row guard write rule reason status proposed_at
    approved_at approved_by published_at applied_at outcome attempts error confirmed_at try_number run_id
"""

# These tables hold the key columns at top level.
KEYS = frozenset(f"{_CHANGES} {_DISCREPANCIES} {_VERDICTS} {_COMPENSATIONS}".split())
