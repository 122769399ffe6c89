"""Injection: a number of orders and a seed -> the files of a damaged shop, and which keys bear what fault."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from jobs.demo.accidents import ACCIDENTS, befallen
from jobs.demo.faults import FAULTS, Fault
from jobs.demo.landing import Files, landed
from jobs.demo.life import AS_OF, Life
from jobs.demo.shop import Shop, open_shop, ordinary
from jobs.errors import ConfigError

SEED = 20_261_101
FEWEST = 1000  # fewer, and the keys that cannot be judged are more than the gate allows


@dataclass(frozen=True)
class Injected:
    """A fault and the orders that bear it."""

    fault: Fault
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Damaged:
    """A shop with its faults, and all that has to be found in it."""

    shop: Shop
    injected: tuple[Injected, ...]
    at: datetime = AS_OF  # the instant that is judged

    @property
    def files(self) -> Files:
        """The files to read, accidents included."""
        return befallen(landed(self.shop))

    @property
    def classes(self) -> Counter[str]:
        """How many keys belong in each class, and how many are seen (R14)."""
        seen = sum(_is_seen(life, self.at) for life in self.shop.lives)
        counts = Counter({"keys_seen": seen})
        for each in self.injected:
            counts[each.fault.expected.outcome] += len(each.keys)
        others = sum(counts[name] for name in ("discrepant", "unjudged", "pending", "out_of_scope"))
        return counts + Counter(matched=seen - others - counts["matched"])

    @property
    def rejects(self) -> Counter[str]:
        """How many records each source and leg has to refuse."""
        said = [(each.fault.rejects, len(each.keys)) for each in self.injected]
        said += [(accident.rejects, 1) for accident in ACCIDENTS]
        counts: Counter[str] = Counter()
        for where, number in said:
            counts.update({where: number} if where else {})
        return counts

    @property
    def conflicts(self) -> Counter[tuple[str, int]]:
        """The conflicts that have to be listed, by kind and key."""
        torn = [(each.fault.conflict, each.keys) for each in self.injected]
        return Counter((kind, key) for kind, keys in torn if kind for key in keys)


def damaged(rows: int, seed: int = SEED) -> Damaged:
    """The shop of so many orders, with every fault injected into orders of its own.

    Raises:
        ConfigError: too few orders.
    """
    if rows < FEWEST:
        raise ConfigError(f"--rows {rows} is too few for all faults of the demo; say at least {FEWEST}.")
    shop = undamaged(rows, seed)
    lives, injected, taken = list(shop.lives), [], 0
    for fault in FAULTS:
        bearers = range(taken, taken + fault.keys)
        for n in bearers:
            lives[n] = fault.damage(lives[n])
        injected.append(Injected(fault, tuple(sorted(lives[n].key for n in bearers))))
        taken += fault.keys
    return Damaged(replace(shop, lives=tuple(lives)), tuple(injected))


def undamaged(rows: int, seed: int = SEED) -> Shop:
    """The same shop before anything went wrong: the orders that will bear faults come first."""
    rng = random.Random(seed)  # noqa: S311 (made-up data, the same every time)
    scripts = [fault.script for fault in FAULTS for _ in range(fault.keys)]
    return open_shop(rng, scripts + ordinary(rng, rows - len(scripts)))


def _is_seen(life: Life, at: datetime) -> bool:
    """Whether any leg has the order at T: all that is said or logged of it may lie after T."""
    named = [*(event.time for event in life.events), *(each.commit for each in life.log)]
    return bool(life.held) or any(instant <= at for instant in named)
