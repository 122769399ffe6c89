"""The README's own dataset, as it was made and run there -> copies of its folder, and what its lake holds."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.lake.layout import Lake
from jobs.settings import Project, load
from jobs.spark.delta import Storage

NAME = "parcels"


@contextlib.contextmanager
def copied(
    readme: Path, folder: Path, now: str = "2026-03-03T00:00:00Z", without: tuple[str, ...] = ()
) -> Iterator[Path]:
    """A copy of the README's folder, in which commands run, at an instant; its dataset's file."""
    shutil.copytree(readme / NAME, folder / NAME, ignore=shutil.ignore_patterns(*without))
    with contextlib.chdir(folder), pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIEOUT_NOW", now)
        yield folder / NAME / "conf/datasets/parcels.yml"


@dataclass(frozen=True)
class Parcels:
    """The lake of a copy; its configuration is read anew each time."""

    storage: Storage

    @property
    def project(self) -> Project:
        """The project of the folder in which the test stands."""
        return load("parcels/conf")

    def path(self, table: str) -> str:
        """Where a table lies."""
        return Lake(self.project.lake).dataset(NAME, table)

    def rows(self, table: str, where: str = "true", *columns: str) -> list[Any]:
        """Rows of a table in an order of their own; none where there is no table."""
        frame = self.storage.read(self.path(table))
        if frame is None:
            return []
        return sorted(frame.where(where).select(*columns or ["*"]).collect(), key=str)

    def versions(self, *tables: str) -> dict[str, int | None]:
        """The version of each table."""
        return {table: self.storage.version(self.path(table)) for table in tables}
