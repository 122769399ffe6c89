"""Events: an undamaged life -> the same with events lost, repeated, moved, late, corrupt, contradicted."""

import json
import re
from dataclasses import replace
from datetime import timedelta

from jobs.demo.damage import Damage
from jobs.demo.life import AS_OF, Delivery, Event, Life
from jobs.demo.orders import in_cents

_MINUTE = timedelta(minutes=1)


def without(position: int) -> Damage:
    """An event that never arrives."""
    return lambda life: replace(life, deliveries=_others(life.deliveries, position))


def twice(life: Life) -> Life:
    """Every event again, three hours later."""
    return replace(life, deliveries=life.deliveries + tuple(_later(each, 180) for each in life.deliveries))


def rewritten(life: Life) -> Life:
    """Every event again, the attributes in another order and the amounts with more zeros."""
    copies = [Delivery(event.after(400, 900), _rewritten(event)) for event in life.events]
    return replace(life, deliveries=(*life.deliveries, *copies))


def backwards(life: Life) -> Life:
    """The events arrive in reverse, two hours apart."""
    end, count = life.deliveries[-1].arrival, len(life.deliveries)
    late = [
        replace(each, arrival=end + (count - n) * 120 * _MINUTE) for n, each in enumerate(life.deliveries)
    ]
    return replace(life, deliveries=tuple(late))


def late(life: Life) -> Life:
    """The last event arrives half an hour after T, though it happened long before."""
    return replace(
        life, deliveries=(*life.deliveries[:-1], replace(life.deliveries[-1], arrival=AS_OF + 30 * _MINUTE))
    )


def otherwise(life: Life) -> Life:
    """The first event arrives again under its id, with another value in a part that no column takes."""
    copy = Delivery(life.events[0].after(600, 900), life.events[0].record(channel="kiosk"))
    return replace(life, deliveries=(*life.deliveries, copy))


def two_wrong_ways(life: Life) -> Life:
    """The first event arrives twice under its id, each time with another wrong amount."""
    first = life.events[0]
    amount = in_cents(first.data["amount"])
    wrong = [first.record(amount=(amount + cents) / 100) for cents in (100_000, 200_000)]
    copies = [Delivery(first.after(20 + 600 * n, 30 + 600 * n), record) for n, record in enumerate(wrong)]
    return replace(life, deliveries=(*copies, *life.deliveries[1:]))


def raced(life: Life) -> Life:
    """The second and third event carry one version, as of two producers that did not wait for each other."""
    versions = [n - (n > 2) for n in range(1, len(life.events) + 1)]
    pairs = zip(life.deliveries, life.events, versions, strict=True)
    return replace(life, deliveries=tuple(replace(d, record=e.record(version=v)) for d, e, v in pairs))


def unparsable(position: int) -> Damage:
    """An adjustment whose amount is no number to a decimal column."""

    def damage(life: Life) -> Life:
        record = life.events[position].record(delta="12,50")
        misfitting = replace(life.deliveries[position], record=record)
        return replace(life, deliveries=(*_others(life.deliveries, position), misfitting))

    return damage


def cut_off(position: int) -> Damage:
    """An event cut off in its envelope, so that its key cannot be read."""
    return lambda life: replace(
        life, deliveries=(*_others(life.deliveries, position), _cut(life.deliveries[position]))
    )


def repeated_cut_off(position: int) -> Damage:
    """An event that arrives whole, and once more cut off."""
    return lambda life: replace(
        life, deliveries=(*life.deliveries, _cut(_later(life.deliveries[position], 20)))
    )


def _others(deliveries: tuple[Delivery, ...], position: int) -> tuple[Delivery, ...]:
    return tuple(each for n, each in enumerate(deliveries) if n != position % len(deliveries))


def _later(each: Delivery, minutes: int) -> Delivery:
    return replace(each, arrival=each.arrival + minutes * _MINUTE)


def _cut(each: Delivery) -> Delivery:
    return Delivery(each.arrival, each.record[: each.record.index('"time"') + 14], broken=True)


def _rewritten(event: Event) -> str:
    envelope = json.loads(event.record())
    turned = json.dumps(dict(reversed(envelope.items())), ensure_ascii=False)
    return re.sub(r'("(?:amount|delta)": -?\d+\.\d+)', r"\g<1>0", turned)
