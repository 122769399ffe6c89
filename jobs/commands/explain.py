"""`tieout explain DATASET KEY` -> what explains the key, on stdout."""

import io

from jobs.console.plain import print_json
from jobs.console.printing import print_on
from jobs.console.screen import plain_on
from jobs.console.streams import progress_on_stderr
from jobs.explain.build import explain
from jobs.fold import DatasetSchema
from jobs.lake.keys import parts_of
from jobs.settings import Project, dataset_of, load
from jobs.spark.activity import described
from jobs.spark.session import session


def explained_text(project: Project, name: str, key: str, width: int) -> str:
    """Return the explanation of a key as plain text of the given width, to show it among other things."""
    text = io.StringIO()
    print_on(plain_on(text, width), explain(project, session(project), name, key))
    return text.getvalue()


def run(name: str, key: str, config: str, env: str | None, as_json: bool, quiet: bool) -> int:
    """Print the explanation of a key; nothing is written."""
    project = load(config, env)
    shape = DatasetSchema.of(dataset_of(project, name))
    # A key that cannot be read need not wait for Spark to start.
    parts_of(key, shape.key, shape.columns)
    with progress_on_stderr(quiet) as progress:
        progress("starting Spark")
        spark = session(project)
        progress(f"{name}: looking for {key}")
        # Without the key: Spark's pages are no place for what may be private.
        with described(spark, f"{name}: looking for a key"):
            explanation = explain(project, spark, name, key)
    if as_json:
        print_json(explanation.as_dict())
    else:
        explanation.render()
    return 0
