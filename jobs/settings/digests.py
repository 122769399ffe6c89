"""A dataset and its sources -> digests of its settings: whether canonical rows, or verdicts, could change."""

import hashlib
import json
import typing as t

from jobs.settings.dataset import Dataset, LegName
from jobs.settings.model import Model
from jobs.settings.project import Project

# Grows when identity, content or what is said is read otherwise: rows of both readings do not go together.
READING = 4
# What is said of a source and makes no canonical row another.
_OF_NO_ROW = ("path", "version", "discovery", "emptied", "max_ahead", "whole_file_megabytes")


def mapping_digest(dataset: Dataset, project: Project) -> str:
    """Return 16 hex digits that change when canonical rows would.

    They are of key, columns, legs and reading options; of no path, nor of how files are found.

    What only judges or repairs (`target`, `reconcile`, ways back, nullability) leaves it as it is,
    and so does a setting that a later version adds and this file does not use. `max_ahead` says which
    records are accepted from now on, `whole_file_megabytes` which files are read, and neither changes a row
    of those that were.
    """
    legs = {name: getattr(dataset, name) for name in dataset.legs}
    # `select` holds every column that is covered by now, so that `without` adds nothing to it.
    parts: dict[str, t.Any] = {name: _plain(leg, "without") for name, leg in legs.items()}
    parts["sources"] = {name: _plain(project.source_of(dataset, name), *_OF_NO_ROW) for name in legs}
    parts["columns"] = {name: _plain(spec, "nullable") for name, spec in dataset.columns.items()}
    return _digest({**parts, "key": dataset.key, "reading": READING})


def leg_digest(dataset: Dataset, project: Project, leg: LegName) -> str:
    """Return 16 hex digits that change when this leg's part of the mapping does, or its source."""
    source = project.source_of(dataset, leg)
    return _digest({"leg": _plain(getattr(dataset, leg)), "source": _plain(source, *_OF_NO_ROW)})


def settings_digest(dataset: Dataset, project: Project) -> str:
    """Return 16 hex digits that change when a verdict could: by mapping, judgement or repair."""
    return _digest({"mapping": mapping_digest(dataset, project), "dataset": _plain(dataset, ways_back=True)})


def _plain(model: Model, *without: str, ways_back: bool = False) -> t.Any:
    plain = model.model_dump(mode="json", exclude_defaults=True, exclude=set(without))
    return plain if ways_back else _without_ways_back(plain)


def _without_ways_back(plain: t.Any) -> t.Any:
    if isinstance(plain, list):
        return [_without_ways_back(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    way = {"write"} if "sql" in plain else set()
    return {name: _without_ways_back(each) for name, each in plain.items() if name not in way}


def _digest(parts: dict[str, t.Any]) -> str:
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
