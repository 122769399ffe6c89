"""A dataset's settings -> the channel that its compensations go through, and the queue they are read from."""

from collections.abc import Callable

from jobs.compensate.publishing.eventbridge import EventBus
from jobs.compensate.publishing.kinesis import Stream
from jobs.compensate.publishing.sending import Channel
from jobs.compensate.publishing.sns import Topic
from jobs.compensate.publishing.sqs import Queue
from jobs.errors import ConfigError
from jobs.settings import Channel as ChannelSettings
from jobs.settings import Dataset, Project
from jobs.storage.s3 import Aws

# Kind of channel -> what publishes to it.
PUBLISHERS: dict[str, Callable[[str, Aws], Channel]] = {
    "sqs": Queue,
    "sns": Topic,
    "kinesis": Stream,
    "eventbridge": EventBus,
}
# Kinds that `tieout apply` writes to, straight from the table.
DIRECT = ("delta", "jdbc")


def publisher_of(project: Project, dataset: Dataset) -> Channel:
    """Return what the dataset's compensations are published to.

    Raises:
        ConfigError: it has no channel, or one that nothing is published to.
    """
    channel = _configured(project, dataset)
    if channel.kind not in PUBLISHERS:
        name = dataset.dataset
        raise ConfigError(
            f"The channel of {name} is of kind {channel.kind}, and nothing is published to such: "
            f"`tieout apply {name}` writes there straight from the table."
        )
    return PUBLISHERS[channel.kind](channel.address, project.aws)


def queue_of(project: Project, dataset: Dataset) -> Queue:
    """Return the queue that the dataset's compensations are received from.

    Raises:
        ConfigError: it has no channel, or one that is not an SQS queue.
    """
    channel = _configured(project, dataset)
    if channel.kind != "sqs":
        name = dataset.dataset
        raise ConfigError(
            f"The channel of {name} is of kind {channel.kind}, and only a queue (sqs) is received from: "
            f"`tieout apply {name} --from table` applies what waits in the table."
        )
    return Queue(channel.address, project.aws)


def has_queue(project: Project, dataset: Dataset) -> bool:
    """Whether the dataset's compensations go through a queue that is read here."""
    channel = channel_of(project, dataset)
    return channel is not None and channel.kind == "sqs"


def channel_of(project: Project, dataset: Dataset) -> ChannelSettings | None:
    """Return the channel of the dataset, None where it has none."""
    name = dataset.compensate.channel if dataset.compensate else None
    return None if name is None else project.channels[name]


def _configured(project: Project, dataset: Dataset) -> ChannelSettings:
    channel, name = channel_of(project, dataset), dataset.dataset
    if channel is None:
        raise ConfigError(
            f"{name} has no channel: name one of tieout.yml's in compensate.channel of {name}, "
            f"or apply its repairs with `tieout apply {name} --from table`."
        )
    return channel
