"""Job: the tables of a run -> its summary, as a page and as JSON in `<lake>/<dataset>/reports/`."""

import json

from jobs.lake.layout import Lake
from jobs.report.counts import ReportCounts
from jobs.report.inputs import deduped_of, failure_of, frames_of
from jobs.report.model import About, RunSummary
from jobs.report.render import CONTENT_TYPE, page
from jobs.report.summary import summarise
from jobs.run.context import RunContext, StageResult
from jobs.storage.objects import Objects

STAGE = "report"


def execute(context: RunContext) -> StageResult:
    """Sum the run up and write its report; the same run again writes the same page."""
    failure = failure_of(context)
    about = About(context.name, context.run_id, context.as_of, context.dataset.reconcile.truth, failure)
    frames = frames_of(context, stopped=failure is not None)
    summary = summarise(frames, about, deduped_of(context))
    publish(context.objects, context.project.lake, summary)
    return StageResult(
        STAGE,
        rows_in=summary.total.keys_seen,
        rows_out=len(summary.samples),
        counts=ReportCounts(len(summary.samples), len(summary.failed), summary.standing),
        sentence=summary.verdict,
    )


def publish(objects: Objects, lake: str, summary: RunSummary) -> str:
    """Writes the summary as JSON and then as a page, whatever stood there; returns the page's URI."""
    uri = Lake(lake).report(summary.about.dataset, summary.about.run_id)
    written = json.dumps(summary.as_dict(), ensure_ascii=False)
    objects.write(_json_uri(uri), written.encode(), "application/json")
    objects.write(uri, page(summary).encode(), CONTENT_TYPE)
    return uri


def _json_uri(uri: str) -> str:
    return uri.removesuffix(".html") + ".json"


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
