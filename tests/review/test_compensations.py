"""Compensations under review: what is listed, and what one of them shows of guard and write."""

import json
import shutil

import pytest

from tests.review.shop import COMPENSATIONS, CONFIG, Shop, T, compensation

LIST = """
id           key             action   kind       fault     status                waits because
────────────────────────────────────────────────────────────────────────────────────────────────
c100000000   order_id = 17   update   mismatch   store     proposed → approved   manual
c200000000   order_id = 18   update   stale      capture   proposed              suspect, waited
c500000000   order_id = 21   update   -          -         failed                -
c300000000   order_id = 19   insert   missing    store     approved              -
c400000000   order_id = 20   update   mismatch   store     published             -
c500000000  failed 1 time: cents: value too big

orders: 2 proposed, 1 approved, 1 failed, 1 published
1 waits for a person, 1 for the next run (`tieout run orders`)
"""
SHOW = """
orders  order_id = 17
update, repairs mismatch, fault store, episode 1
proposed since 2026-11-23 00:00:00 UTC
waits for a person's word:
  manual (the policy asks for a person's word)
rule policy[0]
id: c1000000000000000000000000000000

What changes  in the store's own columns
    column      held (guard)   will hold (write)
────────────────────────────────────────────────
≠   cents       1250           1000
    id          17             17
≠   Mail        ***            ***
≠   mail_hash   ***            ***
    remark      ***            ***
    search      ***            ***
    state       PAID           PAID

tieout explain orders 17
tieout discrepancies show orders aa11000000
tieout compensations approve orders c100000000 --reason "…"
tieout compensations reject orders c100000000 --reason "…"
"""


def changes(shop: Shop) -> list[list[str]]:
    """The lines of the table of what changes, as their cells."""
    block = shop.said.split("What changes")[1].split("\n\n")[0]
    return [line.split() for line in block.splitlines()[3:]]


def waits(shop: Shop) -> str:
    """The line that tells what waits."""
    assert shop.run("compensations", "list", "orders") == 0
    return next(line for line in shop.said.splitlines() if " for " in line)


def ids(shop: Shop, *options: str) -> list[str]:
    found = shop.json("compensations", "list", "orders", *options)["compensations"]
    return [row["compensation_id"][:2] for row in found]


def test_what_waits_for_a_person_is_listed_first(shop: Shop) -> None:
    assert shop.run("compensations", "approve", "orders", "c100", "--reason", "seen") == 0
    assert shop.run("compensations", "list", "orders") == 0
    assert shop.said == LIST.lstrip("\n")
    assert max(map(len, shop.said.splitlines())) <= 100


def test_a_list_is_filtered_and_cut(shop: Shop) -> None:
    assert ids(shop, "--status", "proposed") == ids(shop, "--reason", "held") == ["c1", "c2"]
    assert ids(shop, "--reason", "suspect") == ids(shop, "--reason", "waited") == ["c2"]
    assert ids(shop, "--reason", "sus") == []
    assert ids(shop, "--action", "insert") == ids(shop, "--kind", "missing") == ["c3"]
    assert ids(shop, "--fault", "store") == ["c1", "c3", "c4"]
    assert ids(shop, "--fault", "store", "--status", "published") == ["c4"]
    told = shop.json("compensations", "list", "orders", "--limit", "2")
    assert (len(told["compensations"]), told["more"], told["held"]) == (2, True, 2)
    assert told["waiting"] == {"person": 2, "run": 0}
    assert told["counts"] == {"proposed": 2, "approved": 1, "failed": 1, "published": 1}
    assert shop.run("compensations", "list", "orders", "--action", "upsert") == 2
    assert "--action upsert is not known; use one of insert, update, delete." in shop.error


def test_one_is_shown_with_guard_and_write_side_by_side(shop: Shop) -> None:
    assert shop.run("compensations", "show", "orders", "c100") == 0
    assert shop.said == SHOW.lstrip("\n")


def test_an_insert_a_delete_and_copies_show_what_comes_and_goes(shop: Shop) -> None:
    copies = json.dumps([{"id": "17", "state": "PAID"}, {"id": "17", "state": "NEW"}])
    one = json.dumps({"id": "17", "state": "PAID"})
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11", action="insert", guard="[]", write=one),
        compensation(17, "c2", "aa11", action="delete", guard=one, write=None, row=None),
        compensation(17, "c3", "aa11", guard=copies, write=one, reason="suspect; duplicated"),
        compensation(17, "c4", "aa11", action="delete", guard=one, write='{"gone":true,"state":null}'),
    )  # fmt: skip
    shown = {}
    for id_ in ("c100", "c200", "c300", "c400"):
        assert shop.run("compensations", "show", "orders", id_) == 0
        shown[id_] = changes(shop)
    assert shown["c100"] == [["≠", "id", "no", "row", "17"], ["≠", "state", "no", "row", "PAID"]]
    assert shown["c200"] == [["≠", "id", "17", "no", "row"], ["≠", "state", "PAID", "no", "row"]]
    assert shown["c300"] == [["id", "17", "17", "17"], ["≠", "state", "PAID", "NEW", "PAID"]]
    assert shown["c400"] == [["id", "17", "17"], ["≠", "state", "PAID", "null"], ["≠", "gone", "-", "true"]]
    assert shop.run("compensations", "show", "orders", "c300") == 0
    assert "2 copies go, one row comes" in shop.said
    assert "  duplicated (the store holds copies of the key: all of them go, and one row comes)" in shop.said


