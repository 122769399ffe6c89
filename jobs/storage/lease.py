"""Lease: one URI -> at most one run at a time that may write what it guards, among processes and machines."""

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from jobs import clock
from jobs.errors import InputError, RetryableError, TieoutError
from jobs.storage.objects import Objects

TTL = timedelta(minutes=2)

_BEATS = 4  # renewals within a time to live, so that three may fail
_RACES = 5


@dataclass(frozen=True)
class _Entry:
    """What stands in the lease's object; it stays after the release, for the fencing number to go on."""

    owner: str
    token: str
    fencing: int
    since: str
    expires_at: str  # when the holder stops
    free_at: str  # when others may begin
    released: bool = False


class Lease:
    """A lease that is held. `fencing` is greater than that of every earlier holder."""

    def __init__(
        self, objects: Objects, uri: str, entry: _Entry, etag: str, ttl: timedelta, began: float
    ) -> None:
        self._objects, self._uri, self._ttl = objects, uri, ttl
        self._entry, self._etag = entry, etag
        self._good_until = began + ttl.total_seconds()
        self._over = threading.Event()
        self._lost = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True, name=f"lease {uri}")
        self.fencing = entry.fencing

    def check(self) -> None:
        """Raises when the lease is no longer held; to be called right before a commit.

        Raises:
            RetryableError: it ran out (a pause, a lost network) and another run may have begun.
        """
        late = time.monotonic() >= self._good_until
        # The monotonic clock stands still while a laptop sleeps, the other does not.
        if self._lost.is_set() or late or clock.wall_now() >= datetime.fromisoformat(self._entry.expires_at):
            raise RetryableError(
                f"The lease {self._uri} ran out while {self._entry.owner} held it, and another run may have "
                "begun; nothing more was written, run again."
            )

    def start(self) -> None:
        """Begins to renew the lease in the background."""
        self._beating.start()

    def release(self) -> None:
        """Ends the renewals and lets the next run in at once."""
        self._over.set()
        self._beating.join()
        if not self._lost.is_set():
            # Left alone it runs out by itself, so trouble here is none.
            with contextlib.suppress(TieoutError):
                self._objects.replace(self._uri, _text(replace(self._entry, released=True)), self._etag)

    def _beat(self) -> None:
        while not self._over.wait(self._ttl.total_seconds() / _BEATS):
            with contextlib.suppress(TieoutError):
                if not self._renewed():
                    self._lost.set()
                    return

    def _renewed(self) -> bool:
        began = time.monotonic()
        expires_at, free_at = _times(self._ttl)
        entry = replace(self._entry, expires_at=expires_at, free_at=free_at)
        self._objects.replace(self._uri, _text(entry), self._etag)
        # Its etag is read back; the token tells whether the object is still ours, also after a lost answer.
        stored = self._objects.get(self._uri)
        if stored is None or _entry(self._uri, stored[0]).token != entry.token:
            return False
        if _entry(self._uri, stored[0]) == entry:
            self._entry, self._good_until = entry, began + self._ttl.total_seconds()
        self._etag = stored[1]
        return True


@contextlib.contextmanager
def hold(objects: Objects, uri: str, owner: str, ttl: timedelta = TTL) -> Iterator[Lease]:
    """Holds the lease while inside, renewing it; a holder that died is followed once its time has run out.

    Clocks may differ by a quarter of `ttl`; beyond that the fencing number tells the holders apart.

    Raises:
        RetryableError: another run holds it; the sentence names it and since when.
    """
    lease = _acquired(objects, uri, owner, ttl)
    lease.start()
    try:
        yield lease
    finally:
        lease.release()


def _acquired(objects: Objects, uri: str, owner: str, ttl: timedelta) -> Lease:
    for _ in range(_RACES):
        began = time.monotonic()
        stored = objects.get(uri)
        before = _entry(uri, stored[0]) if stored else None
        if before and _in_force(before):
            raise RetryableError(
                f"{uri} is held by {before.owner} since {before.since}; try again when it is done, "
                f"or after {before.free_at} if it died."
            )
        fencing = before.fencing + 1 if before else 1
        since = clock.wall_now().isoformat(timespec="seconds")
        entry = _Entry(owner, uuid.uuid4().hex, fencing, since, *_times(ttl))
        data = _text(entry)
        won = objects.replace(uri, data, stored[1]) if stored else objects.create(uri, data)
        now = objects.get(uri) if won else None
        if now and now[0] == data:
            return Lease(objects, uri, entry, now[1], ttl, began)
    raise RetryableError(f"{uri} is wanted by many runs at once; try again in a moment.")


def _in_force(entry: _Entry) -> bool:
    return not entry.released and clock.wall_now() < datetime.fromisoformat(entry.free_at)


def _times(ttl: timedelta) -> tuple[str, str]:
    expires_at = clock.wall_now() + ttl
    return expires_at.isoformat(), (expires_at + ttl / _BEATS).isoformat()


def _text(entry: _Entry) -> bytes:
    return json.dumps(asdict(entry), sort_keys=True).encode()


def _entry(uri: str, data: bytes) -> _Entry:
    try:
        fields: dict[str, Any] = json.loads(data)
        entry = _Entry(**fields)
        datetime.fromisoformat(entry.free_at)
        return entry
    except (ValueError, TypeError):
        raise InputError(f"{uri} is no lease that can be read; remove it when no run is under way.") from None
