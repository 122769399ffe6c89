"""Lease: one holder at a time, its death, its successor, and the number that tells them apart."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from jobs.errors import InputError, RetryableError
from jobs.storage.lease import Lease, hold
from jobs.storage.objects import Objects
from tests.conftest import S3

# A client of its own for each call would take most of the time.
STORE = Objects()
SHORT = timedelta(seconds=0.4)
LONG = timedelta(minutes=5)


@pytest.fixture(params=["local", "s3"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the lease is, on each kind of store."""
    if request.param == "local":
        return str(tmp_path / "lake" / "orders" / "lease.json")
    s3: S3 = request.getfixturevalue("s3")
    return s3.bucket("lease") + "/orders/lease.json"


class Silent(Objects):
    """A store that stops answering when told to: a paused process or a lost network."""

    gone = False

    def replace(self, uri: str, data: bytes, etag: str) -> bool:
        """As the store does, unless it is gone."""
        if self.gone:
            raise RetryableError("out of reach")
        return super().replace(uri, data, etag)


def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def _lost(lease: Lease) -> bool:
    try:
        lease.check()
    except RetryableError:
        return True
    return False


def test_a_second_run_is_told_who_holds_it_and_since_when(uri: str) -> None:
    with (
        hold(STORE, uri, "run 7"),
        pytest.raises(RetryableError) as refusal,
        hold(STORE, uri, "run 8"),
    ):
        pass

    since = json.loads(STORE.read(uri))["since"]
    assert f"held by run 7 since {since}" in str(refusal.value)


def test_a_released_lease_is_free_at_once_and_the_number_goes_up(uri: str) -> None:
    numbers = []
    for run in range(3):
        with hold(STORE, uri, f"run {run}") as lease:
            lease.check()
            numbers.append(lease.fencing)

    assert numbers == [1, 2, 3]


def test_it_is_released_when_the_work_fails(uri: str) -> None:
    with pytest.raises(ZeroDivisionError), hold(STORE, uri, "run 1"):
        raise ZeroDivisionError

    with hold(STORE, uri, "run 2") as lease:
        assert lease.fencing == 2


def test_a_holder_that_lives_keeps_it_beyond_its_time_to_live(uri: str) -> None:
    with hold(STORE, uri, "slow", timedelta(seconds=2)) as lease:
        time.sleep(3)
        lease.check()
        with pytest.raises(RetryableError, match="held by slow"), hold(STORE, uri, "eager"):
            pass


def test_a_dead_holder_is_followed_after_its_time_and_notices(uri: str) -> None:
    store = Silent()
    with hold(store, uri, "dead", SHORT) as dead:
        store.gone = True
        _until(lambda: _lost(dead))
        time.sleep(SHORT.total_seconds())
        with hold(STORE, uri, "heir", LONG) as heir:
            assert heir.fencing == dead.fencing + 1
            store.gone = False
            with pytest.raises(RetryableError, match="ran out while dead held it"):
                dead.check()
            heir.check()


def test_the_dead_one_coming_back_does_not_release_its_heir(uri: str) -> None:
    store = Silent()
    with hold(store, uri, "dead", SHORT):
        store.gone = True
        time.sleep(2 * SHORT.total_seconds())
        heir = hold(STORE, uri, "heir", LONG)
        heir.__enter__()
        store.gone = False

    with pytest.raises(RetryableError, match="held by heir"), hold(STORE, uri, "third"):
        pass
    heir.__exit__(None, None, None)


def test_of_many_at_once_one_gets_it(uri: str) -> None:
    inside, most, refused, failed = [], [0], [], []
    gate = threading.Barrier(8)

    def work(run: int) -> None:
        gate.wait()
        try:
            with hold(STORE, uri, f"run {run}"):
                inside.append(run)
                most[0] = max(most[0], len(inside))
                time.sleep(1)
                inside.remove(run)
        except RetryableError:
            refused.append(run)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(run,)) for run in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most[0], len(refused), failed) == (1, 7, [])


def test_a_fixed_clock_does_not_stop_the_lease(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "2020-01-01T00:00:00Z")
    with hold(STORE, uri, "yesterday"):
        pass
    monkeypatch.setenv("TIEOUT_NOW", "2040-01-01T00:00:00Z")
    with hold(STORE, uri, "tomorrow"), pytest.raises(RetryableError), hold(STORE, uri, "another"):
        pass


def test_what_is_no_lease_is_not_overwritten(uri: str) -> None:
    STORE.write(uri, b"{}")

    with pytest.raises(InputError, match="no lease that can be read"), hold(STORE, uri, "run 1"):
        pass
