"""Sources -> the batches in which refused records of them were judged again last; kept in a small object.

It makes the run after such a batch another run than the one before: no file of the listing tells them apart.
"""

import json
from collections.abc import Iterable

from jobs.lake.layout import Lake
from jobs.storage.objects import Objects


def batches(objects: Objects, lake: str, sources: Iterable[str]) -> dict[str, int]:
    """The last batch of each source; sources without any are not named."""
    found = {source: objects.get(Lake(lake).replayed(source)) for source in sources}
    return {source: int(json.loads(got[0])["batch"]) for source, got in found.items() if got is not None}


def remember(objects: Objects, lake: str, source: str, batch: int) -> None:
    """Keep the number of a batch, before the batch counts."""
    written = json.dumps({"batch": batch}).encode()
    objects.write(Lake(lake).replayed(source), written, "application/json")
