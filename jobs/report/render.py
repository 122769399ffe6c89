"""HTML: a summary -> one self-contained page, every value escaped, nothing loaded from elsewhere."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from jobs.console import format
from jobs.lake.vocabulary import FAULT_MEANS, KIND_MEANS, STATUS_MEANS
from jobs.report.model import RunSummary

CONTENT_TYPE = "text/html; charset=utf-8"


def page(summary: RunSummary) -> str:
    """The report as an HTML document; equal summaries give equal pages."""
    template = _environment().get_template("report.html.j2")
    return template.render(
        run=summary,
        about=summary.about,
        total=summary.total,
        matrix=summary.matrix,
        measures=_measures(summary),
        kind_means=KIND_MEANS,
        fault_means=FAULT_MEANS,
        status_means=STATUS_MEANS,
    )


def _measures(summary: RunSummary) -> dict[str, dict[str, str]]:
    """Measure -> leg -> control total."""
    measures: dict[str, dict[str, str]] = {}
    for leg in summary.legs:
        for name, value in leg.control_totals.items():
            of_measure = measures.setdefault(name, {})
            if value is not None:
                of_measure[leg.leg] = value
    return measures


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jobs.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": format.number,
        "duration": format.duration,
        "counted": format.counted,
    }
    environment.globals["share"] = format.share
    return environment
