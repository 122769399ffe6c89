"""A dataset's settings -> the channel that its compensations go through, and its queue."""

from jobs.compensate.publishing.sqs import Queue
from jobs.errors import ConfigError
from jobs.settings import Channel, Dataset, Project

DIRECT = ("delta", "jdbc")


def queue_of(project: Project, dataset: Dataset) -> Queue:
    """Return the queue of the dataset's channel.

    Raises:
        ConfigError: it has no channel, or one that is no SQS queue.
    """
    channel = channel_of(project, dataset)
    name = dataset.dataset
    if channel is None:
        raise ConfigError(
            f"{name} has no channel: name one of tieout.yml's in compensate.channel of {name}, "
            f"or apply its repairs with `tieout apply {name} --from table`."
        )
    if channel.kind in DIRECT:
        raise ConfigError(
            f"The channel of {name} is of kind {channel.kind}, and nothing is published to such: "
            f"`tieout apply {name}` writes there straight from the table."
        )
    if channel.kind != "sqs":
        raise ConfigError(
            f"The channel of {name} is of kind {channel.kind}; only sqs, delta and jdbc are served."
        )
    return Queue(channel.address, project.aws)


def has_queue(project: Project, dataset: Dataset) -> bool:
    """Whether the dataset's compensations go through a queue that is read here."""
    channel = channel_of(project, dataset)
    return channel is not None and channel.kind == "sqs"


def channel_of(project: Project, dataset: Dataset) -> Channel | None:
    """Return the channel of the dataset, None where it has none."""
    name = dataset.compensate.channel if dataset.compensate else None
    return None if name is None else project.channels[name]
