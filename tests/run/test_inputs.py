"""What a run reads names the run: the same input the same id, any other input another."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from jobs.run.inputs import RunInputs, reached
from jobs.storage.uri import ObjectInfo
from jobs.target.snapshot import Snapshot

T = datetime(2026, 11, 23, tzinfo=UTC)
FILE = ObjectInfo("raw/a.json", "s3://raw/a.json", "e1", 10, T)
OTHER = replace(FILE, path="raw/b.json", uri="s3://raw/b.json")
FROZEN = RunInputs(
    "orders", "digest", T + timedelta(hours=2), {"shop": (FILE, OTHER), "log": (FILE,)},
    Snapshot(T, "s3://store/", "rows", 3), {"shop": True, "log": False}, {},
)  # fmt: skip


def test_written_down_and_read_again_it_is_the_same() -> None:
    spoken = replace(FROZEN, inbox=("1-a.json",), replayed={"shop": 3})
    for pinned in (FROZEN, replace(FROZEN, full=True), FROZEN.with_batches({"shop": 4}), spoken):
        assert RunInputs.from_json(pinned.to_json()) == pinned
        assert RunInputs.from_json(pinned.to_json()).run_id == pinned.run_id


def test_what_was_frozen_before_people_had_a_word_still_reads() -> None:
    said = json.loads(FROZEN.to_json())
    del said["inbox"]
    assert RunInputs.from_json(json.dumps(said).encode()) == FROZEN


def test_ids_do_not_change_from_release_to_release() -> None:
    assert (FROZEN.run_id, FROZEN.request_id) == ("d5b9fd15508016e6", "58dd55da515e1d46")


SAME = {
    "listed again, nothing new": replace(FROZEN, listed_at=T + timedelta(hours=3)),
    "files in another order": replace(FROZEN, files={"log": (FILE,), "shop": (OTHER, FILE)}),
    "batches known": FROZEN.with_batches({"shop": 1, "log": 2}),
    "sizes and stamps of the same version": replace(
        FROZEN, files={**FROZEN.files, "log": (replace(FILE, size=11, modified_at=T + timedelta(1)),)}
    ),
}
ANOTHER = {
    "another dataset": replace(FROZEN, dataset="payments"),
    "other settings": replace(FROZEN, settings_digest="other"),
    "another T": replace(FROZEN, snapshot=replace(FROZEN.snapshot, as_of=T + timedelta(1))),
    "other rows of the store": replace(FROZEN, snapshot=replace(FROZEN.snapshot, digest="other")),
    "a new version of a file": replace(FROZEN, files={**FROZEN.files, "log": (replace(FILE, etag="e2"),)}),
    "a new file": replace(FROZEN, files={**FROZEN.files, "log": (FILE, OTHER)}),
    "a file less": replace(FROZEN, files={**FROZEN.files, "shop": (FILE,)}),
    "the grace has passed": replace(FROZEN, reached={"shop": True, "log": True}),
    "a rebuild": replace(FROZEN, full=True),
    "a person's word": replace(FROZEN, inbox=("1-a.json",)),
    "records judged again": replace(FROZEN, replayed={"shop": 3}),
    "records judged again later": replace(FROZEN, replayed={"shop": 4}),
    "another word": replace(FROZEN, inbox=("1-a.json", "2-b.json")),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_input_is_the_same_run(name: str) -> None:
    assert SAME[name].run_id == FROZEN.run_id


def test_any_other_input_is_another_run() -> None:
    ids = {name: pinned.run_id for name, pinned in ANOTHER.items()}
    assert len({*ids.values(), FROZEN.run_id}) == len(ids) + 1


def test_each_rebuild_is_a_run_of_its_own() -> None:
    rebuild = replace(FROZEN, full=True)
    assert rebuild.run_id != replace(rebuild, listed_at=T + timedelta(hours=3)).run_id


def test_a_retry_finds_its_input_by_what_was_asked_for() -> None:
    moved = [
        ANOTHER[name].request_id
        for name in ("a new file", "the grace has passed", "other rows of the store", "a person's word")
    ]
    assert {*moved} == {FROZEN.request_id}
    asked = [
        ANOTHER[name].request_id for name in ("another dataset", "other settings", "another T", "a rebuild")
    ]
    assert len({*asked, FROZEN.request_id}) == 5


@pytest.mark.parametrize(("minutes", "passed"), [(14, False), (15, True), (16, True)])
def test_r16_a_listing_reaches_t_once_the_grace_has_passed(minutes: int, passed: bool) -> None:
    assert reached(T + timedelta(minutes=minutes), timedelta(minutes=15), T) is passed
