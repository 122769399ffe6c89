"""A table of the lake as data: its name, its columns, what checks it, by what files are skipped."""

from dataclasses import dataclass

from jobs.lake.schema import NO_COLUMNS, Columns, DatasetSchema, columns_of, quoted

# Delta keeps least and greatest values of a file of these columns alone; of a struct's fields it would, too,
# of the first 32 of them, which takes a seventh of the time to write and leaves none for what comes after.
_SKIPPING = "delta.dataSkippingStatsColumns"
_WITHOUT_ORDER = ("boolean", "binary")


@dataclass(frozen=True)
class TableSpec:
    """A table of the lake.

    `layout`: its columns as DDL; the dataset's own stand in it as `{placeholders}` (`DatasetSchema.parts`).
    `suite`: the expectations that its rows have to meet, None of what is not validated. `is_log`: it grows
    with each look at it, and is validated once in a run. `skipped_by`: the columns, as in the layout, by
    which files are left unread where it may grow large.
    """

    name: str
    layout: str
    suite: str | None
    is_log: bool = False
    skipped_by: str = ""

    def columns(self, schema: DatasetSchema = NO_COLUMNS) -> Columns:
        """Return the columns in their order, each with its type; without a schema, Tieout's own alone."""
        return columns_of(self.layout.format_map(schema.parts))

    def names(self, schema: DatasetSchema = NO_COLUMNS) -> list[str]:
        """Return the names of the columns in their order."""
        return [name for name, _ in self.columns(schema)]

    def skipping(self, schema: DatasetSchema = NO_COLUMNS) -> dict[str, str]:
        """Return the property by which Delta knows what files are skipped by; none of a small table."""
        columns = columns_of(self.skipped_by.format_map(schema.parts))
        names = [quoted(name) for name, type_ in columns if type_ not in _WITHOUT_ORDER]
        return {_SKIPPING: ",".join(names)} if names else {}
