"""The round trip: damage is planned, published, applied and found right; each key changed once, no other."""

import random
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs import pipeline
from jobs.compensate.consumer import application
from jobs.compensate.consumer.application import apply
from jobs.compensate.publishing import publish, sqs
from jobs.compensate.recording import Repository
from jobs.run.outcome import Outcome
from tests.builders.delta import delta_rows
from tests.compensate.queues import Lying, queue
from tests.compensate.world import LIVING, NAME, World, true
from tests.conftest import S3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture
def lying(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Lying:
    monkeypatch.setattr(sqs, "POLL", 0)
    return queue(s3.url)


def open_keys(world: World) -> set[int]:
    rows = delta_rows(f"{world.project.lake}/{NAME}/discrepancies")
    return {row["order_id"] for row in rows if row["status"] == "open"}


def run(world: World, spark: "SparkSession") -> Outcome:
    return pipeline.run(world.project, NAME, spark=spark)


def deliver_twice(lying: Lying, chance: random.Random) -> set[str]:
    """Take all out of the queue and put it back twice, shuffled."""
    taken = lying.client.receive_message
    bodies: list[str] = []
    while found := taken(QueueUrl=lying.url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [each["Body"] for each in found]
        for each in found:
            lying.client.delete_message(QueueUrl=lying.url, ReceiptHandle=each["ReceiptHandle"])
    again = bodies * 2
    chance.shuffle(again)
    for number, body in enumerate(again):
        lying.put(body, str(number % 5))
    return set(bodies)


def killed_once(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, call: Any) -> None:
    """Let the process end just before the method, then let another begin again."""

    def dies(*_: object, **__: object) -> None:
        raise KilledError

    with monkeypatch.context() as broken:
        broken.setattr(owner, method, dies)
        with pytest.raises(KilledError):
            call()


def repaired(world: World, lying: Lying, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish and apply as it should not be: stopped in between, everything twice, two consumers at once."""
    killed_once(monkeypatch, Repository, "record", lambda: publish.publish(world.project, NAME))
    publish.publish(world.project, NAME)
    assert len(deliver_twice(lying, chance)) == len(world.by_status()["published"])
    # In hand of one that died: hidden until its time runs out, and delivered again.
    monkeypatch.setattr(sqs, "HOLD", 1)
    killed_once(monkeypatch, sqs.Queue, "acknowledge", lambda: apply(world.project, NAME, to="store"))
    monkeypatch.setattr(sqs, "POLL", 2)
    monkeypatch.setattr(sqs, "HOLD", 30)
    monkeypatch.setattr(application, "IN_HAND", 5)
    others = [threading.Thread(target=apply, args=(world.project, NAME, None, "store")) for _ in range(2)]
    for one in others:
        one.start()
    for one in others:
        one.join()
    assert lying.count() == 0


@pytest.mark.parametrize("seed", [1])
def test_whatever_is_damaged_is_repaired_once_and_damaged_again_it_is_repaired_again(
    spark: "SparkSession", lying: Lying, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance, world = random.Random(seed), World(tmp_path / "world", f"{{sqs: '{lying.url}'}}")
    sound = world.held()
    state = chance.getstate()
    wrong, doubled = world.damage(chance)
    broken = world.held()

    assert run(world, spark).counts["discrepant"] == len(wrong | doubled)
    assert world.by_status() == {"approved": wrong, "proposed": doubled}
    # A masked column is repaired with its true value, and never shown.
    shown = str(publish.publish(world.project, NAME, dry_run=True).messages)
    assert not [key for key in LIVING if (note := true(key)["note"]) and note in shown]
    repaired(world, lying, chance, monkeypatch)
    assert world.by_status() == {"applied": wrong, "proposed": doubled}
    assert [row for row in world.held() if row["id"] not in doubled] == [
        row for row in sound if row["id"] not in doubled
    ]
    assert world.log_repairs(broken, "20260201-00000000") == wrong

    # R28: only looking confirms; what a person has to decide is all that is open.
    assert run(world, spark).counts["discrepant"] == len(doubled)
    assert world.by_status() == {"confirmed": wrong, "proposed": doubled}
    assert open_keys(world) == doubled

    # R26: the same damage again is another episode, and another repair.
    chance.setstate(state)
    world.hold(sound)
    again, _ = world.damage(chance)
    assert again == wrong
    run(world, spark)
    second = [row for row in world.compensations() if row["episode"] == 2]
    assert {row["order_id"] for row in second} == wrong
    assert {row["status"] for row in second} == {"approved"}
    repaired(world, lying, chance, monkeypatch)
    assert world.by_status()["applied"] == wrong
    kept = {row["order_id"]: row for row in world.compensations() if row["status"] == "confirmed"}
    assert set(kept) == wrong


def test_r27_beyond_the_limits_nothing_is_approved_and_the_run_ends_with_3(
    spark: "SparkSession", lying: Lying, tmp_path: Path
) -> None:
    world = World(tmp_path / "world", f"{{sqs: '{lying.url}'}}", limit=5)
    wrong, doubled = world.damage(random.Random(3))
    outcome = run(world, spark)
    assert outcome.exit_code == 3
    assert f"{len(wrong)} repairs are held: limits.count allows 5; " in outcome.reason
    assert world.by_status() == {"proposed": wrong | doubled}
