"""Faults: nothing comes in -> all that the demo injects, and what each must be reported as.

The expectation is worked out from the rules of reconciliation (docs/rules.md, R1 to R28); comments say how.
E, C and S are what events, changes and store have of the key at T.
"""

from dataclasses import dataclass

from jobs.demo import lines, orders
from jobs.demo.damage import ROGUE_CENTS, Damage, both, change_log, events, none, processor, store
from jobs.demo.entity import EVENTS_SOURCE
from jobs.demo.expected import MATCHED, OUT_OF_SCOPE, Verdict, discrepant, pending, unjudged
from jobs.demo.life import Script

# Where rejects are counted: what a source cannot read, and what the dataset cannot map.
CHANGES_SOURCE, EVENTS_LEG, CHANGES_LEG = "orders_changes", "events", "changes"


@dataclass(frozen=True)
class Fault:
    """One kind of fault, injected into so many keys that live by its script."""

    name: str
    what: str
    keys: int
    script: Script
    damage: Damage
    expected: Verdict
    rejects: str | None = None  # each key's rejected record is counted there
    conflict: str | None = None  # each key has one conflict of this kind


# P placed, A adjusted, D paid, S shipped, C cancelled, Z archived; ends are minutes from T.
_LOST = -145  # inside the change file that is lost
_PAID, _SHIPPED, _CANCELLED = Script("PD"), Script("PADS"), Script("PADC")
_UNKNOWN = Script("")
_ALL_LOGGED = Script("PADS", (-900, -800, -700, -600))  # after the full load, so each change is in the log
_ONE_LOGGED, _TWO_LOGGED = Script("PADS", (-300,)), Script("PADS", (-400, -300))

# fmt: off
# At-least-once delivery, and what heals: no fault of these may be reported.
HARMLESS = (
    # R3: the same event again is a duplicate, wherever it comes.
    Fault("events_repeated", "events delivered twice", 6, _SHIPPED, events.twice, MATCHED),
    # R3: contents are compared as JSON, numbers by value.
    Fault("events_rewritten", "delivered again, written otherwise", 2,
          _SHIPPED, events.rewritten, MATCHED),
    # R8: the order of arrival never matters, and T looks at when it happened.
    Fault("events_reordered", "events delivered in reverse", 4, _ALL_LOGGED, events.backwards, MATCHED),
    Fault("event_late", "an event delivered ten hours late", 3,
          Script("PADS", (-600,)), events.late, MATCHED),
    # R12: what follows the end is an orphan and makes no row; the processor ignored it as well.
    Fault("event_after_end", "paid after it was cancelled", 2, Script("PACD"), none, MATCHED),
    # R3: one id, two contents; both say the same of every column, so the legs agree (R15).
    Fault("event_contradicted", "an event contradicted in no column", 2,
          _SHIPPED, events.otherwise, MATCHED, conflict="contradiction"),
    # R4: a tie; one adds, the other sets, so it is the same whichever counts first.
    Fault("event_tie", "two events of one version", 2, _SHIPPED, events.raced, MATCHED, conflict="tie"),
    # The source cannot read the copy; the event itself is there.
    Fault("event_copy_cut_off", "an event whole, and again cut off", 2,
          _SHIPPED, events.repeated_cut_off(1), MATCHED, rejects=EVENTS_SOURCE),
    # R4: equal rows of another file are the same changes again; R5: position is the order, not arrival.
    Fault("changes_repeated", "changes delivered twice", 5, _ALL_LOGGED, change_log.twice, MATCHED),
    Fault("changes_reordered", "changes delivered in reverse", 4, _ALL_LOGGED, change_log.backwards, MATCHED),
    # Refused; the full image after it says all columns, so the legs agree.
    Fault("change_corrupt_healed", "a corrupt change, then a good one", 2,
          _TWO_LOGGED, change_log.unparsable(-2), MATCHED, rejects=CHANGES_LEG),
    Fault("change_cut_off_healed", "a change cut off, then a good one", 1,
          _TWO_LOGGED, change_log.cut_off(-2), MATCHED, rejects=CHANGES_SOURCE),
    Fault("change_file_healed", "a change in the lost file, one after", 2,
          Script("PADS", (_LOST, -100)), none, MATCHED),
    # R21: off by no more than `absolute: 0.01`.
    Fault("cent_off", "off by the cent that is allowed", 2, _SHIPPED, store.more_by(1), MATCHED),
)

