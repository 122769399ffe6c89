"""A project's inputs, at one look -> warnings and notes for `tieout check`; no Spark.

Whether a path is there, empty or without data, and which paths of a mapping no record at the beginning of one
file has. A place that cannot be reached is a note: a configuration is right or wrong without its data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from jobs.console.format import counted
from jobs.errors import InputError, TieoutError
from jobs.parquet.footers import FooterDamaged, footers_of
from jobs.run.discovery.files import files_of
from jobs.settings import Dataset, Path, Project, Source
from jobs.settings.check import CheckReport
from jobs.settings.dataset import LegName
from jobs.settings.mapped_paths import MappedPath, mapped_paths
from jobs.settings.record import ITEM, parts
from jobs.storage.absence import absence
from jobs.storage.beginnings import header_of, objects_of, text_of
from jobs.storage.load_files import is_load_file
from jobs.storage.objects import Objects
from jobs.storage.s3 import NoBucketError
from jobs.storage.uri import ObjectInfo, is_s3
from jobs.target.names import folder_columns, steps

BYTES = 1 << 16
LISTED = 1000
_TYPES = {"cloudevents": "type", "eventbridge": "detail-type"}


class InputCheck:
    """Looks at each path once; `warnings` and `notes` are the findings so far."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._objects = Objects(project.aws, impatient=True)
        self._listed: dict[str, list[ObjectInfo]] = {}
        self._paths: dict[str, list[str]] = {}
        self._unreachable = ""
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def look(self, dataset: Dataset) -> None:
        """Look at what a dataset reads."""
        for leg in dataset.legs:
            source = self._project.source_of(dataset, leg)
            named = f"The source {source.source}"
            for file in self._newest(
                source.path, files_of(self._objects, source), named, "wait for its first file"
            ):
                if source.format == "parquet":
                    warnings = self._absent_in_footer(dataset, leg, file)
                else:
                    warnings = absent_in(dataset, leg, source, file.path, self._beginning(file))
                self.warnings += [f"{dataset.dataset}: {line}" for line in warnings]
            if line := never_complete(source, self._paths.get(source.path, [])):
                self.warnings.append(f"{dataset.dataset}: {line}")
        target = dataset.target
        if target.path is not None:
            named, below = f"The target of {dataset.dataset}", self._objects.list(target.path)
            for file in self._newest(target.path, below, named, "write the snapshot first"):
                if target.format == "csv":
                    lines = absent_in_header(dataset, file.path, self._beginning(file))
                    self.warnings += [f"{dataset.dataset}: {line}" for line in lines]

    def _newest(self, uri: str, below: Iterator[ObjectInfo], named: str, mend: str) -> Iterator[ObjectInfo]:
        """The newest file with content among the first that are listed; nothing where it cannot be read."""
        if uri in self._listed:
            yield from self._listed[uri]
            return
        with_content: list[ObjectInfo] = []
        if is_s3(uri) and self._unreachable:
            self.notes.append(f"{named}: not looked at, {self._unreachable}")
        else:
            try:
                files = list(islice(below, LISTED))
                if not files:
                    self.warnings.append(absence(self._objects, uri, named, mend))
                with_content = [file for file in files if file.size]
                self._paths[uri] = [file.path for file in files]
            except NoBucketError as error:
                self.warnings.append(f"{named}: {error}")
            except (TieoutError, OSError) as error:
                self._give_up(uri, named, error)
        self._listed[uri] = sorted(with_content, key=lambda file: (file.modified_at, file.path))[-1:]
        yield from self._listed[uri]

    def _absent_in_footer(self, dataset: Dataset, leg: LegName, file: ObjectInfo) -> Iterator[str]:
        (footer,) = footers_of([file], self._objects)
        if isinstance(footer, FooterDamaged):
            yield str(footer)
        else:
            names = [name for name, _ in footer.fields]
            yield from _unnamed(mapped_paths(dataset, leg), names, f"the file {file.path}")

    def _beginning(self, file: ObjectInfo) -> str | None:
        try:
            return text_of(file.path, self._objects.beginning(file.uri, BYTES))
        except (TieoutError, OSError) as error:
            self._give_up(file.uri, file.path, error)
            return None

    def _give_up(self, uri: str, named: str, error: Exception) -> None:
        self.notes.append(f"{named}: not looked at, {error}")
        if is_s3(uri) and not isinstance(error, InputError):
            # Out of reach is all of S3: the next path would only take as long.
            self._unreachable = "S3 could not be reached"


