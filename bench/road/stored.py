"""A trip that ingested, and where -> the trip, failed where its tables do not hold what was written."""

from dataclasses import replace
from pathlib import Path

from bench.road import by_hand
from bench.road.trips import Trip
from jobs.lake.tables import RECORDS
from jobs.storage.delta_query import query, table_at

_LINES = "select count(*) as stored from records"
_RECORDS = "select count(*) as stored, count(*) filter (where accepted) as accepted from records"


def checked_records(trip: Trip, place: Path, records: int) -> Trip:
    """Fail a trip of Tieout's where its lake does not hold so many records, all of them accepted."""
    if trip.failed:
        return trip
    tables = sorted((place / "lake" / "sources").glob(f"*/{RECORDS}"))
    each = [_counts(_RECORDS, table) for table in tables]
    stored, accepted = (sum(counts.get(name, 0) for counts in each) for name in ("stored", "accepted"))
    if stored == accepted == records:
        return trip
    wrong = f"Tieout stored {stored} records and accepted {accepted}, not the {records} that were written"
    return replace(trip, failed=wrong)


def checked_lines(trip: Trip, place: Path, records: int) -> Trip:
    """Fail a trip by hand where it did not store a line a record."""
    if trip.failed:
        return trip
    stored = _counts(_LINES, place / by_hand.OUT / by_hand.LINES).get("stored", 0)
    if stored == records:
        return trip
    return replace(trip, failed=f"by hand {stored} lines are stored, not the {records} that were written")


def _counts(sql: str, path: Path) -> dict[str, int]:
    """What a query counts in a table; nothing where there is none."""
    table = table_at(str(path), {})
    return query(sql, {"records": table})[0] if table else {}
