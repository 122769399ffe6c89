"""Files of a change log, loads written again among them -> its changes as R6 places them, in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.oracle.model import Change, Leg

COLUMNS = ("state", "amount")
KEYS = range(1, 9)


@dataclass(frozen=True)
class Line:
    """A row of a file: of a load or of the log."""

    op: str
    at: int
    seq: int
    key: int
    state: str
    amount: int


@dataclass(frozen=True)
class File:
    """A version of a file; the same name may be written again."""

    name: str
    written: int
    lines: tuple[Line, ...]

    @property
    def is_load(self) -> bool:
        """Whether it is of a full load."""
        return self.name.startswith("LOAD")


def reloaded_history(seed: int) -> list[list[File]]:
    """The files that come with each of five runs: a table loaded, changed, and loaded again twice.

    The third run brings a reload that no log shows to be complete yet. Every log loses changes, which the
    loads know of; some rows come late, and some files again under another name.
    """
    dice = Random(seed)
    table: dict[int, tuple[str, int]] = {key: ("A", key) for key in KEYS if dice.random() < 0.7}
    log: list[Line] = []
    runs: list[list[File]] = []
    for run, begins in enumerate(range(100, 600, 100)):
        files = _load(table, begins, run, dice) if run in (0, 2, 4) else []
        log += [line for line in _worked(table, begins, dice) if dice.random() < 0.8]
        told = [line for line in log if dice.random() < 0.6]
        log = [line for line in log if line not in told]
        if run != 2:
            files.append(File(f"{begins}.csv", begins + 90, tuple(told)))
            files += [replace(files[-1], name=f"again-{begins}.csv")] if dice.random() < 0.5 else []
        else:
            log += told
        runs.append(files)
    return runs


def _load(table: dict[int, tuple[str, int]], at: int, run: int, dice: Random) -> list[File]:
    """Two files, rows in any order; of a reload the second may be left as it was."""
    lines = [Line("I", at, 0, key, *row) for key, row in table.items()]
    dice.shuffle(lines)
    parts = [tuple(line for line in lines if line.key % 2 == half) for half in (0, 1)]
    if run and dice.random() < 0.5:
        parts = parts[:1]
    return [File(f"LOAD0000000{n}.csv", at + n, part) for n, part in enumerate(parts, 1)]


def _worked(table: dict[int, tuple[str, int]], begins: int, dice: Random) -> Iterable[Line]:
    """What happens to the table after an instant, as its log has it."""
    for at in sorted(dice.sample(range(begins - 40, begins + 40), 10)):
        key = dice.choice(KEYS)
        if key in table and dice.random() < 0.3:
            yield Line("D", at, at, key, *table.pop(key))
            continue
        op = "U" if key in table else "I"
        table[key] = (dice.choice("BC"), dice.randint(1, 99))
        yield Line(op, at, at, key, *table[key])


def leg_of(files: Sequence[File], load_complete: bool = False) -> Leg:
    """R6: the log's changes, each where it stands among the loads in force, truncates included."""
    loads = _generations([file for file in files if file.is_load])
    logs = [file for file in files if not file.is_load]
    newest = max((file.written for file in logs), default=-1)
    in_force = {
        n: held
        for n, held in loads.items()
        if n == 1 or load_complete or newest >= max(file.written for file in held)
    }
    begins = {n: began for n, held in in_force.items() if (began := _began(n, held)) is not None}
    changes = [
        _change(line, (n, 0), file.name, row, load=True)
        for n, held in in_force.items()
        for file in held
        for row, line in enumerate(file.lines, 1)
    ]
    changes += [
        Change((), began, (n, -1), op="truncate", load=True, content="truncate")
        for n, began in begins.items()
        if n > 1
    ]
    for file in logs:
        for row, line in enumerate(file.lines, 1):
            first = 0 if 1 in begins else 1
            n = max([first, *(n for n, began in begins.items() if began <= line.at)])
            changes.append(_change(line, (n, 1, line.seq), file.name, row))
    return Leg("changes", COLUMNS, tuple(changes), any_creates=True, loaded_at=0)


def _generations(files: list[File]) -> dict[int, list[File]]:
    """The load files of each generation; those that only repeat one are left out, since they add nothing."""
    number, loads = 1, dict[int, list[File]]()
    for file in sorted(files, key=lambda file: (file.written, file.name)):
        held = {each.name: sorted(map(repr, each.lines)) for each in loads.get(number, [])}
        content = sorted(map(repr, file.lines))
        if held.get(file.name, content) != content:
            number, held = number + 1, {}
        if file.name not in held:
            loads.setdefault(number, []).append(file)
    return loads


def _began(number: int, held: list[File]) -> int | None:
    stamps = [line.at for file in held for line in file.lines]
    return min(stamps) if stamps else min(file.written for file in held) if number > 1 else None


def _change(line: Line, position: tuple[int, ...], file: str, row: int, load: bool = False) -> Change:
    said = {} if line.op == "D" else {"state": line.state, "amount": line.amount}
    return Change(
        (line.key,), line.at, position, op="delete" if line.op == "D" else "upsert", said=said,
        creates=line.op != "D", content=repr(line), load=load, file=file, row=row,
    )  # fmt: skip
