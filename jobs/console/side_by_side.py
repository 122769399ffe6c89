"""Samples: a discrepancy's rows as JSON text -> its columns side by side, differing ones first to be kept."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jobs.console.cells import Cell, LegValue
from jobs.console.format import clipped, visible, windowed
from jobs.lake.vocabulary import SIDES, Side

CELLS = 40
_NO_ROW = LegValue("no row", "absent")
_UNKNOWN = LegValue("unknown", "unknown")
_NULL = LegValue("null", "null")
_SILENCE = (("unknown", ""),)
_NAMES = {"events": "events", "changes": "log", "target": "store"}
Rows = tuple[Mapping[str, Any], ...]
Copies = tuple[tuple[str, str], ...]


def key_text(key: str) -> str:
    """A key's JSON object as `order_id = 17, line = 2`."""
    parts = _loaded(key)
    return ", ".join(f"{clipped(name, 60)} = {clipped(_text(value), 80)}" for name, value in parts.items())


def cells_of(
    texts: Mapping[Side, str | None],
    key: str,
    mismatched: Collection[str],
    truth: Side,
    sides: Sequence[Side] = SIDES,
    unknown: Collection[str] = (),
    left_out: str | None = None,
) -> tuple[tuple[Cell, ...], int]:
    """The legs' rows as cells, and how many agreeing columns were left out beyond `CELLS`.

    `texts` holds a JSON object for each leg, a JSON array of them for a store that holds copies, or None
    for a leg without the row. A column differs if reconcile found it to, if only some of the legs hold a
    row, or if copies contradict each other. `unknown` names columns that one of the logs never stated (R13);
    a leg that is `left_out` knows none of them (R17). The key's own columns head the sample; they are left
    out where there are others.
    """
    rows = {side: _rows(texts.get(side)) for side in SIDES}
    uneven = len({bool(rows[side]) for side in sides if side != left_out}) > 1
    names = dict.fromkeys(name for side in sides for row in rows[side] for name in row)
    others = [name for name in names if name not in _loaded(key)] or list(names)
    cells = []
    for name in others:
        copies = {side: _copies(rows[side], name) for side in SIDES}
        known = _without_unknown(copies) if name in unknown else copies
        known = {side: _SILENCE if side == left_out else of_side for side, of_side in known.items()}
        cells.append(_cell(name, known, uneven or name in mismatched, truth, sides))
    return _limited(cells)


def beyond_truth(cells: Collection[Cell], truth: Side) -> dict[str, str]:
    """The other legs' values of differing columns that truth does not know, as `log GREEN, store NIGHT`."""
    statements = {cell.column: _beyond(cell, truth) for cell in cells}
    return {column: text for column, text in statements.items() if text}


def _beyond(cell: Cell, truth: Side) -> str:
    knowing = [side for side in SIDES if cell.of(side).form in ("value", "null")]
    if not cell.differs or truth in knowing or len(knowing) < 2 or cell.of(truth).form != "unknown":
        return ""
    return ", ".join(f"{_NAMES[side]} {clipped(cell.of(side).text, 60)}" for side in knowing)


def _limited(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], int]:
    """All that differ, and of the others as many as there is room for, in their order."""
    spare = max(0, CELLS - sum(cell.differs for cell in cells))
    agreeing = [cell.column for cell in cells if not cell.differs][:spare]
    chosen = [cell for cell in cells if cell.differs or cell.column in agreeing][:CELLS]
    return tuple(chosen), len(cells) - len(chosen)


def _copies(rows: Rows, name: str) -> Copies:
    return tuple(_raw(row, name) for row in rows)


def _without_unknown(copies: Mapping[Side, Copies]) -> dict[Side, Copies]:
    """A column that a log never stated is null in its row; the place of the null shows which log it was."""
    silent: Side = "changes" if copies["changes"] == (("null", ""),) else "events"
    marked = {**copies}
    if marked[silent] == (("null", ""),):
        marked[silent] = (("unknown", ""),)
    return marked


def _cell(
    name: str, copies: Mapping[Side, Copies], differs: bool, truth: Side, sides: Sequence[Side]
) -> Cell:
    torn = [side for side in sides if len(set(copies[side])) > 1]
    knowing = [side for side in (truth, *sides) if copies[side][:1] != _SILENCE]
    right = copies[knowing[0]][:1] if knowing else ()
    odd = tuple(side for side in sides if side in torn or (side in knowing and copies[side][:1] != right))
    values = dict(zip(SIDES, _leg_values([copies[side] for side in SIDES]), strict=True))
    differing = differs or bool(torn)
    return Cell(
        name, values["events"], values["changes"], values["target"], differing, odd if differing else ()
    )


def _leg_values(legs: Sequence[Copies]) -> list[LegValue]:
    """Each leg's value over its copies, all cut to one window."""
    texts = [text for copies in legs for form, text in copies if form == "value"]
    cut = dict(zip(texts, windowed(texts), strict=True)) if texts else {}
    return [_leg_value(copies, cut) for copies in legs]


def _leg_value(copies: Copies, cut: Mapping[str, str]) -> LegValue:
    if not copies:
        return _NO_ROW
    values = [_value(form, text, cut) for form, text in copies]
    if len(values) == 1:
        return values[0]
    if len(set(copies)) == 1:
        return LegValue(f"{values[0].text} (× {len(values)})", values[0].form)
    rest = f" | … {len(values) - 4} more" if len(values) > 4 else ""
    return LegValue(" | ".join(value.text for value in values[:4]) + rest)


def _value(form: str, text: str, cut: Mapping[str, str]) -> LegValue:
    if form == "value":
        return LegValue(visible(_quoted(cut[text])))
    return _NULL if form == "null" else _UNKNOWN


def _quoted(text: str) -> str:
    """Quotes round a text that would be taken for something else, or whose outer blanks would be lost."""
    return f'"{text}"' if text in ("", "null", "unknown", "no row") or text != text.strip() else text


def _raw(row: Mapping[str, Any], name: str) -> tuple[str, str]:
    if name not in row:
        return "unknown", ""
    return ("null", "") if row[name] is None else ("value", _text(row[name]))


def _rows(text: str | None) -> Rows:
    if text is None:
        return ()
    loaded = _loaded(text)
    return tuple(loaded) if isinstance(loaded, list) else (loaded,)


def _loaded(text: str) -> Any:
    # Numbers stay the text they are: a double would show another value than the one that was compared.
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "null" if value is None else json.dumps(value, ensure_ascii=False)
