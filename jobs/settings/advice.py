"""A checked dataset -> warnings (it will run, but not as one may think) and notes (good to know)."""

from collections.abc import Iterator

from jobs.settings.coverage import knowing, no_way_back
from jobs.settings.dataset import Dataset
from jobs.settings.project import Project
from jobs.settings.values import Path, Sql, Value


def warnings(dataset: Dataset, project: Project) -> Iterator[str]:
    """What most people would want to change, as ``path: sentence``."""
    yield from _dms(dataset, project)
    for name in dataset.key:
        if dataset.columns[name].type in ("float", "double"):
            type_ = dataset.columns[name].type
            yield f"columns.{name}: is a key of type {type_}; keys of exact types are found more surely"
    yield from _policy(dataset)


def notes(dataset: Dataset) -> Iterator[str]:
    """What follows from the settings and is easily overlooked, as ``path: sentence``."""
    if dataset.events and not any(entry.creates for _, _, entry in dataset.events.entries):
        yield (
            "events.apply: no entry says creates: true, so any event brings a key to life; "
            "where a first event is lost, the later ones make a row of what they say"
        )
    for name in dataset.columns:
        yield from _column(dataset, name)
    yield from _idle_each(dataset)
    if dataset.compensate and dataset.compensate.channel is None:
        yield "compensate.channel: is not set, so approved repairs are not published"


def _dms(dataset: Dataset, project: Project) -> Iterator[str]:
    leg = dataset.changes
    if leg is None or project.source_of(dataset, "changes").dialect != "dms":
        return
    source = project.source_of(dataset, "changes")
    if not leg.order:
        yield (
            "changes.order: is not set, so changes of one key with one commit stamp are told apart by file "
            "and row only; add a sequence column (AR_H_CHANGE_SEQ) to the task and name it here"
        )
    if source.timestamp_column is None:
        yield (
            "changes.timestamp_column: is not set, so no change says when it was committed and no state can "
            "be taken as of an instant; set TimestampColumnName in the task and name it here"
        )
    if source.fields and source.fields[0].lower() == "op":
        yield f"changes.fields: begins with {source.fields[0]}; fields follow DMS's own Op, so leave it out"


def _policy(dataset: Dataset) -> Iterator[str]:
    catch_all = None
    for n, rule in enumerate(dataset.compensate.policy if dataset.compensate else []):
        place = f"compensate.policy[{n}]"
        if catch_all is not None:
            yield f"{place}: is never reached, for policy[{catch_all}] fits everything"
        elif rule.fault is None and rule.kind is None:
            catch_all = n
        if rule.approve == "auto" and "capture" in (rule.fault or []):
            yield f"{place}: fault capture is never repaired: the store is right there"
        if rule.approve == "auto" and "duplicated" in (rule.kind or []):
            yield f"{place}: kind duplicated is never approved automatically"


def _column(dataset: Dataset, name: str) -> Iterator[str]:
    truth, legs = dataset.reconcile.truth, knowing(dataset, name)
    if name not in dataset.key and no_way_back(dataset, name):
        text = "is sql without write, so it is compared but never written; such repairs are manual"
        yield f"target.select.{name}: {text}"
    if name in dataset.key and not _is_found_by(dataset.target.select.get(name)):
        yield (
            f"target.select.{name}: is a key that is no column of the store and has no write, so "
            "`tieout apply` cannot find the row that it would repair"
        )
    if not legs:
        yield f"columns.{name}: is covered by no leg"
    elif truth not in legs:
        yield f"columns.{name}: is not covered by truth ({truth}), so no update writes it"
        if legs == ["target"] and not dataset.columns[name].nullable:
            yield f"columns.{name}: is nullable: false and only the target knows it, so inserts are manual"


def _is_found_by(value: Value | None) -> bool:
    """Whether the store has a column by whose value a row can be looked up."""
    if isinstance(value, Path):
        return "." not in value.path
    return isinstance(value, Sql) and value.write is not None


def _idle_each(dataset: Dataset) -> Iterator[str]:
    for kind, n, entry in dataset.events.entries if dataset.events else []:
        values = [*(entry.key or {}).values(), *entry.set.values(), *entry.add.values()]
        may_read_item = any(
            isinstance(value, Sql) or (isinstance(value, Path) and value.path.split(".")[0] == "item")
            for value in values
        )
        if entry.each and not may_read_item:
            yield f"events.apply.{kind}[{n}]: explodes {entry.each} but reads nothing of an element (item.…)"