def with_inputs(report: CheckReport, project: Project) -> CheckReport:
    """The report of a correct configuration with what one look at its inputs tells."""
    check = InputCheck(project)
    for each in report.datasets:
        check.look(project.datasets[each.dataset])
    warnings, notes = dict.fromkeys(check.warnings), dict.fromkeys(check.notes)
    return replace(report, warnings=(*report.warnings, *warnings), notes=(*report.notes, *notes))


def never_complete(source: Source, files: Sequence[str]) -> str | None:
    """A sentence where nothing shows that a full load has ended: load files alone, and no other sign (R6)."""
    if source.dialect != "dms" or source.load_complete or not files or not all(map(is_load_file, files)):
        return None
    return (
        f"changes.load_complete: is not set, and under {source.path} lie files of a full load alone, so "
        "nothing shows that it has ended, and no key that disagrees is judged; set it to true where a task "
        "loads and logs no changes"
    )


def absent_in(dataset: Dataset, leg: LegName, source: Source, file: str, text: str | None) -> Iterator[str]:
    """A sentence for each path of a leg's mapping that no record at the beginning of a file has."""
    if text is None:
        return
    if source.format == "csv":
        yield from (
            []
            if source.fields
            else _unnamed(
                mapped_paths(dataset, leg), header_of(text, source.delimiter), f"the header of {file}"
            )
        )
        return
    records = objects_of(text)
    for path in mapped_paths(dataset, leg):
        of_type = [record for record in records if path.type is None or _type(source, record) == path.type]
        if of_type and not _has_path(source, of_type, path):
            kind = f" of type {path.type}" if path.type else ""
            yield (
                f"{path.place}: none of {counted(len(of_type), 'record')}{kind} at the beginning of {file} "
                f"has {path.path}"
            )


def absent_in_header(dataset: Dataset, file: str, text: str | None) -> Iterator[str]:
    """A sentence for each column of the store that the target names and a CSV header does not."""
    if text is not None:
        chosen = dataset.target.select.items()
        header = dataset.target.fields or header_of(text, dataset.target.delimiter)
        columns = [*header, *folder_columns([file], dataset.target.path or "")]
        for name, value in chosen:
            if isinstance(value, Path) and steps(value.path, columns) is None:
                yield f"target.select.{name}: the header of {file} has no {value.path}"
        stamp = dataset.target.as_of.column if dataset.target.as_of else None
        if stamp and steps(stamp, columns) is None:
            yield f"target.as_of.column: the header of {file} has no {stamp}"


def _unnamed(paths: Sequence[MappedPath], names: Sequence[str], where: str) -> Iterator[str]:
    for path in paths:
        if path.path not in names:
            yield f"{path.place}: {where} has no {path.path}"


def _type(source: Source, record: Mapping[str, Any]) -> object:
    types = _values([record], parts(_TYPES.get(source.dialect) or source.type or ""))
    return types[0] if types else None


def _has_path(source: Source, records: list[Any], path: MappedPath) -> bool:
    """Whether any of the records has the path; true of an element's path where there is no element."""
    names = _placed(source, path.path)
    if names[0] == ITEM and path.each is not None:
        arrays = _values(records, _placed(source, path.each))
        records = [item for array in arrays if isinstance(array, list) for item in array]
        names = names[1:]
        if not records:
            return True
    return bool(_values(records, names))


def _placed(source: Source, path: str) -> list[str]:
    """The names along a path; `data` of an envelope of one's own is where `data:` points."""
    names = parts(path)
    if source.dialect == "envelope" and source.data and names[0] == "data":
        return [*parts(source.data), *names[1:]]
    return names


def _values(values: list[Any], names: Sequence[str]) -> list[Any]:
    """The values at the end of a path, of those that have it; null counts as one."""
    for name in names:
        values = [value[name] for value in values if isinstance(value, dict) and name in value]
    return values
