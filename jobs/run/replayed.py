"""Sources -> the batches in which refused records of them were judged again last; kept in one small object.

It makes the run after such a batch another run than the one before: no file of the listing tells them apart.
"""

import json
from collections.abc import Iterable

from jobs.lake.layout import Lake
from jobs.storage.objects import Objects


def batches(objects: Objects, lake: str, sources: Iterable[str]) -> dict[str, int]:
    """The last batch of each of the sources; those without any are not named."""
    stored = objects.get(Lake(lake).replayed)
    every: dict[str, int] = {} if stored is None else json.loads(stored[0])
    return {source: every[source] for source in sources if source in every}


def remember(objects: Objects, lake: str, source: str, batch: int) -> None:
    """Keep the number of a batch, before the batch counts; what is kept of other sources stays."""
    uri, is_kept = Lake(lake).replayed, False
    while not is_kept:
        stored = objects.get(uri)
        every = {} if stored is None else json.loads(stored[0])
        written = json.dumps({**every, source: batch}).encode()
        is_kept = objects.create(uri, written) if stored is None else objects.replace(uri, written, stored[1])
