"""`tieout preview DATASET` -> what a few of its records become, on stdout."""

from jobs.console.plain import print_json
from jobs.console.streams import progress_on_stderr
from jobs.errors import InputError
from jobs.preview.build import preview
from jobs.settings import load
from jobs.spark.activity import announced
from jobs.spark.session import session


def run(name: str, config: str, env: str | None, as_json: bool, quiet: bool) -> int:
    """Print a preview of a dataset; nothing is written. 2 where a leg or the store has nothing to look at."""
    project = load(config, env)
    with progress_on_stderr(quiet) as progress:
        progress("starting Spark")
        spark = session(project)
        with announced(spark, progress, f"{name}: reading a few records of each leg"):
            previewed = preview(project, spark, name)
    if as_json:
        print_json(previewed.as_dict())
    else:
        previewed.render()
    return 0 if previewed.is_whole else InputError.exit_code
