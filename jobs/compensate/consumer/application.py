"""Compensations from a queue or from their table -> the store; recorded, and only then acknowledged."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from jobs import clock
from jobs.compensate.consumer.render import Failed, RenderedRepair, failed_as, rendered
from jobs.compensate.consumer.results import OPEN, Applier, Failure
from jobs.compensate.consumer.stores import key_columns, store_of
from jobs.compensate.publishing import sqs
from jobs.compensate.publishing.channels import has_queue, queue_of
from jobs.compensate.publishing.sqs import Queue, Received
from jobs.compensate.publishing.wire import NoCompensationError, read
from jobs.compensate.recording import Repository
from jobs.errors import ConfigError, RetryableError
from jobs.lake.layout import Lake
from jobs.masking.columns import Masking
from jobs.masking.rows import masks_of
from jobs.settings import Compensate, Project, dataset_of
from jobs.storage import lease
from jobs.storage.objects import Objects

CHUNK = 500
IN_HAND = 100  # messages that are worked on at once
PATIENCE = 60  # seconds of waiting for the dataset's lease


@dataclass(frozen=True)
class Applying:
    """What became of what was delivered: how many were `applied`, `refused`, `failed`, or `repeated`.

    Repeated are those that had their result before. `unknown`: messages that are not compensations of the
    dataset. `failures`: of each attempt that failed which it was and why, masked. `repairs`: what a dry run
    shows.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    failures: Sequence[Failed] = ()
    repairs: Sequence[RenderedRepair] = ()


def apply(
    project: Project,
    name: str,
    source: str | None = None,
    to: str | None = None,
    dry_run: bool = False,
) -> Applying:
    """Apply what waits in the queue, until it is empty, or in the table, to the store.

    Each is applied, recorded and acknowledged in this order. Whatever stops it, the delivery comes again and
    gets the result that the store's ledger holds. An attempt that fails is recorded and acknowledged as well:
    the next call tries it again from the table, `compensate.attempts` times in all. `source`: `queue` or
    `table`; by default the queue if the dataset has one. A dry run shows what waits in the table, for a
    message once received counts as delivered.

    Raises:
        ConfigError: there is no such queue or store.
        RetryableError: a run holds the dataset for long, or the store is out of reach; what was in hand comes
            again.
    """
    dataset = dataset_of(project, name)
    if source not in (None, "queue", "table"):
        raise ConfigError(f"--from {source} is not known; it is queue or table.")
    store, repository = store_of(project, dataset, to), Repository(project, name)
    queue = queue_of(project, dataset) if source == "queue" or _queued(project, name, source) else None
    # Without the secret: equal values need no equal masks here.
    masks = masks_of(dataset, Masking(dataset.mask.columns if dataset.mask else ()))
    if dry_run:
        waiting, key = repository.having(OPEN), key_columns(dataset)
        return Applying(repairs=[rendered(row, store.place, key, masks) for row in waiting])
    applier = Applier(store, repository, (dataset.compensate or Compensate()).attempts, masks.cause)
    consumer = _Consumer(project, name, applier, repository, Objects(project.aws))
    try:
        if queue is None:
            consumer.drain_table(OPEN)
        else:
            consumer.drain(queue)
    except RetryableError as later:
        raise RetryableError(f"{later}{_failures_note(applier.failures, name)}") from later
    failures = [failed_as(each, masks) for each in applier.failures]
    return Applying(dict(consumer.counts), consumer.unknown, failures)


def _queued(project: Project, name: str, source: str | None) -> bool:
    return source is None and has_queue(project, project.datasets[name])


@dataclass
class _Consumer:
    """Takes deliveries until there are none."""

    project: Project
    name: str
    applier: Applier
    repository: Repository
    objects: Objects
    counts: Counter[str] = field(default_factory=Counter)
    unknown: int = 0

    def drain_table(self, statuses: Sequence[str], only_tried: bool = False) -> None:
        """Apply what the table says is waiting, each once; `only_tried`: what failed before."""
        waiting = self.repository.waiting(statuses, only_tried)
        for start in range(0, len(waiting), CHUNK):
            with self._lease() as active_lease:
                results = self.applier.apply(waiting[start : start + CHUNK])
                active_lease.check()
                self.applier.record(results, clock.now())
            self.counts += results.counts

    def drain(self, queue: Queue) -> None:
        """Apply what failed before, then what the queue delivers until it has nothing for a while."""
        self.drain_table(["published"], only_tried=True)
        while received := _received(queue):
            with self._lease() as active_lease:
                # Waiting for the lease takes time; messages that others may hold by now are left to them.
                understood = [(message, *_understood(message, self.name)) for message in queue.hold(received)]
                results = self.applier.apply([named for _, named, _ in understood if named is not None])
                unknown_messages = [
                    (message.message_id, message.body, reason)
                    for message, named, reason in understood
                    if named is None or named in results.unknown
                ]
                active_lease.check()
                self.applier.record(results, clock.now())
                self.repository.reject(queue.address, unknown_messages, clock.now())
            queue.acknowledge([message for message, _, _ in understood])
            self.counts += results.counts
            self.unknown += len(unknown_messages)

    @contextmanager
    def _lease(self) -> Iterator[lease.Lease]:
        """The dataset's lease, for which it waits a while: a run under way ends, or its lease runs out."""
        uri = Lake(self.project.lake).lease(self.name)
        trying = Retrying(
            retry=retry_if_exception_type(RetryableError),
            stop=stop_after_delay(PATIENCE),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        with ExitStack() as stack:
            yield trying(lambda: stack.enter_context(lease.hold(self.objects, uri, f"apply {self.name}")))


def _failures_note(failures: Sequence[Failure], name: str) -> str:
    """What is added where a call ends early."""
    if not failures:
        return ""
    return f" {len(failures)} failed before that: `tieout compensations list {name}` says why."


def _received(queue: Queue) -> list[Received]:
    """Receive messages until none comes or there are enough."""
    received: list[Received] = []
    while len(received) < IN_HAND:
        fresh = queue.receive(IN_HAND - len(received), 1 if received else sqs.POLL)
        if not fresh:
            break
        received += fresh
    return received


def _understood(message: Received, dataset: str) -> tuple[str | None, str]:
    """The id that a message names, or None; and what is wrong with it, if no compensation has that id."""
    try:
        return read(message.body, dataset), "compensation_id: it is not in compensations"
    except NoCompensationError as wrong:
        return None, str(wrong)
