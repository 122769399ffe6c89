"""Injection: a number of orders and a seed -> the files of a damaged shop, and the faults of which keys."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jobs.demo.accidents import ACCIDENTS, Accident, befallen
from jobs.demo.entity import Entity
from jobs.demo.faults import FAULTS, LINES, Fault
from jobs.demo.landing import Files, landed
from jobs.demo.life import AS_OF, Key, Life, order_of
from jobs.demo.shop import Shop, Table, open_shop, ordinary
from jobs.errors import ConfigError

SEED = 20_261_101
FEWEST = 1000  # fewer, and the keys that cannot be judged are more than the gate allows
ITEMIZED = 120  # orders whose events list their lines


@dataclass(frozen=True)
class Injected:
    """A fault and the keys that bear it."""

    fault: Fault
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Damaged:
    """A table with its faults, and all that has to be found in its dataset."""

    table: Table
    injected: tuple[Injected, ...]
    accidents: tuple[Accident, ...] = ()
    at: datetime = AS_OF  # the instant that is judged

    @property
    def entity(self) -> Entity:
        """The dataset."""
        return self.table.entity

    @property
    def approved(self) -> tuple[Key, ...]:
        """The keys whose repair a person approves: the first of a fault that the policy leaves to people."""
        return tuple(each.keys[0] for each in self.injected if each.fault.name == self.entity.approved)

    @property
    def classes(self) -> Counter[str]:
        """How many keys belong in each class, and how many are seen (R14)."""
        keys_seen = sum(_is_seen(life, self.at) for life in self.table.lives)
        counts = Counter({"keys_seen": keys_seen})
        for each in self.injected:
            counts[each.fault.expected.outcome] += len(each.keys)
        others = sum(counts[name] for name in ("discrepant", "unjudged", "pending", "out_of_scope"))
        return counts + Counter(matched=keys_seen - others - counts["matched"])

    @property
    def rejects(self) -> Counter[str]:
        """How many records each source and leg has to reject."""
        refused = [(each.fault.rejects, len(each.keys)) for each in self.injected]
        refused += [(accident.rejects, 1) for accident in self.accidents]
        counts: Counter[str] = Counter()
        for where, number in refused:
            counts.update({where: number} if where else {})
        return counts

    @property
    def conflicts(self) -> Counter[tuple[str, Key]]:
        """The conflicts that have to be listed, by kind and key."""
        torn = [(each.fault.conflict, each.keys) for each in self.injected]
        return Counter((kind, key) for kind, keys in torn if kind for key in keys)


@dataclass(frozen=True)
class DamagedShop:
    """A shop with its faults: all of its files, and what has to be found in each dataset."""

    shop: Shop
    orders: Damaged
    lines: Damaged

    @property
    def datasets(self) -> tuple[Damaged, ...]:
        """Each dataset, in the order in which they run."""
        return self.orders, self.lines

    @property
    def files(self) -> Files:
        """The files to read, accidents included."""
        return befallen(landed(self.shop))


def damaged(rows: int, seed: int = SEED) -> DamagedShop:
    """The shop of so many orders, with every fault injected into keys of its own.

    Raises:
        ConfigError: too few orders.
    """
    if rows < FEWEST:
        raise ConfigError(f"--rows {rows} is too few for all faults of the demo; say at least {FEWEST}.")
    shop = undamaged(rows, seed)
    orders, lines = shop.tables
    harmed = _injected(orders, FAULTS, ACCIDENTS), _injected(lines, LINES)
    return DamagedShop(replace(shop, tables=tuple(each.table for each in harmed)), *harmed)


def undamaged(rows: int, seed: int = SEED) -> Shop:
    """The same shop before anything went wrong: the orders that will bear faults come first."""
    rng = random.Random(seed)  # noqa: S311 (made-up data, the same every time)
    scripts = [fault.script for fault in FAULTS for _ in range(fault.keys)]
    itemized = range(len(scripts), len(scripts) + ITEMIZED)
    return open_shop(rng, scripts + ordinary(rng, rows - len(scripts)), itemized)


def _injected(table: Table, faults: Sequence[Fault], accidents: tuple[Accident, ...] = ()) -> Damaged:
    """Each fault befalls the first lives of its script whose order bears no other."""
    lives, injected, taken = {life.key: life for life in table.lives}, [], set[int]()
    for fault in faults:
        bearers: list[Key] = []
        for key, life in lives.items():
            order = order_of(key)
            if len(bearers) < fault.keys and life.script == fault.script and order not in taken:
                bearers.append(key)
                taken.add(order)
        lives |= {key: fault.damage(lives[key]) for key in bearers}
        injected.append(Injected(fault, tuple(sorted(bearers))))
    return Damaged(replace(table, lives=tuple(lives.values())), tuple(injected), accidents)


def _is_seen(life: Life, at: datetime) -> bool:
    """Whether any leg has the key at T: all of its events and changes may lie after T."""
    named = [*(event.time for event in life.events), *(each.commit for each in life.log)]
    return bool(life.store_rows) or any(instant <= at for instant in named)
