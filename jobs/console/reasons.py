"""Reasons: why a key is not judged, or judged by two legs alone -> a sentence that names legs and numbers."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from jobs.console.format import clipped, counted, number
from jobs.lake.vocabulary import REASON_MEANS

Detail = Mapping[str, Any]

LEGS = {"events": "the events", "changes": "the change log", "target": "the store"}
_LEG_MEANS = {
    "rejected_record": "a record of the key was refused on {legs}",
    "overflow": "a sum of {legs} does not fit its column",
    "damaged_leg": "{legs} was empty, could not be read whole, or is being loaded again, and what is there "
    "agrees with no other leg",
}
_LISTED_GAPS = 3


def because(reason: str | None, detail: str | None) -> str:
    """The reason of a key in words: by its detail (`reason_detail`), else what it means of any key.

    Of a discrepant key, from whose judgement a leg was left out: which legs disagree.
    """
    if two := of_two(detail, "disagree"):
        return two
    loaded = _loaded(detail)
    legs: Sequence[Detail] = loaded.get("legs") or ()
    if reason == "invalid_key" and loaded:
        return f"the store holds {' and '.join(map(_invalid, loaded['columns']))}"
    if reason == "before_baseline" and legs:
        return f"{' and '.join(map(_begins, legs))}; this key may be older"
    if reason == "sequence_gap" and legs:
        return "; ".join(map(_missing, legs))
    if reason in _LEG_MEANS and legs:
        return _LEG_MEANS[reason].format(legs=" and ".join(LEGS[each["leg"]] for each in legs))
    return REASON_MEANS.get(reason or "", "")


def of_two(detail: str | None, verb: str) -> str:
    """Which two legs agree or disagree, and why the third was left out; empty where none was."""
    loaded = _loaded(detail)
    if "left_out" not in loaded:
        return ""
    pair = [name.removeprefix("the ") for leg, name in LEGS.items() if leg != loaded["left_out"]]
    return f"{pair[0]} and {pair[1]} {verb}; {_begins({'leg': loaded['left_out'], **loaded})}"


def left_out(detail: str | None) -> str | None:
    """The leg that was left out of a key's judgement, None where none was."""
    leg = _loaded(detail).get("left_out")
    return None if leg is None else str(leg)


def standing_in(leg: str) -> str:
    """The leg that is truth for a key from whose judgement this one was left out."""
    return "changes" if leg == "events" else "events"


def _invalid(each: Detail) -> str:
    return f"a value of {each['column']} that is no {each['type']}"


def _begins(leg: Detail) -> str:
    name = LEGS[leg["leg"]]
    if leg.get("loaded") is False:
        return f"{name} has no full load, and begins at {_instant(leg['since'])}"
    verb = "speak" if leg["leg"] == "events" else "speaks"
    return f"{name} {verb} from {_instant(leg['since'])} on"


def _missing(leg: Detail) -> str:
    gaps, missing = leg["gaps"], leg["missing"]
    verb = "is" if missing == 1 else "are"
    more = (
        ", and more" if missing > sum(gap["last"] - gap["first"] + 1 for gap in gaps[:_LISTED_GAPS]) else ""
    )
    gap_texts = ", ".join(map(_gap, gaps[:_LISTED_GAPS]))
    return f"{counted(missing, 'number')} {verb} missing on {LEGS[leg['leg']]}: {gap_texts}{more}"


def _gap(gap: Detail) -> str:
    first, last = gap["first"], gap["last"]
    numbers = number(first) if first == last else f"{number(first)} to {number(last)}"
    return f"{numbers} between {_place(gap['after'])} and {_place(gap['before'])}"


def _place(neighbour: Detail) -> str:
    file = clipped(str(neighbour["file"]).rsplit("/", 1)[-1])
    return f"{_instant(neighbour['occurred_at'])} ({file}:{neighbour['row_number']})"


def _instant(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(UTC)
    seconds = f"{at:%H:%M:%S}".removesuffix(":00")
    return f"{at:%Y-%m-%d}" if seconds == "00:00" else f"{at:%Y-%m-%d} {seconds}"


def _loaded(detail: str | None) -> Detail:
    loaded: Detail = json.loads(detail) if detail else {}
    return loaded