# R20 store: E = C, not S. No leg has a `since` and the log is fully loaded, so R17 excuses nothing.
STORE = (
    # R19 mismatch: the row equals no earlier state of truth.
    Fault("rogue_amount", "amount overwritten in the store", 3,
          _SHIPPED, store.more_by(ROGUE_CENTS), discrepant("mismatch", "store", "amount")),
    Fault("rogue_status", "status overwritten in the store", 2,
          _SHIPPED, store.overwritten(state="REFUNDED"), discrepant("mismatch", "store", "status")),
    Fault("rogue_note", "note overwritten in capitals", 2,
          _SHIPPED, store.shouted, discrepant("mismatch", "store", "note")),
    Fault("row_lost", "row deleted from the store", 3,
          _SHIPPED, store.nothing, discrepant("missing", "store")),
    # R19 unexpected: truth never had it.
    Fault("row_planted", "row planted in the store", 3,
          _UNKNOWN, store.planted(orders.ghost), discrepant("unexpected", "store")),
    # R19 undeleted: truth once held it; it comes before stale.
    Fault("row_undeleted", "cancelled order back in the store", 3,
          _CANCELLED, store.before(1), discrepant("undeleted", "store")),
    Fault("row_doubled", "row twice in the store", 2,
          _SHIPPED, store.doubled, discrepant("duplicated", "store")),
    Fault("row_doubled_old", "row beside its old self in the store", 1,
          _SHIPPED, store.beside_previous_row, discrepant("duplicated", "store")),
    # R19 stale: equals truth's state after an earlier change.
    Fault("row_restored", "row restored from an old backup", 4,
          _SHIPPED, store.before(2), discrepant("stale", "store")),
)

# R20 processor: C = S, not E.
PROCESSOR = (
    Fault("bug_double", "processor adds adjustments twice", 3,
          _SHIPPED, processor.adds_double, discrepant("mismatch", "processor", "amount")),
    # R19: the store equals truth's state after the payment.
    Fault("bug_order", "processor lets a late event overwrite", 3,
          _SHIPPED, processor.last_two_backwards, discrepant("stale", "processor")),
    Fault("bug_skipped", "processor skips the last event", 2,
          _SHIPPED, processor.skips_last, discrepant("stale", "processor")),
    # C and S agree that there is no row.
    Fault("bug_unwritten", "processor never writes the order", 2,
          _SHIPPED, processor.nothing, discrepant("missing", "processor")),
    Fault("bug_uncancelled", "processor ignores the cancellation", 2,
          _CANCELLED, processor.skips_last, discrepant("undeleted", "processor")),
    Fault("written_unasked", "order written that nobody placed", 2,
          _UNKNOWN, processor.unasked(orders.ghost), discrepant("unexpected", "processor")),
    # No event after it shows a gap (R17): to all that can be known, another writer shipped the order.
    Fault("event_lost_last", "last event lost", 2,
          _SHIPPED, events.without(-1), discrepant("mismatch", "processor", "status")),
    # R3: whichever stands first counts, and both are wrong; nothing later lifts the suspicion (R7).
    Fault("event_garbled_twice", "one event, two wrong contents", 1,
          _PAID, events.two_wrong_ways, discrepant("mismatch", "processor", "amount", suspect=True),
          conflict="contradiction"),
)

# R20 capture: E = S, not C; kind speaks of the log against truth (R19).
CAPTURE = (
    Fault("change_file_lost", "last change in the lost file", 4,
          Script("PADS", (_LOST,)), none, discrepant("stale", "capture")),
    Fault("birth_file_lost", "placed in the lost file", 3,
          Script("P", (_LOST,)), none, discrepant("missing", "capture")),
    Fault("end_file_lost", "cancelled in the lost file", 2,
          Script("PADC", (_LOST,)), none, discrepant("undeleted", "capture")),
    Fault("change_lost", "last change lost", 2,
          _ONE_LOGGED, change_log.without_last, discrepant("stale", "capture")),
    Fault("change_garbled", "logged with a hundred times the amount", 2,
          _ONE_LOGGED, change_log.hundredfold, discrepant("mismatch", "capture", "amount")),
)

