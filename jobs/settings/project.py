"""``tieout.yml`` with an environment laid over it -> Project: where everything lives and is sent."""

import typing as t
from collections.abc import Collection, Iterator, Mapping

from pydantic import BeforeValidator, Field, field_validator, model_validator

from jobs.errors import ConfigError
from jobs.settings.dataset import Dataset, LegName
from jobs.settings.model import Model, unknown, wrong
from jobs.settings.nodes import Loc
from jobs.settings.scalars import Name, Options, SecretRef, Text, Uri
from jobs.settings.source import Source

Mistake = tuple[Loc, str]


class Aws(Model):
    """The S3 (and other AWS) endpoint; credentials come from the standard chain."""

    endpoint_url: str | None = Field(
        None, description="Another endpoint than AWS's own, path style; else AWS_ENDPOINT_URL."
    )
    region: str | None = Field(None, description="Region; else AWS_REGION or AWS_DEFAULT_REGION.")


class Connection(Model):
    """A PostgreSQL database, by name."""

    url: Text = Field(description="JDBC url, such as `jdbc:postgresql://host:5432/name`.")
    user: str | None = Field(None, description="User name.")
    password: SecretRef | None = Field(
        None,
        repr=False,
        description="`secret://secretsmanager/<id>#<key>` or `${NAME}`; never the password itself.",
    )
    driver: Text | None = Field(None, description="Class of the JDBC driver; else Spark finds it by the url.")
    options: Options = Field({}, description="Further options of Spark's JDBC reader.")

    @field_validator("url")
    @classmethod
    def _of_postgresql(cls, url: str) -> str:
        if not url.startswith("jdbc:postgresql:"):
            # The value is not repeated: a url may hold a password.
            raise wrong("must begin with jdbc:postgresql:, the one kind of database that is served")
        return url


class JdbcTable(Model):
    """A table of a connection."""

    connection: Name = Field(description="Name of a connection.")
    table: Text | None = Field(
        None, description="The table, with its schema if it needs one; else the target's own."
    )


def _jdbc(raw: t.Any) -> t.Any:
    return {"connection": raw} if isinstance(raw, str) else raw


class Channel(Model):
    """Where compensations go; exactly one of the six."""

    sqs: Text | None = Field(None, description="URL of the queue; FIFO if it ends in .fifo.")
    sns: Text | None = Field(None, description="ARN of the topic.")
    kinesis: Text | None = Field(None, description="Name or ARN of the stream.")
    eventbridge: Text | None = Field(None, description="Name or ARN of the event bus.")
    jdbc: t.Annotated[
        JdbcTable | None, BeforeValidator(_jdbc, json_schema_input_type=str | JdbcTable | None)
    ] = Field(None, description="Connection, or {connection, table}, that the shipped consumer writes to.")
    delta: Uri | None = Field(
        None, description="Path of the Delta table that the shipped consumer writes to."
    )

    @property
    def kind(self) -> str:
        """Which of the six it is."""
        return next(iter(self.model_fields_set))

    @property
    def address(self) -> str:
        """The queue, topic, stream, bus, connection or path."""
        value = getattr(self, self.kind)
        return value.connection if isinstance(value, JdbcTable) else str(value)

    @field_validator("sns")
    @classmethod
    def _topic(cls, arn: str) -> str:
        if not arn.startswith("arn:"):
            raise wrong("must be the topic's ARN, such as arn:aws:sns:eu-central-1:123456789012:repairs", arn)
        return arn

    @model_validator(mode="before")
    @classmethod
    def _one(cls, raw: t.Any) -> t.Any:
        if not isinstance(raw, dict):
            return raw
        given = {name: each for name, each in raw.items() if each is not None}
        if len(given) != 1:
            raise wrong("must say exactly one of " + ", ".join(cls.model_fields), ", ".join(given) or None)
        return given


def channel_mistakes(channels: Mapping[str, Channel], connections: Collection[str]) -> Iterator[Mistake]:
    """Channels over connections that are not there."""
    for name, channel in channels.items():
        if channel.jdbc is not None and channel.jdbc.connection not in connections:
            place = ("channels", name, "jdbc", "connection")
            yield place, unknown("connection", channel.jdbc.connection, connections)


class TieoutFile(Model):
    """The project's own file, with an environment laid over it."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "channels.*": "give one of sqs, sns, kinesis, eventbridge, jdbc, delta",
        "connections.*": "give url, user and password",
    }

    version: t.Literal[1] = Field(description="Version of the settings language: 1.")
    lake: Uri = Field(description="Where Tieout's tables live: s3://…, file:///… or a plain path.")
    spark: Options = Field({}, description="Spark settings, over Tieout's own.")
    aws: Aws = Field(Aws(), description="Endpoint and region, for S3 and all else.")
    channels: dict[Name, Channel] = Field({}, description="Where compensations go, by name.")
    connections: dict[Name, Connection] = Field({}, description="Databases, by name.")
    defaults: dict[str, t.Any] = Field({}, description="Keys of a dataset, merged under every dataset.")
    vars: dict[Name, t.Any] = Field({}, description="What `${vars.x}` stands for.")

    @field_validator("lake")
    @classmethod
    def _without_slash(cls, lake: str) -> str:
        return lake.rstrip("/") or "/"


class Environment(Model):
    """What one environment says otherwise: keys of tieout.yml, and of sources and datasets by name."""

    version: t.Literal[1] = Field(1, description="Version of the settings language: 1; may be left out.")
    lake: t.Any = Field(None, description="As in tieout.yml.")
    spark: dict[str, t.Any] = Field({}, description="As in tieout.yml.")
    aws: dict[str, t.Any] = Field({}, description="As in tieout.yml.")
    channels: dict[str, t.Any] = Field({}, description="As in tieout.yml; a channel is replaced whole.")
    connections: dict[str, t.Any] = Field({}, description="As in tieout.yml.")
    defaults: dict[str, t.Any] = Field({}, description="As in tieout.yml.")
    vars: dict[Name, t.Any] = Field({}, description="What `${vars.x}` stands for in this environment.")
    sources: dict[str, dict[str, t.Any]] = Field({}, description="Source -> the keys that differ here.")
    datasets: dict[str, dict[str, t.Any]] = Field({}, description="Dataset -> the keys that differ here.")


class Project(Model):
    """All settings of a configuration folder, checked against each other."""

    lake: str
    spark: dict[str, str] = Field({})
    aws: Aws = Aws()
    channels: dict[str, Channel] = Field({})
    connections: dict[str, Connection] = Field({})
    sources: dict[str, Source] = Field({})
    datasets: dict[str, Dataset] = Field({})
    config: str = ""
    env: str | None = None

    def source_of(self, dataset: Dataset | str, leg: LegName) -> Source:
        """The source of a leg, inline ones included; KeyError where the dataset has no such leg."""
        owner = self.datasets[dataset] if isinstance(dataset, str) else dataset
        mapping = owner.events if leg == "events" else owner.changes
        if mapping is None:
            raise KeyError(f"{owner.dataset} has no {leg} leg")
        source = self.sources[mapping.source]
        table = owner.changes.table if leg == "changes" and owner.changes else None
        return source if table is None else source.of_table(table)


def dataset_of(project: Project, name: str) -> Dataset:
    """Return a dataset by name.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in project.datasets:
        known = ", ".join(sorted(project.datasets)) or "none"
        raise ConfigError(f"There is no dataset {name} in {project.config}; there is: {known}.")
    return project.datasets[name]
