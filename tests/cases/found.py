"""A lake after a run -> what it holds, in the words of ``expected.yml``; read without Spark."""

import json
from pathlib import Path
from typing import Any

from tests.builders.delta import delta_rows
from tests.cases.expected import Key, Run, Verdict

_CLASSES = {"open": "discrepant"}
_NAMES = {"columns": "mismatched_columns", "unknown": "unknown_columns"}


def differences(lake: Path, dataset: str, outcome: dict[str, Any], expected: Run) -> list[str]:
    """Return what is not as expected, a line each."""
    folder = lake / dataset
    rejects = delta_rows(folder / "rejects") + [
        {**row, "leg": leg, "key": None}
        for leg in ("events", "changes")
        for row in delta_rows(lake / "sources" / f"{dataset}_{leg}" / "rejects")
    ]
    compared = {
        "counts": (_nonzero(outcome.get("counts", {})), _nonzero(expected.counts)),
        "conflicts": (
            [(row["kind"], row["leg"], _keys(row["keys"])) for row in delta_rows(folder / "conflicts")],
            [(one.kind, one.leg, _keys(one.keys)) for one in expected.conflicts],
        ),
        "repairs": _repairs(delta_rows(folder / "compensations"), expected),
    }
    found = [
        f"{what}: {_sorted(a)}, expected {_sorted(b)}"
        for what, (a, b) in compared.items()
        if _sorted(a) != _sorted(b)
    ]
    return [
        *found,
        *_verdicts(delta_rows(folder / "discrepancies"), expected),
        *_rejects(rejects, expected),
        *_unknown(outcome, expected),
        *_deliveries(delta_rows(folder / "runs"), outcome, expected),
    ]


def _verdicts(listed: list[dict[str, Any]], expected: Run) -> list[str]:
    """Every key that disagrees stands on both sides, and every field that a verdict names is equal."""
    held = {_text(json.loads(row["key"])): row for row in listed}
    wanted = {_text(one.key): one for one in expected.verdicts}
    if len(wanted) < len(expected.verdicts):
        return ["verdicts: a key is listed twice in expected.yml"]
    unlisted = {key: row for key, row in held.items() if key not in wanted}
    found = [f"verdicts: {key} is {_shown(row)}, and not expected" for key, row in unlisted.items()]
    for key, one in wanted.items():
        if key not in held:
            found.append(f"verdicts: {key} is not listed, expected {_said(one)}")
        elif (shown := _shown(held[key], one)) != _said(one):
            found.append(f"verdicts: {key} is {shown}, expected {_said(one)}")
    return found


def _shown(row: dict[str, Any], like: Verdict | None = None) -> dict[str, Any]:
    names = list(_said(like)) if like else ["class", "kind", "fault", "reason", "suspect"]
    taken = {name: row[_NAMES.get(name, name)] for name in names if name != "class"}
    lists = {name: sorted(value) if isinstance(value, list) else value for name, value in taken.items()}
    return {"class": _CLASSES.get(row["status"], row["status"]), **lists, "suspect": bool(row["suspect"])}


def _said(one: Verdict) -> dict[str, Any]:
    said = one.model_dump(exclude={"key"}, exclude_none=True, by_alias=True)
    return {name: sorted(value) if isinstance(value, list) else value for name, value in said.items()}


def _rejects(held: list[dict[str, Any]], expected: Run) -> list[str]:
    """Each rejected record is one that is expected, and no expectation is left over."""
    left, found = list(expected.rejects), []
    for row in held:
        key = json.loads(row["key"]) if row["key"] else None
        fits = [
            one
            for one in left
            if one.leg == row["leg"]
            and (None if one.key is None else _text(one.key)) == (None if key is None else _text(key))
            and any(one.reason in reason for reason in row["reasons"])
        ]
        if fits:
            left.remove(fits[0])
        else:
            found.append(f"rejects: {row['leg']} {key} {row['reasons']} is not expected")
    return found + [f"rejects: expected {one.model_dump()}" for one in left]


def _repairs(held: list[dict[str, Any]], expected: Run) -> tuple[list[Any], list[Any]]:
    rules = {_text(one.key): one.rule for one in expected.repairs}
    keys = [(_text(json.loads(row["key"])), row) for row in held]
    return (
        [(key, row["action"], row["status"], row["rule"] if rules.get(key) else None) for key, row in keys],
        [(_text(one.key), one.action, one.status, one.rule) for one in expected.repairs],
    )


def _deliveries(runs: list[dict[str, Any]], outcome: dict[str, Any], expected: Run) -> list[str]:
    if not expected.deliveries:
        return []
    of_run = [row for row in runs if row["run_id"] == outcome.get("run_id") and row["stage"] == "dedupe"]
    counts = json.loads(of_run[-1]["counts"]) if of_run else {}
    found = {
        leg: {name: counts.get(f"{leg}.{name}", 0) for name in wanted.model_dump()}
        for leg, wanted in expected.deliveries.items()
    }
    wanted = {leg: one.model_dump() for leg, one in expected.deliveries.items()}
    return [] if found == wanted else [f"deliveries: {found}, expected {wanted}"]


def _unknown(outcome: dict[str, Any], expected: Run) -> list[str]:
    """The fields that nothing reads, where the case names any."""
    found = outcome.get("unknown_fields")
    if expected.unknown is None or found == expected.unknown:
        return []
    return [f"unknown: {found}, expected {expected.unknown}"]


def _keys(keys: list[Key] | list[dict[str, Any]]) -> list[str]:
    return sorted(_text({name: part for name, part in key.items() if name != "position"}) for key in keys)


def _text(key: dict[str, Any]) -> str:
    shown = {name: str(v).lower() if isinstance(v, bool) else v for name, v in key.items()}
    texts = {name: v if v is None else str(v) for name, v in shown.items()}
    return json.dumps(texts, sort_keys=True)


def _nonzero(counts: dict[Any, int]) -> dict[Any, int]:
    return {name: n for name, n in counts.items() if n}


def _sorted(found: Any) -> Any:
    return sorted(found, key=repr) if isinstance(found, list) else found
