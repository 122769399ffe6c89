"""``sources/<name>.yml`` -> Source: a prefix of records in one dialect."""

import typing as t

from pydantic import BeforeValidator, Field

from jobs.settings.discovery import Discovery
from jobs.settings.model import Model, wrong
from jobs.settings.scalars import Character, Duration, Name, Text, Uri, Zone

DialectName = t.Literal["cloudevents", "eventbridge", "envelope", "dms"]
FormatName = t.Literal["json", "csv", "parquet"]
# What people may well look for and nothing reads yet, with what to do meanwhile.
_NOT_SERVED = {
    "debezium": "is not served yet; have the change log written by AWS DMS",
}


def _served(value: t.Any) -> t.Any:
    if isinstance(value, str) and value in _NOT_SERVED:
        raise wrong(_NOT_SERVED[value], value)
    return value


Dialect = t.Annotated[DialectName, BeforeValidator(_served)]
Format = t.Annotated[FormatName, BeforeValidator(_served)]
ENVELOPE = ("id", "type", "time", "data")


Fields = t.Annotated[list[Text], Field(min_length=1)]


class SourceKeys(Model):
    """What is said of a source, in its own file or inline in a leg."""

    path: Uri = Field(description="Where the files lie: s3://…, file:///… or a plain path.")
    dialect: Dialect = Field(description="How a record is to be understood.")
    format: Format = Field(
        description="The file format: csv or parquet (dms), json (all other dialects): objects one after "
        "another, each on one line or over several, or one array of them."
    )
    timezone: Zone = Field(
        "UTC",
        description="Zone of the data's stamps that carry none. A time that its clock skips does not fit; "
        "one that it shows twice is the earlier.",
    )
    commit_timezone: Zone = Field(
        "UTC",
        description="dms: zone of the commit stamp (`timestamp_column`), which DMS writes in UTC whatever "
        "the zone of the data.",
    )
    fields: list[Text] | None = Field(
        None,
        min_length=1,
        description="csv without a header: the columns in file order, after Op. Without `fields` the first "
        "row is a header.",
    )
    null_token: str = Field("NULL", description="csv: the unquoted text that means null.")
    unsaid_token: str | None = Field(
        None, description="csv: the text that means 'no value supplied', so that the column is not said."
    )
    whole_file_megabytes: int = Field(
        64,
        ge=1,
        le=2047,
        description="How large a file may be whose records lie over several lines (newlines between quotes, "
        "JSON printed over several lines, an array): it is read as one text, which takes ten times its size "
        "in memory. A larger one is unreadable; a file whose lines are records may have any size.",
    )
    max_ahead: Duration | None = Field(
        None,
        description="How long after the listing that found its file a record may say to have happened, such "
        "as `1 hour`; one beyond is refused (`from_the_future`). Unset, none is.",
    )
    delimiter: Character = Field(",", description="csv: the character between fields.")
    timestamp_column: str | None = Field(
        None, description="dms: the column of the commit stamp (TimestampColumnName)."
    )
    tables: dict[Text, Fields] = Field(
        {},
        description="dms in csv: the tables below the path, each as schema.table with its columns in file "
        "order, after Op, where a task keeps the order of transactions (PreserveTransactions) and so writes "
        "the changes of all tables into one file, in CSV alone. `changes.table` picks one.",
    )
    before_image_prefix: Text | None = Field(
        None,
        description="dms: what names of columns begin with that hold what a field was before an update, such "
        "as BI_ (the rule add-before-image-columns). An update of the key then deletes the old one.",
    )
    load_complete: bool = Field(
        False,
        description="The load is complete though no change file as new as its last load file exists.",
    )
    emptied: t.Literal["suspected", "archived"] = Field(
        "suspected",
        description="dms: what it means that every file that was read is gone, as DMS leaves it when a table "
        "is truncated or dropped. `suspected`: keys that disagree are unjudged, until files come again or a "
        "person says `archived`: the files were moved away or expired, and what they said stands.",
    )
    discovery: Discovery | None = Field(
        None,
        description="How new files are found without listing all of them; unsaid: each run lists them all.",
    )
    id: str | None = Field(None, description="envelope: path of the event's id.")
    type: str | None = Field(None, description="envelope: path of the event's type.")
    time: str | None = Field(None, description="envelope: path of the instant at which it happened.")
    data: str | None = Field(
        None, description="envelope: path of the event's content; the whole record if unsaid."
    )
    transport: list[Text] = Field(
        [],
        description="envelope without `data`: paths of what is about the delivery (stamps of sending and "
        "receiving, signatures, subscriptions) and no content: the same event may come with other values.",
    )


class Source(SourceKeys):
    """A source by name; read and stored once, whatever number of datasets use it."""

    version: t.Literal[1] = Field(1, description="Version of the settings language: 1.")
    source: Name = Field(description="The name, also of its folder in the lake.")

    @property
    def table(self) -> str | None:
        """The one table of several that is looked at; None where all that there are."""
        return None

    def of_table(self, table: str) -> "Source":
        """The source as a leg sees it that reads one of its tables."""
        fields = self.tables[table]
        return OneTable.model_construct(**{**dict(self), "tables": {table: fields}, "fields": fields})


class OneTable(Source):
    """A source of which one table is looked at."""

    @property
    def table(self) -> str | None:
        """The table."""
        return next(iter(self.tables))


INLINE = tuple(SourceKeys.model_fields)
