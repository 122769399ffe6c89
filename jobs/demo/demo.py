"""Demo: a number of orders -> a shop with known faults run through Tieout; 0 if all was found, no more."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from jobs.demo import place as places
from jobs.demo import show
from jobs.demo.injection import Damaged, damaged
from jobs.demo.shop import LISTED
from jobs.demo.verdicts import Comparison, compare
from jobs.objects import is_s3

if TYPE_CHECKING:
    from jobs.outcome import Outcome

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


def run_demo(rows: int, keep: str | None, as_json: bool, console: Console) -> int:
    """Injects faults into a shop of so many orders, runs it, prints injected against found; the exit code.

    With `keep`, inputs, lake and configuration are plain files below that folder and stay; otherwise they are
    in an embedded S3 server and go, all but the report.

    Returns:
        0 when every fault was found as what it is and nothing else was; the run's own code when it failed;
        else 3.
    """
    shop = damaged(rows)
    files = shop.files
    with places.opened(keep) as place, places.environment(_ENVIRONMENT):
        console.print(f"A shop of {rows} orders in {len(files)} files goes to {place}.", highlight=False)
        place.fill(files)
        outcome, comparison, story = _run(place, shop, console)
        report = _report(place, outcome)
    if as_json:
        answer = {**show.as_object(comparison), "run": asdict(outcome), "report": report}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
    else:
        _tell(comparison, story, report, show.next_commands(keep, _explained(shop)), console)
    return outcome.exit_code or (0 if comparison.ok else NOT_FOUND)


def _run(place: places.Place, shop: Damaged, console: Console) -> tuple["Outcome", Comparison, str]:
    # Loaded late: they bring Spark, which `tieout demo --help` does without.
    from jobs import pipeline, session, settings
    from jobs.demo.findings import DATASET, findings
    from jobs.explain.command import told

    project = settings.load(str(place.config))
    outcome = pipeline.run(project, DATASET, progress=lambda text: console.print(f"[dim]{text} …[/]"))
    found = findings(session.session(project), project.lake, outcome.counts)
    return outcome, compare(shop, found), told(project, DATASET, str(_explained(shop)))


def _explained(shop: Damaged) -> int:
    return next(each.keys[0] for each in shop.injected if each.fault.name == EXPLAINED)


def _report(place: places.Place, outcome: "Outcome") -> str | None:
    """Where the report is; one that would go with the server is copied out."""
    if outcome.report is None or not is_s3(outcome.report):
        return outcome.report
    copy = Path(tempfile.mkdtemp(prefix="tieout-demo-report-")) / Path(outcome.report).name
    copy.write_bytes(place.objects.read(outcome.report))
    return str(copy)


def _tell(
    comparison: Comparison, story: str, report: str | None, commands: list[str], console: Console
) -> None:
    show.show(comparison, console)
    console.print(show.sentence(comparison))
    console.print(story, highlight=False, markup=False)
    if report:
        console.print(f"Report: {report}", highlight=False)
    console.print("Try next:")
    for command in commands:
        console.print(f"  {command}", highlight=False)
