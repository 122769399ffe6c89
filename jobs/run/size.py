"""A run's frozen input and its lake -> about how many bytes it has to read, before Spark starts."""

from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.lake.log import open_table
from jobs.run.inputs import RunInputs
from jobs.settings import Dataset, Project
from jobs.spark.lean import is_small, unpacked, unpacked_table
from jobs.storage.delta_query import log_options


def bytes_at_hand(project: Project, dataset: Dataset, pinned: RunInputs) -> int | None:
    """Return the bytes, unpacked, of the files that are new, the snapshot and the lake's history.

    Of the history the largest table counts. None where nothing tells: a database was not counted.
    """
    if pinned.snapshot.size is None:
        return None
    listed = pinned.snapshot.size + sum(map(unpacked, pinned.files.values()))
    if not is_small(listed):
        return listed
    lake, options = Lake(project.lake), log_options(project.aws)
    paths = [lake.dataset(dataset.dataset, tables.CANONICAL[leg]) for leg in dataset.legs]
    paths += [lake.source(source, tables.RECORDS) for source in pinned.files]
    logs = [log for path in paths if (log := open_table(path, options)) is not None]
    return listed + sum(map(unpacked_table, logs))
