"""Demo: a number of orders -> a shop with known faults, found and repaired; 0 if all was, and no more."""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from jobs.demo import place as places
from jobs.demo import show
from jobs.demo.ending import Ending
from jobs.demo.injection import Damaged, damaged
from jobs.demo.shop import LISTED
from jobs.demo.verdicts import Comparison, compare
from jobs.objects import is_s3

if TYPE_CHECKING:
    from jobs.outcome import Outcome
    from jobs.settings import Project

ROWS = 4000
EXPLAINED = "bug_double"  # the fault of which one order is explained
NOT_FOUND = 3
_ALONE = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION")
_ENVIRONMENT: dict[str, str | None] = {
    **dict.fromkeys(_ALONE),
    "AWS_ACCESS_KEY_ID": "demo",
    "AWS_SECRET_ACCESS_KEY": "demo",  # of a server that asks nobody
    "AWS_REGION": places.REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    # R16 asks whether the listing has gone beyond T.
    "TIEOUT_NOW": LISTED.isoformat(),
}


@dataclass(frozen=True)
class Story:
    """What came of the demo: the first run, an order explained, the loop's end (none after a failure)."""

    outcome: "Outcome"
    found: Comparison
    explained: str
    ending: Ending | None

    @property
    def exit_code(self) -> int:
        """0 when every fault was found as what it is, nothing else was, and the loop was closed."""
        ok = self.found.ok and self.ending is not None and self.ending.ok
        return self.outcome.exit_code or (0 if ok else NOT_FOUND)


def run_demo(rows: int, keep: str | None, as_json: bool, console: Console) -> int:
    """Injects faults into a shop of so many orders, finds and repairs them, prints both; the exit code.

    With `keep`, inputs, lake and configuration are plain files below that folder and stay; otherwise they are
    in an embedded S3 server and go, all but the report.

    Returns:
        0 when every fault was found as what it is, nothing else was, and every repair that had to be made
        was, once; the run's own code when it failed; else 3.
    """
    shop = damaged(rows)
    files = shop.files
    with places.opened(keep) as place, places.environment(_ENVIRONMENT):
        console.print(f"A shop of {rows} orders in {len(files)} files goes to {place}.", highlight=False)
        place.fill(files)
        story = _run(place, shop, console)
        report = _report(place, story.outcome)
    if as_json:
        answer = {**show.as_object(story.found), "run": asdict(story.outcome), "report": report}
        answer["repairs"] = show.ending_as_object(story.ending) if story.ending else None
        answer["ok"] = story.exit_code == 0
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
    else:
        _tell(story, report, show.next_commands(keep, _explained(shop)), console)
    return story.exit_code


def _run(place: places.Place, shop: Damaged, console: Console) -> Story:
    # Loaded late: they bring Spark, which `tieout demo --help` does without.
    from jobs import pipeline, settings
    from jobs.demo.findings import DATASET
    from jobs.explain.command import told

    def progress(text: str) -> None:
        console.print(f"[dim]{text} …[/]")

    project = settings.load(str(place.config))
    outcome = pipeline.run(project, DATASET, progress=progress)
    found = _compared(project, shop, outcome)
    explained = told(project, DATASET, str(_explained(shop)))
    closed = _closed(place, shop, project, progress) if found.ok else None
    return Story(outcome, found, explained, closed)


def _closed(
    place: places.Place, shop: Damaged, project: "Project", progress: Callable[[str], None]
) -> Ending:
    from jobs.demo.ending import ending
    from jobs.demo.loop import close, compensations
    from jobs.demo.repaired import repaired

    closed = close(place, shop, project, progress)
    after = repaired(shop, closed.approved)
    statuses = {each["order_id"]: each["status"] for each in compensations(project)}
    return ending(shop, after, _compared(project, after.shop, closed.outcome), statuses, closed.changed)


def _compared(project: "Project", shop: Damaged, outcome: "Outcome") -> Comparison:
    from jobs import session
    from jobs.demo.findings import findings

    return compare(shop, findings(session.session(project), project.lake, outcome.counts))


def _explained(shop: Damaged) -> int:
    return next(each.keys[0] for each in shop.injected if each.fault.name == EXPLAINED)


def _report(place: places.Place, outcome: "Outcome") -> str | None:
    """Where the report is; one that would go with the server is copied out."""
    if outcome.report is None or not is_s3(outcome.report):
        return outcome.report
    copy = Path(tempfile.mkdtemp(prefix="tieout-demo-report-")) / Path(outcome.report).name
    copy.write_bytes(place.objects.read(outcome.report))
    return str(copy)


def _tell(story: Story, report: str | None, commands: list[str], console: Console) -> None:
    show.show(story.found, console)
    console.print(show.sentence(story.found))
    console.print(story.explained, highlight=False, markup=False)
    if story.ending:
        show.show_ending(story.ending, console)
    if report:
        console.print(f"Report: {report}", highlight=False)
    console.print("Try next:")
    for command in commands:
        console.print(f"  {command}", highlight=False)
