"""A message and the dataset's masked columns -> the message with masks, the store's own columns included."""

import json
from collections.abc import Mapping
from typing import Any

from jobs.masking.columns import Masking
from jobs.masking.rows import masks_of
from jobs.settings import Dataset


def masked_event(event: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Return the CloudEvent with every value of a masked column replaced; null stays null."""
    columns = dataset.mask.columns if dataset.mask else ()
    # Without the secret: equal values need no equal masks in a dry run.
    data, masks = event["data"], masks_of(dataset, Masking(columns))
    masked_fields = {
        "key": masks.row(json.dumps(data["key"])),
        "row": masks.row(_text(data["row"])),
        "guard": masks.store_row(json.dumps(data["guard"])),
        "write": masks.store_row(_text(data["write"])),
    }
    subject = json.dumps(masked_fields["key"]) if set(columns) & set(data["key"]) else event["subject"]
    return {**event, "subject": subject, "data": {**data, **masked_fields}}


def _text(row: Mapping[str, Any] | None) -> str | None:
    return None if row is None else json.dumps(row)
