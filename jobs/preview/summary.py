"""Rows of a leg's records and changes -> the leg's preview."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs.console.format import counted
from jobs.console.order import in_words
from jobs.console.place import Place, below
from jobs.masking.columns import Masking
from jobs.preview.model import File, LegPreview, Made, Record
from jobs.settings import Source
from jobs.settings.mapped_paths import MappedPath
from jobs.storage.uri import ObjectInfo, scheme_free

SAMPLES = 20
_OF_A_KIND = 3
Row = Mapping[str, Any]
_OPS = {"I": "insert", "U": "update", "D": "delete"}


def leg_preview(
    leg: str, source: Source, there: int, files: Iterable[File], read: Sequence[Row], made: Sequence[Row],
    masking: Masking, paths: Iterable[MappedPath] = (),
) -> LegPreview:  # fmt: skip
    """Count the fates of the records looked at, and choose a sample that shows each kind of them.

    `paths` are those that the mapping reads: any that no record has are listed.
    """
    changes: dict[tuple[str, int], list[Row]] = {}
    for row in made:
        changes.setdefault((row["file"], row["row_number"]), []).append(row)
    root = scheme_free(source.path)
    records = [_record(row, changes.get((row["file"], row["row_number"]), []), root, masking) for row in read]
    records.sort(key=_by_place)
    fates = Counter(record.fate for record in records)
    return LegPreview(
        leg=leg,
        source=source.source,
        path=source.path,
        files_there=there,
        files=tuple(files),
        looked_at=len(records),
        mapped=fates["mapped"],
        ignored=dict(Counter(record.name for record in records if record.fate == "ignored").most_common()),
        refused=dict(Counter(reason for record in records for reason in record.reasons).most_common()),
        refusals=fates["refused"],
        records=_sample([record for record in records if record.fate != "ignored"]),
        absent=tuple(absent_paths(paths, made)),
    )


def absent_paths(paths: Iterable[MappedPath], made: Sequence[Row]) -> Iterator[str]:
    """A sentence for each path that no change looked at has a value from; none where there was no change."""
    for path, changes in absent(paths, made):
        yield f"none of {counted(changes, 'change')} looked at has {path.path} ({path.place})"


def absent(paths: Iterable[MappedPath], made: Sequence[Row]) -> Iterator[tuple[MappedPath, int]]:
    """Each path that no change looked at has a value from, with how many changes were."""
    for path in paths:
        of_entry = [row for row in made if row["entry"] == path.entry and row["op"] == "upsert"]
        if of_entry and path.kind in ("set", "add") and not any(_has(row, path) for row in of_entry):
            yield path, len(of_entry)


def _has(row: Row, path: MappedPath) -> bool:
    if path.kind == "set":
        return bool(row["said"].get(path.column, True))
    return json.loads(row["adds"]).get(path.column) is not None


def file_of(info: ObjectInfo, source: Source, kind: str, fault: str | None) -> File:
    """A file that was looked at, below its source's folder."""
    return File(below(info.path, scheme_free(source.path)), kind, info.size, info.modified_at, fault)


def place_in_order(stated: str | None, file: str = "", row_number: int = 0) -> str:
    """A position as its source stated it: `1 log n000…35` -> `1 log 35`.

    Where file and row are part of it they are left out: they are shown as the record's place.
    """
    position = (stated or "").removesuffix(f" {file} {row_number:012d}")
    return in_words(position)


def _sample(records: Sequence[Record]) -> tuple[Record, ...]:
    """The first few of each kind and fate, `SAMPLES` in all: more of the same would be nothing new."""
    taken: Counter[tuple[str, str]] = Counter()
    chosen: list[Record] = []
    for record in records:
        taken[record.name, record.fate] += 1
        if taken[record.name, record.fate] <= _OF_A_KIND:
            chosen.append(record)
    return tuple(chosen[:SAMPLES])


def _by_place(record: Record) -> tuple[str, int]:
    return record.place.file, record.place.row_number


def _record(row: Row, changes: Sequence[Row], root: str, masking: Masking) -> Record:
    reasons = [*row["reasons"], *(reason for change in changes for reason in change["reasons"])]
    fate = "ignored" if row["ignored"] and not row["reasons"] else "refused" if reasons else "mapped"
    return Record(
        place=Place(below(row["file"], root), row["row_number"]),
        name=row["type"] or _log_name(row),
        occurred_at=datetime.fromisoformat(row["occurred_at"]) if row["occurred_at"] else None,
        fate=fate,
        changes=tuple(map(_made, changes)) if fate == "mapped" else (),
        reasons=tuple(dict.fromkeys(map(masking.reason, reasons))),
    )


def _log_name(row: Row) -> str:
    return "load row" if row["kind"] == "load" else _OPS.get(row["cdc_op"] or "", "unreadable")


def _made(row: Row) -> Made:
    values, adds = json.loads(row["sets"]), json.loads(row["adds"])
    is_upsert = row["op"] == "upsert"
    return Made(
        op="not ours" if row["kind"] == "leave" else row["op"],
        key=json.loads(row["key"]),
        sets={c: values.get(c) for c, is_set in row["said"].items() if is_set} if is_upsert else {},
        adds={c: value for c, value in adds.items() if value is not None},
        reverts=row["reverts"],
        creates=row["creates"],
        position=place_in_order(row["stated_position"], row["file"], row["row_number"]),
    )
