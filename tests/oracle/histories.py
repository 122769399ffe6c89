"""A seed -> a small history: deliveries of both log legs and the store's rows, damaged on purpose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from tests.oracle.dedupe import canonical
from tests.oracle.features import Features
from tests.oracle.fold import replay
from tests.oracle.harm import Store, damaged, garbled, mixed, with_content
from tests.oracle.lone import with_lone_keys
from tests.oracle.model import Case, Change, Key, Leg, Row, Settings, Target

COLUMNS = ("status", "amount", "note")
STATUSES = ("PLACED", "PAID", "SENT")
LIMIT = Decimal("9999999999.99")
LOG_BEGINS = 200
T_ = TypeVar("T_")
shuffled = mixed


def history(seed: int, features: Features | None = None) -> Case:
    """One seeded case with three legs; the same seed and features give the same case."""
    rng, wanted = Random(seed), features or Features()
    T = 100 * wanted.steps * 2 // 3
    truthful = tuple(c for n in range(1, wanted.keys + 1) for c in _events_of(rng, (n,), wanted))
    ideal = replace(_events_leg(truthful, wanted), since=None)
    log, past = _processed(rng, ideal, wanted, T)
    told, refused = garbled(rng, truthful, wanted)
    changes = _changes_leg(tuple(log), wanted)
    rows = damaged(rng, past) if wanted.damage else list(past[-1].items())
    case = Case(
        T=T,
        target=Target(COLUMNS, tuple(rows)),
        events=replace(_events_leg(told, wanted), rejects=refused),
        changes=changes,
        settings=Settings(truth=rng.choice(("events", "events", "changes")), grace=rng.choice((0, 30))),
    )
    return with_lone_keys(case, wanted.lone, rng) if wanted.lone else case


def split(deliveries: Sequence[T_], parts: int, rng: Random) -> list[list[T_]]:
    """The same deliveries over several runs, some of which may bring none."""
    runs: list[list[T_]] = [[] for _ in range(parts)]
    for it in deliveries:
        rng.choice(runs).append(it)
    return runs


def repeated(changes: Sequence[Change], rng: Random, file: str = "zz-again") -> list[Change]:
    """Some deliveries once more: events under any file, changes as a whole file under a later name."""
    if changes and changes[0].event_id is not None:
        return [*changes, *(replace(c, file=file) for c in changes if rng.random() < 0.5)]
    again = rng.choice(sorted({c.file for c in changes})) if changes else ""
    return [*changes, *(replace(c, file=f"{file}-{c.file}") for c in changes if c.file == again)]


def _changes_leg(log: tuple[Change, ...], wanted: Features) -> Leg:
    columns = logged_columns(wanted)
    if wanted.late_log:
        log = tuple(change for change in log if change.occurred_at >= LOG_BEGINS)
        return Leg("changes", columns, log, any_creates=True, since=LOG_BEGINS)
    return Leg("changes", columns, log, any_creates=True, loaded_at=0 if wanted.load else None)


def _events_leg(changes: tuple[Change, ...], wanted: Features) -> Leg:
    return Leg(
        "events",
        COLUMNS,
        changes,
        defaults={"note": None},
        limits={"amount": (-LIMIT, LIMIT)},
        since=1 if wanted.since else None,
        any_creates=wanted.creates,
    )


def _events_of(rng: Random, key: Key, wanted: Features) -> list[Change]:
    """One key's events in order of version; with `since` some lived before, which nobody tells us."""
    made: list[Change] = []
    if wanted.since and rng.random() < 0.6:
        made.append(_event(rng, key, 0, 0, "place", made, wanted))
    for version in range(1, rng.randint(1, wanted.steps) + 1):
        at = 100 * version + rng.randint(0, 99) - (rng.choice((0, 0, 150)) if wanted.clock_skew else 0)
        what = "place" if not made else rng.choice(_verbs(wanted))
        made.append(_event(rng, key, version, max(at, 1), what, made, wanted))
    return made


def _verbs(wanted: Features) -> list[str]:
    verbs = ["patch", "patch", "place"]
    verbs += ["adjust", "adjust_set"] if wanted.adds else []
    verbs += ["cancel"] if wanted.deletes else []
    return verbs + (["revert"] if wanted.reverts else [])


