"""Deciding: a word about every row that is meant or about none, newer than all that was said before."""

import io
import json
from datetime import timedelta

import pytest

from jobs.run.decision_inbox import understood
from tests.review.shop import COMPENSATIONS, DECISIONS, Shop, T, compensation

WHY = ("--reason", "seen")


def said(shop: Shop) -> list[tuple[str, str]]:
    return [(word["subject_id"][:4], word["decision"]) for word in shop.words()]


def test_a_word_is_an_object_with_all_that_was_said(shop: Shop) -> None:
    assert shop.run("compensations", "approve", "orders", "c100", "--reason", " looked at it ") == 0
    assert shop.said == (
        "1 compensation of orders approved by ann; the next `tieout run orders` takes it in.\n\n"
        "id           key             kind       fault\n"
        "─────────────────────────────────────────────\n"
        "c100000000   order_id = 17   mismatch   store\n"
    )
    (word,) = shop.words()
    (path,) = (shop.lake / "orders" / "decisions_inbox").iterdir()
    assert understood(path.read_bytes(), path.name, "orders")[0] is not None
    assert word == {
        "decision_id": path.stem[-32:], "dataset": "orders", "subject_id": "c1" + "0" * 30,
        "decision": "approve",
        "decided_by": "ann", "reason": "looked at it", "decided_at": "2026-11-24T00:00:00.000000Z",
        "expires_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "meant"),
    [
        (["--all"], ["c100", "c200"]),
        (["--fault", "store"], ["c100"]),
        (["--kind", "stale"], ["c200"]),
        (["--action", "update", "--held", "held"], ["c100", "c200"]),
        (["--held", "manual"], ["c100"]),
        (["--key", "18", "--key", "19"], ["c200"]),
    ],
)
def test_filters_choose_what_waits_for_a_word(shop: Shop, filters: list[str], meant: list[str]) -> None:
    assert shop.run("compensations", "approve", "orders", *filters, *WHY, "-q") == 0
    assert said(shop) == [(id_, "approve") for id_ in meant]
    assert shop.said.count("\n") == 1


def test_reject_takes_back_approvals_and_filters_leave_what_was_decided(shop: Shop) -> None:
    assert shop.run("compensations", "reject", "orders", "--all", *WHY) == 0
    assert said(shop) == [("c100", "reject"), ("c200", "reject"), ("c300", "reject")]
    assert shop.run("compensations", "approve", "orders", "--all", *WHY) == 2
    assert "5 compensations fit, and none is to be decided on" in shop.error
    # By its name, one can be approved again: what is said last counts, though the clock stands.
    assert shop.run("compensations", "approve", "orders", "c100", *WHY) == 0
    assert said(shop)[:2] == [("c100", "reject"), ("c100", "approve")]
    assert shop.json("compensations", "show", "orders", "c100")["by_now"] == "approved"


NO_WORD = {
    "c100 c400": "c400000000 is on its way to the store already",
    "c300": "c300000000 is approved already",
    "c100 dddd": "No compensation of orders has an id that begins with dddd",
    "c1": "c1: an id is named by 4 or more of its first hex digits",
    "--kind undeleted": "no compensation of orders fits; `tieout compensations list orders --status all`",
    "--key 20": "1 compensation fits, and none is to be decided on; c400000000 is on its way",
    "--kind wrong": "--kind wrong is not known",
    "": "Say which ones are meant, in one way: ids, filters, --file or --all.",
    "c100 --all": "in one way: ids, filters, --file or --all, not ids and --all.",
    "--file nowhere.txt": "--file nowhere.txt cannot be read: No such file or directory.",
    "c100 --by=": "--by is empty: name yourself, or set TIEOUT_USER.",
}


@pytest.mark.parametrize("words", NO_WORD)
def test_one_that_cannot_be_decided_on_leaves_nothing_written(shop: Shop, words: str) -> None:
    assert shop.run("compensations", "approve", "orders", *words.split(), *WHY) == 2
    assert NO_WORD[words] in shop.error
    assert shop.words() == []
    assert shop.said == ""


