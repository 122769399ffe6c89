"""Compensations from a queue or from their table -> the store; recorded, and only then acknowledged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from jobs import clock, lease
from jobs.compensate.consumer.answering import Answering
from jobs.compensate.consumer.stores import store_of
from jobs.compensate.publishing import sqs
from jobs.compensate.publishing.channels import has_queue, queue_of
from jobs.compensate.publishing.publish import would_be
from jobs.compensate.publishing.sqs import Queue, Received
from jobs.compensate.publishing.wire import NoCompensationError, read
from jobs.compensate.recording import Book
from jobs.errors import ConfigError, TryAgainLater
from jobs.objects import Objects
from jobs.settings import Project, dataset_of
from jobs.tables import Lake

CHUNK = 500
IN_HAND = 100  # messages that are worked on at once
PATIENCE = 60  # seconds of waiting for the dataset's lease

WAITING = ("approved", "published")


@dataclass(frozen=True)
class Applying:
    """What became of what was delivered: how many were `applied`, `refused`, `failed`, or `repeated`.

    Repeated are those that had their answer before. `unknown`: messages that are no compensations of the
    dataset. `messages`: what a dry run shows.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    messages: Sequence[Mapping[str, Any]] = ()


def apply(
    project: Project,
    name: str,
    source: str | None = None,
    to: str | None = None,
    dry_run: bool = False,
    objects: Objects | None = None,
) -> Applying:
    """Apply what waits in the queue, until it is empty, or in the table, to the store.

    Each is applied, recorded and acknowledged in this order. Whatever stops it, the delivery comes again and
    gets the answer that the store's ledger holds. `source`: `queue` or `table`; unsaid: the queue if the
    dataset has one. A dry run shows what waits in the table, for a message once received counts as delivered.

    Raises:
        ConfigError: there is no such queue or store.
        TryAgainLater: a run holds the dataset for long, or the store is out of reach; what was in hand comes
            again.
    """
    dataset = dataset_of(project, name)
    if source not in (None, "queue", "table"):
        raise ConfigError(f"--from {source} is not known; it is queue or table.")
    store, book = store_of(project, dataset, to), Book(project, name)
    queue = queue_of(project, dataset) if source == "queue" or _queued(project, name, source) else None
    if dry_run:
        return Applying(messages=would_be(book.having(WAITING), dataset))
    consumer = _Consumer(project, name, Answering(store, book), book, objects or Objects(project.aws))
    return consumer.drain_table() if queue is None else consumer.drain(queue)


def _queued(project: Project, name: str, source: str | None) -> bool:
    return source is None and has_queue(project, project.datasets[name])


@dataclass
class _Consumer:
    """Takes deliveries until there are none."""

    project: Project
    name: str
    answering: Answering
    book: Book
    objects: Objects
    counts: Counter[str] = field(default_factory=Counter)
    unknown: int = 0

    def drain_table(self) -> Applying:
        """Apply what the table says is waiting."""
        while True:
            with self._held() as held:
                rows = self.book.having(WAITING, CHUNK)
                if not rows:
                    return self._done()
                told = self.answering.answer([row["compensation_id"] for row in rows])
                held.check()
                self.answering.record(told, clock.now())
            self.counts += told.counts

    def drain(self, queue: Queue) -> Applying:
        """Apply what the queue delivers until it has nothing for a while."""
        while received := _received(queue):
            with self._held() as held:
                # Waiting for the lease takes time; what others may have by now is theirs.
                mine = [(message, *_understood(message, self.name)) for message in queue.hold(received)]
                told = self.answering.answer([named for _, named, _ in mine if named is not None])
                strangers = [
                    (message.message_id, message.body, reason)
                    for message, named, reason in mine
                    if named is None or named in told.unknown
                ]
                held.check()
                self.answering.record(told, clock.now())
                self.book.reject(queue.url, strangers, clock.now())
            queue.acknowledge([message for message, _, _ in mine])
            self.counts += told.counts
            self.unknown += len(strangers)
        return self._done()

    def _done(self) -> Applying:
        return Applying(dict(self.counts), self.unknown)

    @contextmanager
    def _held(self) -> Iterator[lease.Lease]:
        """The dataset's lease, for which it waits a while: a run under way ends, or its lease runs out."""
        uri = Lake(self.project.lake).dataset(self.name, "lease.json")
        trying = Retrying(
            retry=retry_if_exception_type(TryAgainLater),
            stop=stop_after_delay(PATIENCE),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        with ExitStack() as stack:
            yield trying(lambda: stack.enter_context(lease.held(self.objects, uri, f"apply {self.name}")))


def _received(queue: Queue) -> list[Received]:
    """Take messages into hand until none comes or there are enough."""
    found: list[Received] = []
    while len(found) < IN_HAND:
        fresh = queue.receive(IN_HAND - len(found), 1 if found else sqs.POLL)
        if not fresh:
            break
        found += fresh
    return found


def _understood(message: Received, dataset: str) -> tuple[str | None, str]:
    """The id that a message means, or None; and what is wrong with it, if no compensation has that id."""
    try:
        return read(message.body, dataset), "compensation_id: it is not in compensations"
    except NoCompensationError as wrong:
        return None, str(wrong)
