"""Counts of a run and a dataset's gates -> whether too much is unjudged, rejected or gone (R18)."""

from decimal import Decimal

from jobs.validate.results import ExpectationResult

SUITE = "gate"
TARGET = "target"


def unjudged(count: int, keys_seen: int, percent: float, table_name: str, run_id: str) -> ExpectationResult:
    """Return whether at most `percent` of the keys seen are unjudged (R18, `gate.unjudged`)."""
    return _share("unjudged_keys_within_gate", count, keys_seen, "keys seen", percent, table_name, run_id)


def rejected(count: int, records: int, percent: float, table_name: str, run_id: str) -> ExpectationResult:
    """Return whether at most `percent` of the run's records were rejected (`gate.rejected`)."""
    return _share("rejected_records_within_gate", count, records, "records", percent, table_name, run_id)


def side_is_there(leg: str, seen: int, elsewhere: int, table_name: str, run_id: str) -> ExpectationResult:
    """Return whether a leg says anything where another one holds rows (R18).

    Args:
        leg: the side asked about.
        seen: keys that it has seen up to T; none of an empty or unreadable side.
        elsewhere: rows that another leg holds as of T, the most of any.
        table_name: the table to file the result under.
        run_id: the run to file it under.
    """
    observed = f"{seen} key(s) seen, {elsewhere} row(s) elsewhere"
    return _result("side_is_there", leg, seen > 0 or elsewhere == 0, observed, None, table_name, run_id)


def target_can_be_read(why_not: str | None, run_id: str) -> ExpectationResult:
    """Return whether the store could be read (R18); `why_not`: the sentence that ended the run."""
    return _result("target_can_be_read", None, why_not is None, why_not, None, TARGET, run_id)


def _share(
    expectation: str, count: int, of: int, what: str, percent: float, table_name: str, run_id: str
) -> ExpectationResult:
    # By multiplication and in decimals, so that exactly the limit still passes.
    within = Decimal(count) * 100 <= Decimal(str(percent)) * of
    observed = f"{count} of {of} {what}, at most {percent:g} % allowed"
    return _result(expectation, None, within, observed, count, table_name, run_id)


def _result(
    expectation: str,
    column: str | None,
    success: bool,
    observed: str | None,
    unexpected: int | None,
    table_name: str,
    run_id: str,
) -> ExpectationResult:
    return ExpectationResult(
        run_id=run_id,
        table_name=table_name,
        table_version=None,
        suite=SUITE,
        expectation=expectation,
        column_name=column,
        severity="critical",
        success=success,
        observed=observed,
        unexpected_count=unexpected,
    )