def test_a_word_needs_a_reason_and_a_person(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.run("compensations", "approve", "orders", "c100") == 2
    assert "Missing option '--reason'" in shop.error
    assert shop.run("compensations", "approve", "orders", "c100", "--reason", " ") == 2
    assert shop.error == "tieout: --reason is empty: say why."
    monkeypatch.delenv("TIEOUT_USER")
    monkeypatch.setenv("USER", "bob")
    assert shop.run("compensations", "approve", "orders", "c100", *WHY) == 0
    assert shop.words()[0]["decided_by"] == "bob"
    assert shop.run("compensations", "approve", "orders", "c200", *WHY, "--by", "eve") == 0
    assert shop.words()[1]["decided_by"] == "eve"


def test_a_file_names_ids_line_by_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = shop.root / "ids.txt"
    listed.write_text("# mine\nc100 order 17\n\nc200" + "0" * 28 + "\nc100\n")
    assert shop.run("compensations", "approve", "orders", "--file", str(listed), *WHY, "--dry-run") == 0
    assert "2 compensations of orders would be approved by ann; nothing was written." in shop.said
    assert shop.words() == []
    monkeypatch.setattr("sys.stdin", io.StringIO("c200\n"))
    assert shop.run("compensations", "approve", "orders", "--file", "-", *WHY) == 0
    assert said(shop) == [("c200", "approve")]
    listed.write_text("# none\n")
    assert shop.run("compensations", "approve", "orders", "--file", str(listed), *WHY) == 2
    assert "names no id; write one on each line." in shop.error


def test_revoke_takes_the_last_word_back(shop: Shop) -> None:
    assert shop.run("compensations", "approve", "orders", "c100", "--revoke", *WHY) == 2
    assert "c100000000 has no word to take back" in shop.error
    assert shop.run("compensations", "approve", "orders", "c100", *WHY) == 0
    assert shop.run("compensations", "approve", "orders", "c100", "--revoke", "--reason", "wrong one") == 0
    assert "1 compensation of orders taken back by ann" in shop.said
    assert said(shop) == [("c100", "approve"), ("c100", "revoke")]
    assert shop.json("compensations", "show", "orders", "c100")["by_now"] == "proposed"
    # Of what the policy approved too: it waits for a person then.
    assert shop.run("compensations", "approve", "orders", "c300", "--revoke", *WHY) == 0


def test_a_word_about_a_failed_one_is_newer_than_its_last_step(shop: Shop) -> None:
    late = T + timedelta(days=9)
    failed = {
        "status": "failed",
        "approved_at": T,
        "approved_by": "bob",
        "published_at": late,
        "reason": None,
    }
    shop.write("compensations", COMPENSATIONS, compensation(17, "c1", "aa11", **failed))
    assert shop.run("compensations", "approve", "orders", "c100", *WHY) == 0
    assert shop.words()[0]["decided_at"] == "2026-12-02T00:00:00.000001Z"


def test_a_waiver_is_said_lengthened_and_taken_back(shop: Shop) -> None:
    until = "2026-12-24T00:00:00+01:00"
    assert shop.run("discrepancies", "waive", "orders", "--fault", "store", *WHY, "--until", until) == 0
    assert "2 discrepancies of orders waived by ann until 2026-12-23 23:00:00 UTC" in shop.said
    assert said(shop) == [("aa11", "waive"), ("ab00", "waive")]
    assert {word["expires_at"] for word in shop.words()} == {"2026-12-23T23:00:00.000000Z"}
    assert shop.run("discrepancies", "waive", "orders", "aa11", *WHY) == 0
    assert shop.run("discrepancies", "waive", "orders", "--key", "17", "--revoke", *WHY) == 0
    assert said(shop)[:3] == [("aa11", "waive"), ("aa11", "waive"), ("aa11", "revoke")]
    for words, error in {
        "ad00": "ad00000000 is unjudged: it is not known whether anything is wrong",
        "aa11 --until 2026-11-23": (
            "--until 2026-11-23 is not after 2026-11-23 00:00:00 UTC, the T that orders was judged at last; "
            "name a later T (not a time of the clock)."
        ),
        "aa11 --until soon": "--until soon is no instant; write it like 2026-12-24T00:00:00Z.",
        "ac00 --revoke --until 2027-01-01": "--until is of a waiver; with --revoke there is none.",
        "aa11 --revoke": "aa11000000 is not waived",
    }.items():
        assert shop.run("discrepancies", "waive", "orders", *words.split(), *WHY) == 2
        assert error in shop.error
    assert len(shop.words()) == 4


def test_the_end_of_a_waiver_is_an_instant_t_whatever_the_clock_says(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An old T is judged again: the clock has long passed the end, T has not.
    monkeypatch.setenv("TIEOUT_NOW", "2027-06-01T00:00:00Z")
    assert shop.run("discrepancies", "waive", "orders", "aa11", *WHY, "--until", "2026-11-25") == 0
    (path,) = (shop.lake / "orders" / "decisions_inbox").iterdir()
    word, wrong = understood(path.read_bytes(), path.name, "orders")
    assert (wrong, word and word.expires_at) == ([], T + timedelta(days=2))
    # A later T was judged, in which nothing more was seen of any discrepancy.
    judged = [{"as_of": T + timedelta(days=days), "leg": "total"} for days in (0, 3)]
    shop.write("reconciliations", "as_of timestamp, leg string", *judged)
    assert shop.run("discrepancies", "waive", "orders", "ab00", *WHY, "--until", "2026-11-26") == 2
    assert "--until 2026-11-26 is not after 2026-11-26 00:00:00 UTC, the T" in shop.error
    assert shop.run("discrepancies", "waive", "orders", "ab00", *WHY, "--until", "2026-11-26T00:01Z") == 0
    assert len(shop.words()) == 2


def test_words_that_a_run_took_in_are_told_and_not_waited_for(shop: Shop) -> None:
    assert shop.run("compensations", "approve", "orders", "c100", "c200", *WHY) == 0
    word = shop.words()[0]
    row = {**word, "decided_at": T + timedelta(days=1), "expires_at": None, "run_id": "r2"}
    shop.write("decisions", DECISIONS, {name: value for name, value in row.items() if name != "dataset"})
    (shop.lake / "orders" / "decisions_inbox" / "20261124-broken.json").write_text("{")
    told = {id_: shop.json("compensations", "show", "orders", id_)["words"] for id_ in ("c100", "c200")}
    assert [(word["taken_in"], word["reason"]) for word in told["c100"]] == [(True, "seen")]
    assert [(word["taken_in"], word["reason"]) for word in told["c200"]] == [(False, "seen")]
    assert shop.run("compensations", "list", "orders") == 0
    assert "1 waits for a person, 1 for the next run (`tieout run orders`)\n" in shop.said


def test_json_is_one_object(shop: Shop) -> None:
    told = shop.json("compensations", "reject", "orders", "--all", *WHY, "--dry-run")
    assert told == {
        "dataset": "orders", "decision": "reject", "decided_by": "ann", "decided_at": "2026-11-24T00:00:00Z",
        "expires_at": None, "dry_run": True, "count": 3,
        "compensation_ids": [f"{id_}{'0' * 30}" for id_ in ("c1", "c2", "c3")], "next": "tieout run orders",
    }  # fmt: skip
    assert shop.words() == []
    assert json.loads(shop.said)["count"] == 3


def test_many_are_decided_at_once_and_a_few_are_told(shop: Shop) -> None:
    rows = [compensation(n, f"{n:04x}", "aa11") for n in range(300)]
    shop.write("compensations", COMPENSATIONS, *rows)
    assert shop.run("compensations", "approve", "orders", "--all", *WHY) == 0
    assert shop.said.startswith("300 compensations of orders approved by ann")
    assert shop.said.endswith("and 290 more\n")
    assert len(shop.words()) == 300
