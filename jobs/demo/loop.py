"""Loop: a dataset's findings -> repaired through its channel, each message twice, and judged a day later."""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobs.demo import landing, store
from jobs.demo.entity import Entity
from jobs.demo.injection import Damaged
from jobs.demo.life import AS_OF, Key
from jobs.demo.place import Place, environment
from jobs.demo.shop import LISTED
from jobs.demo.store import REPAIRED, SECOND_AS_OF

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from jobs.run.outcome import Outcome
    from jobs.settings import Project

_SECOND_LISTED = LISTED + (SECOND_AS_OF - AS_OF)
_REASON = "Nobody placed this order."
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Closed:
    """The second run, what the person approved, and the keys whose rows the consumer changed."""

    outcome: "Outcome"
    approved: tuple[Key, ...]
    changed: frozenset[Key]


def close(place: Place, damaged: Damaged, project: "Project", progress: Progress) -> Closed:
    """Approve by hand what a person has to, publish, apply every message twice, shuffled, and judge again."""
    # Loaded late: they bring Spark, which `tieout demo --help` does without.
    from jobs import pipeline
    from jobs.compensate.publishing.publish import publish

    entity, table = damaged.entity, place.store(damaged.entity)
    with environment({"TIEOUT_NOW": REPAIRED.isoformat()}):
        approved = damaged.approved
        if approved:
            progress("a person approves one repair")
            _approve(project, entity, approved)
            pipeline.run_stage(project, entity.name, "compensate")
        store.write(entity, table, store.rows_later(damaged.table), place.options)
        before = store.read(entity, table, place.options)
        if place.queues:
            progress("publish")
            publish(project, entity.name)
        progress("apply, every message twice")
        _applied_twice(place, project, entity)
        after = store.read(entity, table, place.options)
    with environment({"TIEOUT_NOW": _SECOND_LISTED.isoformat()}):
        changes, exported = store.repairs(before, after), store.parquet(entity, after)
        place.put(
            {**landing.logged(entity, changes, REPAIRED), landing.export(entity, SECOND_AS_OF): exported}
        )
        outcome = pipeline.run(project, entity.name, progress=lambda text: progress(f"again: {text}"))
    return Closed(outcome, approved, frozenset(each.row.key for each in changes))


def _approve(project: "Project", entity: Entity, keys: Collection[Key]) -> None:
    """Approve, as a person does, repairs that the policy leaves to people."""
    from jobs.run.decision_inbox import decide

    ids = [each["compensation_id"] for each in compensations(project, entity) if entity.key_of(each) in keys]
    decide(project, entity.name, "approve", ids, "the demo", _REASON)


def compensations(project: "Project", entity: Entity) -> list[Mapping[str, Any]]:
    """The dataset's compensations: key and status."""
    from jobs.lake import tables
    from jobs.lake.layout import Lake
    from jobs.lake.log import open_table
    from jobs.storage.delta_query import log_options, rows

    table = open_table(
        Lake(project.lake).dataset(entity.name, tables.COMPENSATIONS), log_options(project.aws)
    )
    columns = ["compensation_id", *entity.key, "status"]
    return [] if table is None else list(rows(table, None, columns, entity.key))


def _applied_twice(place: Place, project: "Project", entity: Entity) -> None:
    from jobs.compensate.consumer.application import apply

    if not place.queues:
        for _ in range(2):
            apply(project, entity.name, source="table")
        return
    _deliver_twice(place.sqs, place.queues[entity.name])
    apply(project, entity.name, to=entity.consumer)


def _deliver_twice(sqs: "SQSClient", queue: str) -> None:
    """Take every message out of the queue and put it back twice, shuffled: at-least-once, at its worst."""
    taken: list[MessageTypeDef] = []
    while messages := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
    ).get("Messages"):
        taken += messages
        for each in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    redelivered = taken * 2
    random.Random(len(taken)).shuffle(redelivered)  # noqa: S311 (the same every time)
    for number, each in enumerate(redelivered):
        sqs.send_message(
            QueueUrl=queue, MessageBody=each["Body"], MessageGroupId=each["Attributes"]["MessageGroupId"],
            MessageDeduplicationId=f"again-{number}",
        )  # fmt: skip
