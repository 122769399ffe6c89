"""The entries of an events leg, numbered -> those that are mapped together, in one pass, and the others."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jobs.settings import Entry, EventsLeg


@dataclass(frozen=True)
class Numbered:
    """An entry with its type of event, and its number among all entries of the leg."""

    kind: str
    number: int
    entry: Entry

    def key_alone(self) -> "Numbered":
        """The entry as far as it says which key it is of, and where that belongs in the order."""
        return replace(self, entry=self.entry.model_copy(update={"set": {}, "add": {}, "revert": None}))


def numbered(leg: EventsLeg) -> list[Numbered]:
    """Return all entries of the leg."""
    return [Numbered(kind, number, entry) for number, (kind, _, entry) in enumerate(leg.entries)]


def apart(entries: Sequence[Numbered]) -> tuple[list[Numbered], list[Numbered]]:
    """Return those that make the one change of a record of their type, which go together; and the others."""
    kinds = Counter(one.kind for one in entries)
    lone = [one for one in entries if kinds[one.kind] == 1 and one.entry.each is None]
    return lone, [one for one in entries if one not in lone]
