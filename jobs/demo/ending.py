"""Ending: the due and the actual end of every discrepancy -> the two side by side, before and after."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from jobs.demo.injection import Damaged
from jobs.demo.life import Key, key_text
from jobs.demo.repaired import Repaired
from jobs.demo.verdicts import Comparison, Line

REPAIRED, WAITS, LEFT = "repaired", "left to a person", "right in the store"
_STATUSES = {"confirmed": REPAIRED, "proposed": WAITS, "": LEFT}


@dataclass(frozen=True)
class Ending:
    """The second comparison, and the outcomes of the repairs by what was wrong."""

    comparison: Comparison
    repairs: tuple[Line, ...]

    @property
    def ok(self) -> bool:
        """Whether all that had to be repaired was, once, and nothing else was touched."""
        return self.comparison.ok and all(line.ok for line in self.repairs)


def ending(
    damaged: Damaged,
    after: Repaired,
    comparison: Comparison,
    statuses: Mapping[Key, str],
    changed: Collection[Key],
) -> Ending:
    """`statuses`: of each key's compensation; `changed`: the keys whose rows the consumer wrote."""
    lines = [
        Line(wrong, wrong, tuple(keys), _counted(_due(key, after) for key in keys), _outcomes(keys, statuses))
        for wrong, keys in _by_verdict(damaged).items()
    ]
    strays = sorted(set(statuses) - {key for each in damaged.injected for key in each.keys})
    lines.append(Line("strays", f"repairs of other {damaged.entity.noun}s", (), "none", _listed(strays)))
    due, done = sorted(after.confirmed), sorted(changed)
    lines.append(Line("touched", "rows changed in the store", tuple(due), _listed(due), _listed(done)))
    return Ending(comparison, tuple(lines))


def _by_verdict(damaged: Damaged) -> dict[str, list[Key]]:
    keys: dict[str, list[Key]] = defaultdict(list)
    for each in damaged.injected:
        expected = each.fault.expected
        if expected.outcome == "discrepant":
            suspect = " (suspect)" if expected.suspect else ""
            keys[f"{expected.kind}, {expected.fault}{suspect}"] += each.keys
    return {wrong: sorted(of_verdict) for wrong, of_verdict in keys.items()}


def _due(key: Key, after: Repaired) -> str:
    return REPAIRED if key in after.confirmed else WAITS if key in after.proposed else LEFT


def _outcomes(keys: Iterable[Key], statuses: Mapping[Key, str]) -> str:
    return _counted(_STATUSES.get(status := statuses.get(key, ""), status) for key in keys)


def _counted(texts: Iterable[str]) -> str:
    return "; ".join(f"{number} {text}" for text, number in sorted(Counter(texts).items()))


def _listed(keys: list[Key]) -> str:
    return ", ".join(map(key_text, keys)) or "none"
