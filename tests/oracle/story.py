"""The story that most hand-written cases begin with: an order placed and paid, as both logs say it."""

from tests.oracle.build import cdc, changes_leg, event, events_leg, full
from tests.oracle.model import Leg, Row

PLACED = event(1, said=full("PLACED"), creates=True)
PAID = event(2, said={"status": "PAID"})
SAID = events_leg(PLACED, PAID)
LOGGED = changes_leg(cdc(1, said=full("PLACED")), cdc(2, said=full("PAID")))
ODD = full("ODD")


def log(*rows: Row) -> Leg:
    """A change log that says these rows of the key, one after the other."""
    return changes_leg(*(cdc(n, said=row) for n, row in enumerate(rows, 1)))
