"""Deliveries: repeated, shuffled, split, stopped, met by another consumer: each is applied at most once."""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.compensate.consumer import application
from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.compensate.publishing import publish
from jobs.compensate.publishing.sending import Message, Sent
from jobs.compensate.publishing.sqs import Received
from jobs.compensate.recording import Repository
from tests.compensate import orders
from tests.compensate.orders import NAME, held, propose, repair, statuses, stored, write_store

KEYS = range(1, 5)
NAMES = {f"c{key}": key for key in KEYS}
# Nobody repairs this one.
OTHER = 9


class StoppedError(Exception):
    """The process ends here."""


class Unreliable:
    """A queue that keeps its promise and no more: what is not acknowledged comes again, and again."""

    address = "https://queue.fifo"

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.bodies: dict[str, str] = {}
        self.hidden: set[str] = set()
        self.meanwhile: list[str] = []
        self.steps: World | None = None

    def send(self, messages: Sequence[Message]) -> Sent:
        for each in messages:
            self.bodies[f"m{len(self.bodies)}.{self.chance.random()}"] = each.body
        return Sent([each.compensation_id for each in messages])

    def receive(self, most: int, wait: int) -> list[Received]:
        waiting = sorted(set(self.bodies) - self.hidden)
        some = self.chance.sample(waiting, min(len(waiting), self.chance.randint(1, 3)))
        again = some + self.chance.sample(some, self.chance.randint(0, len(some)))
        self.chance.shuffle(again)
        found = [Received(name, name, self.bodies[name]) for name in again]
        self.hidden |= set(some)
        if found and self.meanwhile and self.steps:
            # The other consumer is given the very same messages, and is faster.
            self.hidden.clear()
            self.steps.take(self.meanwhile.pop())
        return found

    def hold(self, received: Sequence[Received]) -> list[Received]:
        return list(received)

    def acknowledge(self, received: Sequence[Received]) -> None:
        for each in received:
            self.bodies.pop(each.message_id, None)


class World:
    """A project, its store and its queue, and what the store has to hold if all goes right."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.store = write_store(root / "store", [*(held(key) for key in KEYS), held(OTHER)])
        self.project = orders.project(
            root, {"out": {"sqs": Unreliable.address}}, compensate={"channel": "out"}
        )
        propose(self.project, [repair(name, key) for name, key in NAMES.items()])
        self.queue = Unreliable(chance)
        self.queue.steps = self
        self.expected = {**dict.fromkeys(KEYS, "NEW"), OTHER: "NEW"}
        self.answered: dict[str, str] = {}

    def take(self, step: str) -> None:
        what, _, where = step.partition(" ")
        if what == "edit":
            key, state = where.split()
            DeltaTable(self.store).update({"state": f"'{state}'"}, predicate=f"id = {key}")
            self.expected[int(key)] = state
        else:
            self._call(what, where)
        self.check()

    def _call(self, what: str, where: str) -> None:
        """Publish or apply, stopped at a place or not at all."""
        broken = {
            "sent": mock.patch.object(Repository, "record", side_effect=StoppedError),
            "applied": mock.patch.object(Repository, "record", side_effect=StoppedError),
            "recorded": mock.patch.object(self.queue, "acknowledge", side_effect=StoppedError),
        }
        with (
            mock.patch.object(publish, "publisher_of", lambda *_: self.queue),
            mock.patch.object(application, "queue_of", lambda *_: self.queue),
            broken.get(where, mock.patch.object(self, "nothing", create=True)),
        ):
            try:
                if what == "publish":
                    publish.publish(self.project, NAME)
                else:
                    application.apply(self.project, NAME, source="table" if what == "table" else None)
            except StoppedError:
                pass
            finally:
                self.queue.hidden.clear()

    def check(self) -> None:
        """What was answered meanwhile was right, and nothing else changed."""
        for name, answer in DeltaStore(self.store, {}, ["id"]).recorded_results(list(NAMES)).items():
            if name not in self.answered:
                self.answered[name] = answer.status
                fits = self.expected[NAMES[name]] == "NEW"
                assert answer.status == ("applied" if fits else "refused")
                self.expected[NAMES[name]] = "PAID" if fits else self.expected[NAMES[name]]
        assert stored(self.store) == [held(key, state) for key, state in self.expected.items()]

    def entries(self) -> Counter[str]:
        """How often the ledger was written for each compensation."""
        log = Path(self.store, "_delta_log").glob("*.json")
        actions = (json.loads(line) for path in log for line in path.read_text().splitlines())
        return Counter(action["txn"]["appId"] for action in actions if "txn" in action)


_EDITS = st.builds("edit {} {}".format, st.sampled_from(KEYS), st.sampled_from(["NEW", "OLD"]))
_CALLS = st.sampled_from(
    ["publish", "publish sent", "apply", "apply applied", "apply recorded", "table", "table applied"]
)


@given(st.lists(_EDITS | _CALLS, max_size=7), st.lists(_CALLS, max_size=2), st.integers(0, 2**32))
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_each_is_applied_at_most_once_and_ends_with_the_answer_it_got(
    steps: list[str], meanwhile: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), random.Random(seed))
        world.queue.meanwhile = [step for step in meanwhile if step.startswith("apply")]
        for step in steps:
            world.take(step)
        world.queue.meanwhile.clear()
        for step in ("publish", "apply"):
            world.take(step)
        assert statuses(world.project) == {name: world.answered[name] for name in NAMES}
        assert world.queue.bodies == {}
        assert set(world.entries().values()) == {1}
        assert len(world.entries()) == len(NAMES)
