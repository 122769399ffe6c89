"""Demo: a number of orders -> a shop with known faults, found and repaired; 0 if all was, and no more."""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING

from jobs.console.plain import print_line
from jobs.console.screen import Screen
from jobs.demo import place as places
from jobs.demo import show
from jobs.demo.ending import Ending
from jobs.demo.entity import ORDERS
from jobs.demo.injection import Damaged, DamagedShop, damaged
from jobs.demo.life import Key, key_text
from jobs.demo.shop import LISTED
from jobs.demo.verdicts import Comparison, compare
from jobs.storage.objects import is_s3

if TYPE_CHECKING:
    from jobs.run.outcome import Outcome
    from jobs.settings import Project

ROWS = 4000
EXPLAINED = "bug_double"  # the fault of which one order is explained
NOT_FOUND = 3
WIDEST = 110  # columns that an explained order takes
_UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION")
_ENVIRONMENT: dict[str, str | None] = {
    **dict.fromkeys(_UNSET),
    "AWS_ACCESS_KEY_ID": "demo",
    "AWS_SECRET_ACCESS_KEY": "demo",  # of a server that checks no credentials
    "AWS_REGION": places.REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    # R16 depends on whether the listing lies after T.
    "TIEOUT_NOW": LISTED.isoformat(),
}


@dataclass(frozen=True)
class Story:
    """The results of a dataset: its first run, and the loop's end (none after a failure)."""

    outcome: "Outcome"
    comparison: Comparison
    ending: Ending | None

    @property
    def exit_code(self) -> int:
        """0 when every fault was found as what it is, nothing else was, and the loop was closed."""
        ok = self.comparison.ok and self.ending is not None and self.ending.ok
        return self.outcome.exit_code or (0 if ok else NOT_FOUND)


def run_demo(rows: int, keep: str | None, as_json: bool, screen: Screen) -> int:
    """Injects faults into a shop of so many orders, finds and repairs them, prints both; the exit code.

    With `keep`, inputs, lake and configuration are plain files below that folder and stay; otherwise they are
    in an embedded S3 server and go, all but the reports.

    Returns:
        0 when every fault was found as what it is, nothing else was, and every repair that had to be made
        was, once; a run's own code when it failed; else 3.
    """
    shop = damaged(rows)
    files = shop.files
    with places.opened(keep) as place, places.environment(_ENVIRONMENT):
        screen.wrap(f"A shop of {rows} orders in {len(files)} files goes to {place}.")
        place.fill(files)
        stories, explained = _run(place, shop, screen)
        reports = [_report(place, story.outcome) for story in stories]
    code = next((story.exit_code for story in stories if story.exit_code), 0)
    if as_json:
        objects = [_as_object(story, report) for story, report in zip(stories, reports, strict=True)]
        names = [story.comparison.entity.name for story in stories[1:]]
        # The orders' own stand at the top, the other dataset's under its name.
        payload = {**objects[0], **dict(zip(names, objects[1:], strict=True)), "ok": code == 0}
        print_line(json.dumps(payload, default=str))
    else:
        _print(stories, explained, reports, show.next_commands(keep, _explained(shop), _command()), screen)
    return code


def _command() -> str:
    """How the command is called from here: by its name, or by its path where the shell does not know it."""
    path = Path(sys.argv[0])
    return "tieout" if path.name != "tieout" or which("tieout") else quote(str(path))


def _run(place: places.Place, shop: DamagedShop, screen: Screen) -> tuple[list[Story], str]:
    """The story of each dataset, and the explanation of one order."""
    # Loaded late: they bring Spark, which `tieout demo --help` does without.
    from jobs import pipeline, settings
    from jobs.commands.explain import explained_text

    def progress(damaged: Damaged) -> Callable[[str], None]:
        return lambda text: screen.wrap(f"{damaged.entity.name}: {text} …", "dim")

    project, stories = settings.load(str(place.config)), []
    for each in shop.datasets:
        outcome = pipeline.run(project, each.entity.name, progress=progress(each))
        stories.append(Story(outcome, _compared(project, each, outcome), None))
    explained = explained_text(project, ORDERS.name, key_text(_explained(shop)), min(screen.width, WIDEST))
    for n, each in enumerate(shop.datasets):
        if stories[n].comparison.ok:
            stories[n] = replace(stories[n], ending=_closed(place, each, project, progress(each)))
    return stories, explained


def _closed(
    place: places.Place, damaged: Damaged, project: "Project", progress: Callable[[str], None]
) -> Ending:
    from jobs.demo.ending import ending
    from jobs.demo.loop import close, compensations
    from jobs.demo.repaired import repaired

    closed = close(place, damaged, project, progress)
    after = repaired(damaged, closed.approved)
    entity = damaged.entity
    statuses = {entity.key_of(each): each["status"] for each in compensations(project, entity)}
    return ending(damaged, after, _compared(project, after.damaged, closed.outcome), statuses, closed.changed)


def _compared(project: "Project", damaged: Damaged, outcome: "Outcome") -> Comparison:
    from jobs.demo.findings import findings
    from jobs.spark import session

    actual = findings(session.session(project), project.lake, damaged.entity, outcome.counts)
    return compare(damaged, actual)


def _explained(shop: DamagedShop) -> Key:
    return next(each.keys[0] for each in shop.orders.injected if each.fault.name == EXPLAINED)


def _report(place: places.Place, outcome: "Outcome") -> str | None:
    """Where the report is; one that would go with the server is copied out."""
    if outcome.report is None or not is_s3(outcome.report):
        return outcome.report
    copy = Path(tempfile.mkdtemp(prefix="tieout-demo-report-")) / Path(outcome.report).name
    copy.write_bytes(place.objects.read(outcome.report))
    return str(copy)


def _as_object(story: Story, report: str | None) -> dict[str, object]:
    repairs = show.ending_as_object(story.ending) if story.ending else None
    run = asdict(story.outcome)
    return {**show.as_object(story.comparison), "run": run, "report": report, "repairs": repairs}


def _print(
    stories: list[Story], explained: str, reports: list[str | None], commands: list[str], screen: Screen
) -> None:
    for story in stories:
        show.show(story.comparison, screen)
        screen.blank()
    screen.wrap(show.sentence([story.comparison for story in stories]))
    screen.wrap(explained)
    endings = [story.ending for story in stories if story.ending]
    for ending in endings:
        show.show_ending(ending, screen)
        screen.blank()
    if len(endings) == len(stories):
        screen.wrap(show.last_sentence(endings))
    for story, report in zip(stories, reports, strict=True):
        if report:
            screen.wrap(f"Report of {story.comparison.entity.name}: {report}")
    screen.wrap("Try next:")
    for command in commands:
        screen.wrap(f"  {command}")
