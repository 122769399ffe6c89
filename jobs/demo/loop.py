"""Loop: a run's findings -> repaired through the channel, each message twice, and judged a day later."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobs.demo import landing, store
from jobs.demo.findings import DATASET
from jobs.demo.injection import Damaged
from jobs.demo.life import AS_OF
from jobs.demo.place import CONSUMER, Place, environment
from jobs.demo.repaired import APPROVED
from jobs.demo.shop import LISTED
from jobs.demo.store import AGAIN, REPAIRED

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from jobs.outcome import Outcome
    from jobs.settings import Project

_LISTED_AGAIN = LISTED + (AGAIN - AS_OF)
_REASON = "Nobody placed this order."
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Closed:
    """The second run, what the person approved, and the orders whose rows the consumer changed."""

    outcome: "Outcome"
    approved: tuple[int, ...]
    changed: frozenset[int]


def close(place: Place, shop: Damaged, project: "Project", progress: Progress) -> Closed:
    """Approve one repair by hand, publish, apply every message twice in another order, and judge again."""
    # Loaded late: they bring Spark, which `tieout demo --help` does without.
    from jobs import pipeline
    from jobs.compensate.publishing.publish import publish

    with environment({"TIEOUT_NOW": REPAIRED.isoformat()}):
        progress("a person approves one repair")
        approved = _approve(project, shop)
        pipeline.run_stage(project, DATASET, "compensate")
        store.write(place.store, store.rows_later(shop.shop), place.options)
        before = store.read(place.store, place.options)
        if place.queue:
            progress("publish")
            publish(project, DATASET)
        progress("apply, every message twice")
        _applied_twice(place, project)
        after = store.read(place.store, place.options)
    with environment({"TIEOUT_NOW": _LISTED_AGAIN.isoformat()}):
        changes = store.repairs(before, after)
        place.put({**landing.logged(changes, REPAIRED), landing.export(AGAIN): store.parquet(after)})
        outcome = pipeline.run(project, DATASET, progress=lambda text: progress(f"again: {text}"))
    return Closed(outcome, approved, frozenset(each.row.id for each in changes))


def _approve(project: "Project", shop: Damaged) -> tuple[int, ...]:
    """A person says yes to the first of the repairs that the policy leaves to people."""
    from jobs.decisions.inbox import decide

    key = next(each.keys[0] for each in shop.injected if each.fault.name == APPROVED)
    (found,) = compensations(project, f"order_id = {key}")
    decide(project, DATASET, "approve", [found["compensation_id"]], "the demo", _REASON)
    return (key,)


def compensations(project: "Project", where: str | None = None) -> list[Mapping[str, Any]]:
    """The dataset's compensations: key, status and why they wait."""
    from jobs import tables
    from jobs.lookup import log_options, rows, table_at

    table = table_at(
        tables.Lake(project.lake).dataset(DATASET, tables.COMPENSATIONS), log_options(project.aws)
    )
    columns = ["compensation_id", "order_id", "action", "status", "reason"]
    return [] if table is None else list(rows(table, where, columns, ["order_id"]))


def _applied_twice(place: Place, project: "Project") -> None:
    from jobs.compensate.consumer.applying import apply

    if place.queue is None:
        for _ in range(2):
            apply(project, DATASET, source="table")
        return
    _deliver_twice(place.sqs, place.queue)
    apply(project, DATASET, to=CONSUMER)


def _deliver_twice(sqs: "SQSClient", queue: str) -> None:
    """Take every message out of the queue and put it back twice, shuffled: at-least-once, at its worst."""
    taken: list[MessageTypeDef] = []
    while found := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
    ).get("Messages"):
        taken += found
        for each in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    again = taken * 2
    random.Random(len(taken)).shuffle(again)  # noqa: S311 (the same every time)
    for number, each in enumerate(again):
        sqs.send_message(
            QueueUrl=queue, MessageBody=each["Body"], MessageGroupId=each["Attributes"]["MessageGroupId"],
            MessageDeduplicationId=f"again-{number}",
        )  # fmt: skip
