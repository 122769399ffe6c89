"""What a seeded history may contain."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """What a history may contain.

    `narrow` leaves the note out of the change log, so it covers less; `late_log` lets it begin at
    `histories.LOG_BEGINS`, with no load, so that it is ignorant of what did not change since. `added`: the
    note was added to the table while the log ran, so older files of it lack the column. `lone`: how many
    more keys there are of which a leg has but one record, of whatever sort.
    """

    keys: int = 4
    steps: int = 6
    adds: bool = True
    deletes: bool = True
    reverts: bool = True
    creates: bool = True
    since: bool = False
    duplicates: bool = True
    contradictions: bool = True
    ties: bool = True
    clock_skew: bool = True
    partial_images: bool = True
    load: bool = True
    reload: bool = False
    lost: bool = True
    rejects: bool = False
    narrow: bool = False
    late_log: bool = False
    damage: bool = True
    added: bool = False
    lone: int = 0
