"""The inbox: a word is put once whoever puts it, reads back as it was said, and what is no word says why."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobs.lake.layout import Lake
from jobs.run.decision_inbox import Decision, contents, decide, decision_of, names, understood
from jobs.settings import Project
from jobs.storage.objects import Objects
from tests.conftest import S3

AT = datetime(2026, 11, 24, 12, 0, 0, 250, tzinfo=UTC)
WORD = decision_of("orders", "c1", "approve", "ann", "looked at it: “fine”", AT, AT + timedelta(days=1))


def project(lake: str) -> Project:
    return Project.model_construct(lake=lake)


def put(lake: str, *subjects: str, objects: Objects | None = None, **said: Any) -> list[Decision]:
    told = {"decision": "approve", "decided_by": "ann", "reason": "seen", "at": AT, **said}
    return decide(project(lake), "orders", subjects=subjects, objects=objects or Objects(), **told)


def made(**said: Any) -> Decision:
    return decision_of(**said)


def test_a_word_reads_back_as_it_was_said() -> None:
    assert understood(WORD.to_json(), WORD.name, "orders") == (WORD, [])
    bare = decision_of("orders", "c1", "reject", "ann", "no", AT)
    assert understood(bare.to_json(), bare.name, "orders") == (bare, [])


def test_ids_and_names_do_not_change_from_release_to_release() -> None:
    assert WORD.name == "20261124T120000.000250Z-214d67b10fc864ce2c4741ae72134574.json"


def test_every_part_of_a_word_makes_another_word() -> None:
    names = ("dataset", "subject_id", "decision", "decided_by", "reason", "decided_at", "expires_at")
    said = dict(zip(names, ("orders", "c1", "approve", "ann", "seen", AT, None), strict=True))
    others = ("payments", "c2", "reject", "bob", "", AT + timedelta(microseconds=1), AT)
    changed = [made(**{**said, name: value}) for name, value in zip(names, others, strict=True)]
    assert len({word.decision_id for word in [made(**said), *changed]}) == len(said) + 1
    berlin = AT.astimezone(tz=datetime.fromisoformat("2026-01-01T00:00:00+01:00").tzinfo)
    assert made(**{**said, "decided_at": berlin}) == made(**said)


def test_an_inbox_that_nobody_used_is_empty(lake: str) -> None:
    assert names(Objects(), lake, "orders") == ()


def test_words_are_put_one_object_each_and_listed_in_order(lake: str) -> None:
    later = put(lake, "c3", at=AT + timedelta(seconds=1))
    said = put(lake, "c1", "c2", "c1")
    assert [word.subject_id for word in said] == ["c1", "c2"]
    listed = names(Objects(), lake, "orders")
    assert listed == (*sorted(word.name for word in said), later[0].name)
    held = contents(Objects(), lake, "orders", [*listed, "gone.json"])
    assert [name for name, _ in held] == [*listed, "gone.json"]
    assert [written and understood(written, name, "orders")[0] for name, written in held] == [
        *sorted(said, key=lambda word: word.name), later[0], None,
    ]  # fmt: skip


def test_the_same_word_at_the_same_instant_is_one(lake: str) -> None:
    def once(_: int) -> list[Decision]:
        return put(lake, "c1", "c2")

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(once, range(8)))
    assert all(words == said[0] for words in said)
    assert len(names(Objects(), lake, "orders")) == 2
    put(lake, "c1", reason="seen again")
    assert len(names(Objects(), lake, "orders")) == 3


def test_on_s3_two_writers_put_a_word_once_and_a_listing_is_one_request(s3: S3) -> None:
    lake = s3.bucket("lake") + "/tieout"
    objects = [Objects(s3.aws), Objects(s3.aws)]
    assert names(objects[0], lake, "orders") == ()
    assert objects[0].requests == 1
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda each: put(lake, "c1", "c2", objects=each), objects)
    assert first == second
    reader = Objects(s3.aws)
    listed = names(reader, lake, "orders")
    assert (len(listed), reader.requests) == (2, 1)
    assert {understood(text or b"", name, "orders")[0] for name, text in contents(
        reader, lake, "orders", listed)} == {*first}  # fmt: skip
    assert reader.get(f"{Lake(lake).inbox('orders')}/{first[0].name}") is not None


def broken(**said: Any) -> bytes:
    return json.dumps({**json.loads(WORD.to_json()), **said}).encode()


NO_WORDS = {
    "no JSON": (b"{", ["it is no JSON"]),
    "no text": (b"\xff\xfe\x00", ["it is no JSON"]),
    "deep": (b"[" * 100_000, ["it is no JSON"]),
    "a list": (b"[]", ["it is no JSON object"]),
    "nobody": (broken(decided_by=None), ["decided_by: it is missing"]),
    "blank": (broken(reason=" "), ["reason: it is no text"]),
    "a number": (broken(subject_id=7), ["subject_id: it is no text"]),
    "half a character": (broken(reason="\ud800"), ["reason: it is no text"]),
    "no time": (broken(decided_at=None), ["decided_at: it is missing"]),
    "a bad time": (broken(decided_at="soon"), ["decided_at: it is no instant"]),
    "a bad end": (broken(expires_at=7), ["expires_at: it is no instant"]),
    "an unknown word": (
        broken(decision="allow"),
        ["decision: allow is not known; it is one of approve, reject, waive, revoke"],
    ),
    "another dataset": (broken(dataset="payments"), ["dataset: it is about payments, not orders"]),
    "another id": (broken(decision_id="f" * 32), ["decision_id: the object's name does not end with it"]),
    "several": (broken(reason=None, decided_at=None), ["reason: it is missing", "decided_at: it is missing"]),
}


@pytest.mark.parametrize("name", NO_WORDS)
def test_what_is_no_word_says_why(name: str) -> None:
    written, reasons = NO_WORDS[name]
    assert understood(written, WORD.name, "orders") == (None, reasons)


def test_a_stamp_without_a_zone_is_utc() -> None:
    written = broken(decided_at="2026-11-24T12:00:00.000250", expires_at=None)
    assert understood(written, WORD.name, "orders")[0] == replace(WORD, expires_at=None)


def test_a_word_is_dated_now_unless_told_otherwise(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-25T00:00:00Z")
    assert put(lake, "c1", at=None)[0].decided_at == datetime(2026, 11, 25, tzinfo=UTC)


def test_the_folder_is_of_the_dataset(tmp_path: Path) -> None:
    put(str(tmp_path), "c1")
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "orders" / "decisions_inbox"]