def test_what_is_masked_is_never_shown(shop: Shop) -> None:
    error = "value 'secret' is too long for remark"
    outcome = "guard: the row was changed since it was seen"
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11", status="failed", error=error, outcome=outcome, published_at=T),
    )  # fmt: skip
    commands = (["list", "orders"], ["show", "orders", "c100"], ["reject", "orders", "c100", "--reason", "x"])
    for command in commands:
        for more in ([], ["--json"]):
            arguments = [*command, *more, *(["--dry-run"] if command[0] == "reject" else [])]
            assert shop.run("compensations", *arguments) == 0, shop.error
            for clear in ("secret", "b.c", "77", "78"):
                assert clear not in shop.said, command
    told = shop.json("compensations", "show", "orders", "c100")
    assert told["outcome"] == outcome
    assert told["error"] == "value '***' is too long for remark"
    assert (told["guard"]["state"], told["guard"]["cents"], told["row"]["amount"]) == ("PAID", 1250, "10.00")


def test_what_failed_tells_how_often_and_why_in_list_and_page(shop: Shop) -> None:
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11", status="published", error="no place for\nsecret", attempts=2,
                     published_at=T),
        compensation(18, "c2", "aa22", status="failed", error="It is too large.", attempts=1),
    )  # fmt: skip
    assert shop.run("compensations", "list", "orders") == 0
    below = shop.said.split("\n\n")[0].splitlines()[-2:]
    assert below == [
        "c200000000  failed 1 time: It is too large.",
        "c100000000  failed 2 times: no place for ***",
    ]
    assert shop.run("compensations", "show", "orders", "c100") == 0
    assert "\nfailed 2 times: no place for ***\n" in shop.said


def test_with_a_secret_equal_values_look_equal(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASK_KEY", "k")
    shop.configure(CONFIG.replace("[note, email]", "[note, email], key: '${MASK_KEY}'"))
    told = shop.json("compensations", "show", "orders", "c100")
    assert told["guard"]["remark"] == told["write"]["remark"] == told["row"]["note"]
    assert told["guard"]["remark"].startswith("#")
    assert told["guard"]["Mail"] != told["write"]["Mail"] == told["row"]["email"]


def test_what_waits_for_a_person_and_what_for_the_next_run_are_counted_apart(shop: Shop) -> None:
    assert waits(shop) == "2 wait for a person"
    said = (
        (("approve", "c100"), "1 waits for a person, 1 for the next run (`tieout run orders`)"),
        (("reject", "c200"), "2 wait for the next run (`tieout run orders`)"),
        (("approve", "c200", "--revoke"), "1 waits for a person, 1 for the next run (`tieout run orders`)"),
        (("approve", "c300", "--revoke"), "1 waits for a person, 2 for the next run (`tieout run orders`)"),
    )
    for words, line in said:
        assert shop.run("compensations", *words[:1], "orders", *words[1:], "--reason", "seen") == 0
        assert waits(shop) == line
    told = shop.json("compensations", "list", "orders", "--status", "approved")
    assert told["waiting"] == {"person": 1, "run": 2}, "of all, whatever is listed"


def test_before_anything_was_planned_there_are_no_repairs(shop: Shop) -> None:
    shutil.rmtree(shop.lake / "orders" / "compensations")
    assert shop.run("compensations", "list", "orders") == 0
    assert shop.said == "orders: no repairs\n"
    told = shop.json("compensations", "list", "orders")
    assert (told["counts"], told["compensations"]) == ({}, [])
    assert shop.run("compensations", "list", "orders", "--status", "new") == 2
    assert shop.run("compensations", "approve", "orders", "--all", "--reason", "seen") == 2
    assert "no compensation of orders fits" in shop.error
    shutil.rmtree(shop.lake / "orders" / "discrepancies")
    for command, none in (("compensations", "repairs"), ("discrepancies", "discrepancies")):
        assert shop.run(command, "list", "orders") == 0
        assert shop.said == f"orders: no {none}\nNo run has looked yet: `tieout run orders` does.\n"


def test_a_rejection_of_before_is_told_with_who_rejected_and_why(shop: Shop) -> None:
    reason = "suspect; rejected before by kim: they: want it, {so}"
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11", reason=reason), compensation(18, "c2", "aa12", reason="manual"),
    )  # fmt: skip
    assert shop.run("compensations", "list", "orders") == 0
    assert "suspect, rejected before by kim c2" in " ".join(shop.said.split())
    assert shop.run("compensations", "show", "orders", "c100") == 0
    assert (
        "  rejected before by kim: they: want it, {so} "
        "(the same repair, in an earlier episode: no policy approves it)\n"
    ) in shop.said
    assert ids(shop, "--reason", "rejected before") == ["c1"]
    assert shop.run("discrepancies", "show", "orders", "17") == 0
    assert "suspect, rejected before by kim\n" in shop.said


def test_a_life_is_told(shop: Shop) -> None:
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11", status="confirmed", approved_at=T, approved_by="bob", published_at=T,
                     applied_at=T, confirmed_at=T.replace(day=24), outcome="applied", try_number=2),
    )  # fmt: skip
    assert shop.run("compensations", "show", "orders", "c100") == 0
    assert "confirmed since 2026-11-24 00:00:00 UTC\napproved by bob\nrule policy[0], try 2\n" in shop.said
    assert "outcome: applied" in shop.said
    assert "approve" not in shop.said.split("\n\n")[-1]


def test_one_that_is_not_there_is_one_sentence(shop: Shop) -> None:
    assert shop.run("compensations", "show", "orders", "dddd") == 2
    assert shop.error == (
        "tieout: No compensation of orders has an id that begins with dddd; "
        "`tieout compensations list orders --status all` shows what there is."
    )
    for which in ("17", "c1", "order_id", "c" * 33):
        assert shop.run("compensations", "show", "orders", which) == 2
        assert f"{which}: an id is named by 4 or more of its first hex digits." in shop.error
