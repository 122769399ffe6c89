"""A summary's JSON -> the summary again, as a program that reads the lake's reports would have it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from jobs.report.model import About, RunSummary


def read_summary(plain: Mapping[str, Any]) -> RunSummary:
    """What `RunSummary.as_dict` was made of; names that it does not know are left out."""
    about = {each.name: plain[each.name] for each in dataclasses.fields(About) if each.name in plain}
    return TypeAdapter(RunSummary).validate_python({**plain, "about": about})
