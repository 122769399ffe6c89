"""What happened, in short words -> records as systems write them."""

import json
from datetime import datetime
from typing import Any


def cloud_event(name: str, kind: str, time: datetime | str, /, **data: Any) -> dict[str, Any]:
    """A CloudEvent of the shop."""
    stamp = time if isinstance(time, str) else time.isoformat()
    head = {"specversion": "1.0", "id": name, "source": "/shop", "type": kind, "time": stamp}
    return {**head, "data": data}


def lines(*records: dict[str, Any]) -> str:
    """Records as JSON, a line each."""
    return "".join(json.dumps(record) + "\n" for record in records)
