"""Rejects -> how many there are, and a table of the newest for people."""

from jobs.console.format import clipped, number
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.tables import Table
from jobs.review.rejects import RejectList
from jobs.review.render.common import key_line


@show.register
def rejects(rejected: RejectList, screen: Screen) -> None:
    """Print the rejects of a dataset, and what to do once the settings are mended."""
    each = ((leg, by, n) for leg, numbers in rejected.counts.items() for by, n in numbers.items())
    counts = ", ".join(f"{number(n)} of {leg} by the {by}" for leg, by, n in each)
    screen.say(f"{rejected.dataset}: {f'refused {counts}' if counts else 'no rejects'}", "bold")
    if not rejected.rejects:
        return
    table = Table("leg", "refused by", "where", "key", "why")
    for one in rejected.rejects:
        row = "" if one.row_number is None else f":{one.row_number}"
        key = "-" if one.key is None else key_line(one.key)
        table.add(one.leg, one.by, clipped(one.file) + row, key, "\n".join(map(clipped, one.reasons)))
    screen.blank()
    screen.table(table)
    if rejected.more:
        screen.say(f"The newest {number(len(rejected.rejects))} are shown; --limit shows more.", "dim")
    screen.say(
        f"Once the settings are mended: `tieout ingest {rejected.dataset} --replay-rejects`, then "
        f"`tieout run {rejected.dataset}`.",
        "dim",
    )
