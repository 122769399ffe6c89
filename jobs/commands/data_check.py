"""`tieout check --data` -> what the newest files of each dataset have that its mapping does not expect."""

from collections.abc import Sequence

from jobs.console.streams import progress_on_stderr
from jobs.errors import InputError
from jobs.preview import render_findings  # noqa: F401  # a DataCheck prints itself by it
from jobs.preview.findings import DataCheck
from jobs.preview.inputs import inputs_beside_mapping
from jobs.settings import Project
from jobs.spark.activity import announced
from jobs.spark.session import session


def look(project: Project, names: Sequence[str]) -> list[DataCheck]:
    """Look at the inputs of the datasets; nothing is written."""
    with progress_on_stderr(False) as progress:
        progress("starting Spark")
        spark = session(project)
        checks = []
        for name in names:
            with announced(spark, progress, f"{name}: reading a few records of each leg"):
                checks.append(inputs_beside_mapping(project, spark, name))
    return checks


def exit_code(checks: Sequence[DataCheck]) -> int:
    """Return 2 where something could not be read; what was checks is advice."""
    return 0 if all(check.is_whole for check in checks) else InputError.exit_code
