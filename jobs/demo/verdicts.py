"""Verdicts: what was injected and what was found -> the two side by side, and what is too much."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jobs.demo.accidents import ACCIDENTS
from jobs.demo.expected import MATCHED, Verdict
from jobs.demo.injection import Damaged, Injected

UNLISTED = ("matched", "out_of_scope")  # such keys are counted, not listed; the counts tell the two apart


@dataclass(frozen=True)
class Found:
    """What a run found: keys it lists, its counts, rejected records by where, conflicts by kind and key."""

    keys: Mapping[int, Verdict]
    classes: Mapping[str, int]
    rejects: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[tuple[str, int]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Line:
    """One injected fault, or one count, against what was found of it."""

    name: str
    what: str
    keys: tuple[int, ...]
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        """Whether it was found as it had to be."""
        return self.expected == self.found


@dataclass(frozen=True)
class Comparison:
    """Everything injected, every count, and what was reported that nobody injected."""

    faults: tuple[Line, ...]
    counts: tuple[Line, ...]
    strays: Mapping[int, Verdict]

    @property
    def ok(self) -> bool:
        """Whether all was found, as what it is, and nothing else."""
        return not self.strays and all(line.ok for line in (*self.faults, *self.counts))


def compare(shop: Damaged, found: Found) -> Comparison:
    """Injected against found, key by key and count by count."""
    borne = {key for each in shop.injected for key in each.keys}
    strays = {key: verdict for key, verdict in sorted(found.keys.items()) if key not in borne}
    faults = [_fault(each, found) for each in shop.injected]
    return Comparison((*faults, *_accidents(strays)), tuple(_counts(shop, found)), strays)


def _fault(injected: Injected, found: Found) -> Line:
    expected = injected.fault.expected
    absent = expected if expected.outcome in UNLISTED else MATCHED
    verdicts = Counter(str(found.keys.get(key, absent)) for key in injected.keys)
    texts = [text if len(verdicts) == 1 else f"{number} {text}" for text, number in sorted(verdicts.items())]
    return Line(injected.fault.name, injected.fault.what, injected.keys, str(expected), "; ".join(texts))


def _accidents(strays: Mapping[int, Verdict]) -> list[Line]:
    """A repeated or unreadable record harms nobody, and whom a lost file harms stands in lines of its own."""
    found = f"{len(strays)} other orders" if strays else "no other order"
    return [Line(each.name, each.what, (), "no other order", found) for each in ACCIDENTS]


def _counts(shop: Damaged, found: Found) -> Iterable[Line]:
    names = ("keys_seen", "matched", "discrepant", "pending", "unjudged", "out_of_scope")
    yield _count("classes", "orders by class", _texts(names, shop.classes), _texts(names, found.classes))
    places = sorted(shop.rejects | found.rejects)
    yield _count("rejects", "records refused", _texts(places, shop.rejects), _texts(places, found.rejects))
    for kind in sorted({kind for kind, _ in shop.conflicts | found.conflicts}):
        yield _count(kind, f"{kind}s", _keys(kind, shop.conflicts), _keys(kind, found.conflicts))


def _count(name: str, what: str, expected: str, found: str) -> Line:
    return Line(name, what, (), expected, found)


def _texts(names: Iterable[str], counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {counts.get(name, 0)}" for name in names)


def _keys(kind: str, conflicts: Counter[tuple[str, int]]) -> str:
    """Each key with its number of conflicts, where that is not one."""
    of_kind = sorted((key, number) for (held, key), number in conflicts.items() if held == kind)
    return ", ".join(f"{key}" if number == 1 else f"{key} ({number}x)" for key, number in of_kind)
