"""`tieout explain DATASET KEY` -> the life of the key on stdout."""

import json
import sys

from jobs.cli import shown
from jobs.explain.explaining import explain
from jobs.session import session
from jobs.settings import load


def run(name: str, key: str, config: str, env: str | None, as_json: bool, quiet: bool) -> int:
    """Print the life of a key; nothing is written."""
    project = load(config, env)
    with shown(quiet) as progress:
        progress("starting Spark")
        spark = session(project)
        progress(f"{name}: looking for {key}")
        told = explain(project, spark, name, key)
    if as_json:
        sys.stdout.write(json.dumps(told.as_dict()) + "\n")
    else:
        told.render()
    return 0
