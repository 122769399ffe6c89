"""Verdicts: what was injected and what was found -> the two side by side, and false reports."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jobs.demo.entity import Entity
from jobs.demo.expected import MATCHED, Verdict
from jobs.demo.injection import Damaged, Injected
from jobs.demo.life import Key, key_text
from jobs.run.counts import KEY_FIGURES

UNLISTED = ("matched", "out_of_scope")  # such keys are counted, not listed; the counts distinguish the two


@dataclass(frozen=True)
class Findings:
    """What a run found: keys it lists, its counts, rejected records by where, conflicts by kind and key."""

    keys: Mapping[Key, Verdict]
    classes: Mapping[str, int]
    rejects: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[tuple[str, Key]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Line:
    """One injected fault, or one count, against what was found of it."""

    name: str
    what: str
    keys: tuple[Key, ...]
    expected: str
    actual: str

    @property
    def ok(self) -> bool:
        """Whether it was found as it had to be."""
        return self.expected == self.actual


@dataclass(frozen=True)
class Comparison:
    """Everything injected into a dataset, every count, and what was reported without being injected."""

    entity: Entity
    faults: tuple[Line, ...]
    counts: tuple[Line, ...]
    strays: Mapping[Key, Verdict]

    @property
    def ok(self) -> bool:
        """Whether all was found, as what it is, and nothing else."""
        return not self.strays and all(line.ok for line in (*self.faults, *self.counts))


def compare(damaged: Damaged, findings: Findings) -> Comparison:
    """Injected against found, key by key and count by count."""
    borne = {key for each in damaged.injected for key in each.keys}
    strays = {key: verdict for key, verdict in sorted(findings.keys.items()) if key not in borne}
    faults = [_fault(each, findings) for each in damaged.injected]
    lines = (*faults, *_accidents(damaged, strays))
    return Comparison(damaged.entity, lines, tuple(_counts(damaged, findings)), strays)


def _fault(injected: Injected, findings: Findings) -> Line:
    expected = injected.fault.expected
    absent = expected if expected.outcome in UNLISTED else MATCHED
    verdicts = Counter(str(findings.keys.get(key, absent)) for key in injected.keys)
    texts = [text if len(verdicts) == 1 else f"{number} {text}" for text, number in sorted(verdicts.items())]
    return Line(injected.fault.name, injected.fault.what, injected.keys, str(expected), "; ".join(texts))


def _accidents(damaged: Damaged, strays: Mapping[Key, Verdict]) -> list[Line]:
    """Repeated and unreadable records harm no key; keys that a lost file harms have lines of their own."""
    noun = damaged.entity.noun
    none = f"no other {noun}"
    actual = f"{len(strays)} other {noun}s" if strays else none
    return [Line(each.name, each.what, (), none, actual) for each in damaged.accidents]


def _counts(damaged: Damaged, findings: Findings) -> Iterable[Line]:
    yield _count(
        "classes",
        f"{damaged.entity.noun}s by class",
        _texts(KEY_FIGURES, damaged.classes),
        _texts(KEY_FIGURES, findings.classes),
    )
    places = sorted(damaged.rejects | findings.rejects)
    yield _count(
        "rejects", "records refused", _texts(places, damaged.rejects), _texts(places, findings.rejects)
    )
    for kind in sorted({kind for kind, _ in damaged.conflicts | findings.conflicts}):
        yield _count(kind, f"{kind}s", _keys(kind, damaged.conflicts), _keys(kind, findings.conflicts))


def _count(name: str, what: str, expected: str, actual: str) -> Line:
    return Line(name, what, (), expected, actual)


def _texts(names: Iterable[str], counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {counts.get(name, 0)}" for name in names) or "none"


def _keys(kind: str, conflicts: Counter[tuple[str, Key]]) -> str:
    """Each key with its number of conflicts, where that is not one."""
    of_kind = sorted((key, number) for (name, key), number in conflicts.items() if name == kind)
    return ", ".join(key_text(key) + (f" ({number}x)" if number > 1 else "") for key, number in of_kind)
