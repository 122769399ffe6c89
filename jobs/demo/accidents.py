"""Accidents: the files of a shop -> the same with files lost and repeated, and a line that is no record."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from jobs.demo.entity import EVENTS_SOURCE, ORDERS
from jobs.demo.landing import EVENTS, LOST_END, Files, change_file, changes_at, event_file, zipped
from jobs.demo.shop import LOAD, START


@dataclass(frozen=True)
class Accident:
    """Something that befalls files; the faults whose scripts rely on it know which keys it harms, if any."""

    name: str
    what: str
    harm: Callable[[Files], Files]
    rejects: str | None = None


def _file_lost(files: Files) -> Files:
    return {path: data for path, data in files.items() if path != change_file(ORDERS, LOST_END)}


def _events_repeated(files: Files) -> Files:
    """The object is written again a day later, as by a retry of the delivery stream."""
    third = sorted(path for path in files if path.startswith(EVENTS))[2]
    return {**files, event_file(START + timedelta(hours=30, seconds=7), "again"): files[third]}


def _changes_repeated(files: Files) -> Files:
    """The file is written again under a later name, as by a task that resumes from its checkpoint."""
    second = sorted(path for path in files if path.startswith(f"{changes_at(ORDERS)}/2"))[1]
    return {**files, change_file(ORDERS, LOAD + timedelta(hours=21)): files[second]}


def _no_json(files: Files) -> Files:
    """A response of a proxy stands among the events of an object that delimits them."""
    texts = {path: gzip.decompress(files[path]).decode() for path in files if path.startswith(EVENTS)}
    path = next(path for path, text in texts.items() if text.endswith("\n"))
    return {**files, path: zipped(texts[path] + "<html>502 Bad Gateway</html>\n")}


ACCIDENTS = (
    Accident("change_file_gone", "a change file lost", _file_lost),
    # R3, R4: every record of them is a duplicate.
    Accident("event_object_repeated", "a whole event object repeated", _events_repeated),
    Accident("change_file_repeated", "a whole change file repeated", _changes_repeated),
    Accident("event_no_json", "a line that is no event", _no_json, rejects=EVENTS_SOURCE),
)


def befallen(files: Files) -> Files:
    """The files after all accidents."""
    for accident in ACCIDENTS:
        files = accident.harm(files)
    return files
