"""Counts of a run and a dataset's gates -> whether too much is unjudged, rejected or gone (R18)."""

from collections.abc import Mapping
from decimal import Decimal

from jobs.lake.expectation_results import ExpectationResult
from jobs.run.freshness import Freshness
from jobs.settings.judging import Gate
from jobs.settings.mapped_paths import MappedPath

SUITE = "gate"
MAPPING = "mapping"
TARGET = "target"
_SIDES = {"events": "The events leg", "changes": "The changes leg", "target": "The target"}


def unjudged(
    reasons: Mapping[str, int], keys_seen: int, gate: Gate, next_command: str, table_name: str, run_id: str
) -> ExpectationResult:
    """Return whether at most `gate.unjudged` percent of the keys seen are unjudged (R18).

    Fewer than `gate.minimum` pass, whatever their percentage: of ten keys one is ten percent.

    Args:
        reasons: unjudged keys by reason.
        keys_seen: all keys.
        gate: what is allowed.
        next_command: lists the unjudged keys.
        table_name: the table to file the result under.
        run_id: the run to file it under.
    """
    count = sum(reasons.values())
    parts = ", ".join(f"{keys:,} {reason}" for reason, keys in sorted(reasons.items(), key=_most))
    sentence = (
        f"{count:,} of {keys_seen:,} keys cannot be judged ({parts}): `{next_command}`; "
        "if that is expected, raise gate.unjudged."
    )
    shares = (count, keys_seen, "keys seen", gate.unjudged, gate.minimum)
    return _share("unjudged_keys_within_gate", *shares, sentence, table_name, run_id)


def rejected(count: int, records: int, gate: Gate, table_name: str, run_id: str) -> ExpectationResult:
    """Return whether at most `gate.rejected` percent of the run's records were rejected."""
    sentence = (
        f"{count:,} of {records:,} records were rejected on the way to {table_name}: the page of the run and "
        "the table `rejects` name the reasons; mend the mapping or the source, or, if that is expected, "
        "raise gate.rejected."
    )
    shares = (count, records, "records", gate.rejected, 0)
    return _share("rejected_records_within_gate", *shares, sentence, table_name, run_id)


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
    sentence = (
        f"{_SIDES.get(leg, leg)} holds no row as of T, where another leg holds {elsewhere:,}: "
        "look at how it was written, write it again, and run again."
    )
    there = seen > 0 or elsewhere == 0
    return ExpectationResult.of_counts(
        SUITE, "side_is_there", there, observed,
        table_name=table_name, run_id=run_id, column=leg, sentence=sentence,
    )  # fmt: skip


def log_is_there(source: str, table_name: str, run_id: str) -> ExpectationResult:
    """Return that no file of the change log is there that was read once: a warning."""
    sentence = (
        f"Every file of {source} that was read is gone: its table may have been truncated or dropped, and "
        "keys that disagree are not judged; load it again, or, if the files were moved away, say so by "
        "`emptied: archived` of the source."
    )
    return ExpectationResult.of_counts(
        SUITE, "log_is_there", False, sentence,
        table_name=table_name, run_id=run_id, column="changes", severity="warning", sentence=sentence,
    )  # fmt: skip


def target_can_be_read(why_not: str | None, run_id: str) -> ExpectationResult:
    """Return whether the store could be read (R18); `why_not`: the sentence that says why it could not."""
    return ExpectationResult.of_counts(
        SUITE,
        "target_can_be_read",
        why_not is None,
        why_not,
        table_name=TARGET,
        run_id=run_id,
        sentence=why_not,
    )


def target_is_fresh(freshness: Freshness, table_name: str, run_id: str) -> ExpectationResult:
    """Return whether the newest snapshot is no older than `gate.max_age` allows."""
    return ExpectationResult.of_counts(
        SUITE, "target_is_fresh", not freshness.is_stale, freshness.clause,
        table_name=table_name, run_id=run_id, column=TARGET, sentence=freshness.sentence,
    )  # fmt: skip


def path_is_found(path: MappedPath, looked_at: int, table_name: str, run_id: str) -> ExpectationResult:
    """Return that no record of a batch had a path of the mapping: a warning, for it may be right."""
    observed = f"none of {looked_at} changes has {path.path} ({path.place})"
    return ExpectationResult.of_counts(
        MAPPING, "mapped_path_is_found", False, observed,
        table_name=table_name, run_id=run_id, unexpected=looked_at, column=path.column or None,
        severity="warning",
    )  # fmt: skip


def _share(
    expectation: str,
    count: int,
    of: int,
    what: str,
    percent: float,
    minimum: int,
    sentence: str,
    table_name: str,
    run_id: str,
) -> ExpectationResult:
    # By multiplication and in decimals, so that exactly the limit still passes.
    within = Decimal(count) * 100 <= Decimal(str(percent)) * of
    observed = f"{count} of {of} {what}, at most {percent:g} % allowed"
    passes = within or count < minimum
    if passes and not within:
        observed += f", fewer than {minimum} stop nothing"
    return ExpectationResult.of_counts(
        SUITE, expectation, passes, observed,
        table_name=table_name, run_id=run_id, unexpected=count, sentence=sentence,
    )  # fmt: skip


def _most(count: tuple[str, int]) -> tuple[int, str]:
    return -count[1], count[0]
