"""A queue of S3 notifications -> the objects that they name, and the messages until they may be removed."""

import contextlib

from jobs.console.format import counted
from jobs.errors import RetryableError, TieoutError
from jobs.run.discovery.notifications import Created, created
from jobs.settings.discovery import SETTING
from jobs.storage.message_queue import BATCH, MessageQueue
from jobs.storage.s3 import Aws
from jobs.storage.services import client_of, explained

# Messages that one run takes. A queue with more is behind: all files are listed instead.
MOST = 20_000
WAIT = 1  # seconds; more than none asks all of SQS's servers, so that no answer means no message
HOLD = 300  # seconds until a message that was neither removed nor given back comes again


class Inbox:
    """The messages that a run received; they come again unless it removes them."""

    def __init__(self, address: str, aws: Aws | None) -> None:
        with explained(address, setting=SETTING):
            self._queue = MessageQueue(address, client_of("sqs", address, aws), SETTING)
        self._understood: dict[str, str] = {}
        self._strange: dict[str, str] = {}
        self.created: dict[str, Created] = {}
        self.is_behind = False

    def receive(self) -> None:
        """Receive until the queue is empty, or more came than one run takes.

        Raises:
            InputError: there is no such queue, or it may not be read.
            RetryableError: it is busy or out of reach.
        """
        while messages := self._queue.receive_for(BATCH, WAIT, HOLD):
            before = len(self)
            for message in messages:
                objects = created(message.body)
                kept = self._strange if objects is None else self._understood
                kept[message.message_id] = message.handle
                # Of one object the last one to come; S3 is asked what it is by now.
                self.created |= {each.path: each for each in objects or ()}
            if len(self) == before:
                return  # they come again while they are still in hand: nothing else is left
            if len(self) >= MOST:
                self.is_behind = True
                return

    def __len__(self) -> int:
        return len(self._understood) + len(self._strange)

    @property
    def note(self) -> str:
        """What to tell of messages that are not understood; empty where there is none."""
        if not self._strange:
            return ""
        number = counted(len(self._strange), "message")
        return (
            f"{number} of {self._queue.address} could not be read as a notification of S3 and stayed there: "
            "is it this source's queue?"
        )

    def confirm(self) -> None:
        """Remove the messages: what they name is in the lake, so one that comes again names nothing new."""
        with contextlib.suppress(RetryableError):
            self._queue.remove([*self._understood.values()])
        self._understood.clear()

    def release(self) -> None:
        """Give back what was not removed, so that the next run need not wait for it."""
        handles = [*self._understood.values(), *self._strange.values()]
        self._understood.clear()
        self._strange.clear()
        # They come again of themselves; whether that is soon decides nothing.
        with contextlib.suppress(TieoutError):
            self._queue.hold_for(handles, 0)
