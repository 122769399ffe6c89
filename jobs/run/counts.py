"""What stages count, a class a stage -> the flat figures by name that `runs` and `--json` have.

Here stand those that more than their own stage reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Self

from jobs.settings.dataset import LegName

_ABSENT, _UNKNOWN, _OTHERS, _AGAIN = "absent.", "unknown.", "unknown_others", "refused_again"
_LEGS: tuple[LegName, ...] = ("events", "changes")
_OF_RECORDS = ("accepted", "ignored", "rejected", "mapped")
_OF_CHANGES = ("unique", "made", "duplicate", "contradicted")
KEY_CLASSES = ("matched", "discrepant", "pending", "unjudged", "out_of_scope")
KEY_FIGURES = ("keys_seen", *KEY_CLASSES)
TOTAL = "total"
Fields = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class StageCounts:
    """The figures of a stage; as it stands here those of one that found nothing to do."""

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return asdict(self)

    @classmethod
    def total(cls, counts: Iterable[Self]) -> Self:
        """Return the sums of counts that are plain numbers, figure by figure."""
        each = list(counts)
        return cls(**{f.name: sum(getattr(one, f.name) for one in each) for f in fields(cls)})


@dataclass(frozen=True)
class IngestCounts(StageCounts):
    """Files taken in, and what they held: records = accepted + rejected."""

    files: int = 0
    records: int = 0
    accepted: int = 0
    rejected: int = 0
    unreadable: int = 0
    vanished: int = 0


@dataclass(frozen=True)
class UnknownFields:
    """The most frequent fields that nothing reads, with how many records have each; how many more."""

    named: Mapping[str, int] = field(default_factory=dict)
    others: int = 0


@dataclass(frozen=True)
class RecordCounts:
    """What a run made of a leg's accepted records, and of the changes that it made of them.

    `ignored`: other event types, other tables' records. `rejected`: they cannot be mapped; of these
    `refused_again` were refused before and are judged again (None: none were read again). `made` counts
    changes before deduplication; `contradicted` ones lost to another content of the same identity. `absent`:
    places of the mapping that none of so many changes had.
    """

    accepted: int = 0
    ignored: int = 0
    rejected: int = 0
    mapped: int = 0
    unique: int = 0
    made: int = 0
    duplicate: int = 0
    contradicted: int = 0
    absent: Mapping[str, int] = field(default_factory=dict)
    unknown: UnknownFields = field(default_factory=UnknownFields)
    refused_again: int | None = None

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return {
            **{name: getattr(self, name) for name in _OF_RECORDS},
            **{f"{_ABSENT}{place}": n for place, n in self.absent.items()},
            **{f"{_UNKNOWN}{name}": n for name, n in self.unknown.named.items()},
            **({_OTHERS: self.unknown.others} if self.unknown.others else {}),
            **({} if self.refused_again is None else {_AGAIN: self.refused_again}),
            **{name: getattr(self, name) for name in _OF_CHANGES},
        }

    @classmethod
    def from_dict(cls, counts: Mapping[str, int]) -> Self:
        """Read the figures back; one that an older Tieout did not count is 0."""
        return cls(
            **{name: counts.get(name, 0) for name in (*_OF_RECORDS, *_OF_CHANGES)},
            absent=_below(_ABSENT, counts),
            unknown=UnknownFields(_below(_UNKNOWN, counts), counts.get(_OTHERS, 0)),
            refused_again=counts.get(_AGAIN),
        )


@dataclass(frozen=True)
class DedupeCounts(StageCounts):
    """The counts of every leg that had new records."""

    legs: Mapping[LegName, RecordCounts] = field(default_factory=dict)

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name, each below its leg's."""
        return {
            f"{leg}.{name}": n for leg, counts in self.legs.items() for name, n in counts.as_dict().items()
        }

    @classmethod
    def from_dict(cls, counts: Mapping[str, int]) -> Self:
        """Read the figures back."""
        by_leg = {leg: _below(f"{leg}.", counts) for leg in _LEGS}
        return cls({leg: RecordCounts.from_dict(figures) for leg, figures in by_leg.items() if figures})

    @property
    def unknown_fields(self) -> Fields:
        """Field that nothing reads -> how many records have it, of each leg with any."""
        return {leg: counts.unknown.named for leg, counts in self.legs.items() if counts.unknown.named}

    @property
    def missing_fields(self) -> Fields:
        """Place of the mapping -> of how many changes none had it, of each leg with any."""
        return {leg: counts.absent for leg, counts in self.legs.items() if counts.absent}


@dataclass(frozen=True)
class KeyCounts(StageCounts):
    """Keys of one leg, or of all (`total`), by class (R14); control totals as exact text by measure."""

    leg: str
    keys_seen: int
    matched: int
    discrepant: int
    pending: int
    unjudged: int
    out_of_scope: int
    control_totals: Mapping[str, str | None] = field(default_factory=dict)

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return {name: getattr(self, name) for name in KEY_FIGURES}

    @property
    def adds_up(self) -> bool:
        """Whether the five classes make up the keys seen."""
        figures = self.as_dict()
        return self.keys_seen == sum(figures[name] for name in KEY_CLASSES)


def _below(prefix: str, counts: Mapping[str, int]) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in counts.items() if name.startswith(prefix)}
