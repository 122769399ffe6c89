"""Vocabulary: every closed word of Tieout's tables, and what it means to people."""

from typing import Literal

Side = Literal["events", "changes", "target"]
SIDES: tuple[Side, ...] = ("events", "changes", "target")
KINDS = ("missing", "undeleted", "unexpected", "duplicated", "stale", "mismatch")
FAULTS = ("store", "processor", "capture", "several", "unattributed")

KIND_MEANS = {
    "missing": "truth holds the key, the store does not",
    "undeleted": "truth deleted the key, the store still holds it",
    "unexpected": "the store holds a key that truth never held",
    "duplicated": "the store holds the key more than once",
    "stale": "the store holds what truth said earlier",
    "mismatch": "the store holds other values",
}
FAULT_MEANS = {
    "store": "events and change log agree: the store differs from its own log",
    "processor": "change log and store agree: the log shows what the events do not say",
    "capture": "events and store agree: the change log is wrong, there is nothing to repair in the store",
    "several": "no two legs agree",
    "unattributed": "only two legs know it, so none can be named",
}
STATUS_MEANS = {
    "pending": "in flight: disagreeing now, with a good reason to wait",
    "unjudged": "the evidence is incomplete, so nothing is said of them",
}
REASON_MEANS = {
    "grace": "it changed within the grace around T",
    "incomplete": "a leg may not have arrived up to T yet",
    "late": "the lagging leg catches up by a change already in hand, after T",
    "own_repair": "a repair was applied that the change log has not shown yet",
    "invalid_key": "a value of the store does not fit the key's column",
    "before_baseline": "a leg's record begins later than the key may have begun",
    "before_load": "T lies before the change log's first load ended, or no load is complete",
    "truncate_suspected": "all files of the change log are gone: was its table truncated or dropped?",
    "rejected_record": "a record of the key was refused",
    "orphan": "truth has events of the key, but not the one that created it",
    "overflow": "a sum does not fit its column",
    "sequence_gap": "a number of its sequence is missing",
    "damaged_leg": "a leg was empty, could not be read whole, or is being loaded again",
}
