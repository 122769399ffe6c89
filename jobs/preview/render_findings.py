"""DataCheck -> text for people: by leg, what was looked at, and what the mapping does not expect of it."""

from jobs.console.format import clipped, counted, number
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.tables import Table, joined
from jobs.preview.findings import DataCheck, LegData


@show.register
def data_check(check: DataCheck, screen: Screen) -> None:
    """Print what a look at the inputs of a dataset found."""
    screen.say(joined((check.dataset, "bold"), ("  a look at the newest files; nothing was written", "dim")))
    for leg in check.legs:
        _leg(leg, screen)


def _leg(leg: LegData, screen: Screen) -> None:
    rows = counted(leg.looked_at, "row" if leg.leg == "target" else "record")
    files = f" of {counted(len(leg.files), 'file')}" if leg.files else ""
    name = "Store" if leg.leg == "target" else leg.leg.capitalize()
    screen.title(name, clipped(leg.path) if leg.missing else f"{rows}{files} under {clipped(leg.path)}")
    for sentence in (*((leg.missing,) if leg.missing else ()), *leg.faults):
        screen.say(clipped(sentence), "yellow")
    if leg.missing:
        return
    if not leg.findings:
        screen.say("all as the mapping expects it")
        return
    table = Table("what", "field", "records", "example")
    for each in leg.findings:
        records = "" if each.records is None else number(each.records)
        table.add(each.what, clipped(each.name, 60), records, clipped(each.example, 80))
    screen.table(table)
