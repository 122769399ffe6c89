"""A project and one of its datasets -> what every command works with; no Spark."""

from jobs.lake.layout import Lake
from jobs.masking.columns import Masking, masking_of
from jobs.settings import Dataset, Project, Source


class DatasetContext:
    """What is known of a dataset wherever it is worked with; who works says in which order it is given."""

    project: Project
    dataset: Dataset

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.dataset

    @property
    def masking(self) -> Masking:
        """How values of masked columns are shown."""
        return masking_of(self.project, self.dataset)

    def source(self, leg: str) -> Source:
        """The source of a leg."""
        return self.project.source_of(self.dataset, "events" if leg == "events" else "changes")

    def path(self, table: str) -> str:
        """Where a table of the dataset lies."""
        return Lake(self.project.lake).dataset(self.name, table)

    def source_path(self, source: str, table: str) -> str:
        """Where a table of a source lies."""
        return Lake(self.project.lake).source(source, table)
