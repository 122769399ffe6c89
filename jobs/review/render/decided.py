"""What was decided, or would be -> one sentence, and the first rows that it is about."""

from jobs.console.format import counted
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.tables import Table
from jobs.review.model import ID_LENGTH, IDS, NOUNS, Decided
from jobs.review.render.common import key_line, sentence, when

_DONE = {"approve": "approved", "reject": "rejected", "waive": "waived", "revoke": "taken back"}


@show.register
def decided(done: Decided, screen: Screen) -> None:
    """Print what was decided, and what comes of it when."""
    count = len(done.subjects)
    number = counted(count, NOUNS[done.table], done.table)
    end = f" until {when(done.expires_at)} UTC" if done.expires_at else ""
    what = f"{'would be ' if done.dry_run else ''}{_DONE[done.decision]} by {sentence(done.by)}{end}"
    takes = "takes it in" if count == 1 else "takes them in"
    after = "nothing was written" if done.dry_run else f"the next `tieout run {done.dataset}` {takes}"
    screen.say(f"{number} of {done.dataset} {what}; {after}.")
    if not done.listed:
        return
    table = Table("id", "key", "kind", "fault")
    for row in done.listed:
        table.add(
            row[IDS[done.table]][:ID_LENGTH], key_line(row["key"]), row["kind"] or "-", row["fault"] or "-"
        )
    screen.blank()
    screen.table(table)
    if count > len(done.listed):
        screen.say(f"and {count - len(done.listed):,} more", "dim")