def _event(
    rng: Random, key: Key, version: int, at: int, what: str, earlier: list[Change], wanted: Features
) -> Change:
    said: dict[str, Any] = {}
    adds: dict[str, Decimal] = {}
    if what == "place":
        said = {"status": "PLACED", "amount": _amount(rng)}
    if what == "patch":
        said = {"status": rng.choice(STATUSES)}
        said |= {"note": rng.choice(("a", "b", None))} if rng.random() < 0.5 else {}
    if what.startswith("adjust"):
        adds = {"amount": _amount(rng) - 50}
        said = {"amount": _amount(rng)} if what == "adjust_set" else {}
    named = rng.choice(earlier).event_id if what == "revert" and earlier else None
    lone = what == "revert" and named is None
    return with_content(
        Change(
            key=key,
            occurred_at=at,
            position=(version,),
            op="delete" if what == "cancel" or lone else "upsert",
            said=said,
            adds=adds,
            reverts=named,
            creates=wanted.creates and what == "place",
            event_id=f"{key[0]}-{version}",
            file=f"events-{rng.randint(1, 3)}",
            row=version,
            sequence=version,
        )
    )


def _amount(rng: Random) -> Decimal:
    return Decimal(rng.randint(0, 10000)) / 100


def _processed(rng: Random, ideal: Leg, wanted: Features, T: int) -> tuple[list[Change], list[Store]]:
    """What a processor that applies every event on time logs, and what it held after each instant up to T."""
    known = canonical(ideal)
    held: Store = {}
    past: list[Store] = [{}]
    log: list[Change] = []
    reload_at = T - 100 if wanted.reload else None
    for i, at in enumerate(sorted({c.occurred_at for c in ideal.changes})):
        if reload_at is not None and at >= reload_at:
            log += _reloaded(held, reload_at, wanted)
            reload_at = None
        for key in sorted({c.key for c in ideal.changes if c.occurred_at == at}):
            row = replay(ideal, known.of(key, at)).row
            change = _logged(rng, key, at, held.get(key), row, wanted)
            # R6: a change belongs to the last load begun at or before it.
            generation = 2 if wanted.reload and at >= T - 100 else 1
            place = replace(change, position=(generation, 1, i), file=f"changes-{i // 4:02d}", row=len(log))
            if at == 0:
                log += [replace(place, position=(1, 0), file="load-1", load=True)] if wanted.load else []
            elif change.content and not (wanted.lost and rng.random() < 0.06):
                log.append(place)
            held = {k: v for k, v in held.items() if k != key} | ({} if row is None else {key: row})
        if at <= T:
            past.append(held)
    return log, past


def _logged(rng: Random, key: Key, at: int, old: Row | None, new: Row | None, wanted: Features) -> Change:
    """The row an update of the store logs: I, U (full or what changed) or D; without content where none."""
    if new is None:
        return Change(key, at, (), op="delete", content="" if old is None else "D")
    partial = old is not None and wanted.partial_images and rng.random() < 0.4
    said = {c: v for c, v in new.items() if not partial or (old is not None and old[c] != v)}
    lacking = ("note",) if wanted.added and at < 100 * wanted.steps // 3 else ()
    said = {c: v for c, v in said.items() if c in logged_columns(wanted) and c not in lacking}
    content = json.dumps(["I" if old is None else "U", sorted(said.items())], default=str)
    content = "" if old == new or not said else content
    return Change(key, at, (), said=said, creates=old is None or not partial, content=content)


def logged_columns(wanted: Features) -> tuple[str, ...]:
    """The columns that the change log covers."""
    return COLUMNS[:2] if wanted.narrow else COLUMNS


def _reloaded(store: Store, at: int, wanted: Features) -> list[Change]:
    """R6: a second generation: a truncate, then a load row for each row the store held."""
    begin = Change((), at, (2, -1), op="truncate", load=True, content="T", file="load-2")
    rows = [(key, {c: row[c] for c in logged_columns(wanted)}) for key, row in sorted(store.items())]
    return [begin] + [
        Change(key, at, (2, 0), said=row, creates=True, load=True, content=str(row), file="load-2", row=n)
        for n, (key, row) in enumerate(rows, 1)
    ]