# R20 several: no two agree.
SEVERAL = (
    Fault("bug_and_rogue", "processor bug, then overwritten", 2,
          _SHIPPED, both(processor.adds_double, store.more_by(ROGUE_CENTS)),
          discrepant("mismatch", "several", "amount")),
)

# R17: the legs disagree, and the evidence is incomplete. What is lost is an adjustment, which nothing heals.
UNJUDGED = (
    Fault("event_lost", "an event lost on the way", 2,
          _SHIPPED, events.without(1), unjudged("sequence_gap")),
    # R12: what is left is orphan; in the order of R17 that comes before sequence_gap.
    Fault("birth_lost", "OrderPlaced lost, the rest kept", 2,
          _SHIPPED, events.without(0), unjudged("orphan")),
    # R1, R7: refused, its key known; in the order of R17 that comes before sequence_gap.
    Fault("event_corrupt", "an event whose amount is no number", 2,
          _SHIPPED, events.unparsable(1), unjudged("rejected_record"), rejects=EVENTS_LEG),
    # Nobody can tell whose it was; the gap can be seen.
    Fault("event_cut_off", "an event cut off", 1,
          _SHIPPED, events.cut_off(1), unjudged("sequence_gap"), rejects=EVENTS_SOURCE),
    Fault("change_corrupt", "a change whose amount is no number", 2,
          _ONE_LOGGED, change_log.unparsable(-1), unjudged("rejected_record"), rejects=CHANGES_LEG),
)

# R16: the legs disagree, and something is in flight.
PENDING = (
    Fault("event_in_flight", "said just before T, done after", 3,
          Script("PADS", (-5,)), processor.at(4), pending("grace")),
    Fault("birth_in_flight", "placed just before T, done after", 2,
          Script("P", (-4,)), processor.at(3), pending("grace")),
    Fault("replica_behind", "snapshot lacks the last minute", 2,
          Script("PADS", (-1,)), store.before(1), pending("grace")),
    # Outside the grace on both sides; changes reach truth's state at T by one already in hand.
    Fault("processor_behind", "said two hours before T, done after", 2,
          Script("PADS", (-120,)), processor.at(40), pending("late")),
)

# R15: truth's row is ARCHIVED, which `scope` leaves out, and the store has none that says otherwise.
SCOPE = (
    Fault("archive_purged", "archived order purged", 3, Script("PDSZ"), processor.purged, OUT_OF_SCOPE),
)

# A line lives by the script of its order, whose other lines are right: nothing may touch them.
_SENT, _ENDED = Script("PDS"), Script("PC")
LINES = (
    Fault("line_overwritten", "quantity overwritten in the store", 2,
          _SENT, store.overwritten(quantity=99), discrepant("mismatch", "store", "quantity")),
    Fault("line_lost", "line deleted from the store", 2,
          _SENT, store.nothing, discrepant("missing", "store")),
    Fault("line_planted", "line planted in the store", 2,
          _UNKNOWN, store.planted(lines.ghost), discrepant("unexpected", "store")),
    Fault("line_undeleted", "line of a cancelled order back", 2,
          _ENDED, store.before(1), discrepant("undeleted", "store")),
    Fault("line_restored", "line restored from an old backup", 2,
          _SENT, store.before(1), discrepant("stale", "store")),
    Fault("line_unshipped", "processor skips a line's shipment", 2,
          _SENT, processor.skips_last, discrepant("stale", "processor")),
    Fault("line_change_lost", "last change of a line lost", 2,
          _SENT, change_log.without_last, discrepant("stale", "capture")),
)
# fmt: on

FAULTS: tuple[Fault, ...] = HARMLESS + STORE + PROCESSOR + CAPTURE + SEVERAL + UNJUDGED + PENDING + SCOPE
