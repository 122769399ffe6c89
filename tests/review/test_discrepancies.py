"""Discrepancies under review: what is listed, what one of them shows, and how it is named."""

import json
import shutil
from datetime import timedelta

import pytest

from tests.review.shop import CONFIG, DISCREPANCIES, Shop, T, arrow, discrepancy

LIST = """
id           key             kind               fault     status   since
───────────────────────────────────────────────────────────────────────────────────
ab00000000   order_id = 19   missing            store     open     2026-11-23 00:00
aa11000000   order_id = 17   mismatch: amount   store     open     2026-11-22 00:00
aa12000000   order_id = 18   stale: amount      capture   open     2026-11-22 00:00

orders: 3 open, 1 unjudged, 1 waived
"""
SHOW = """
orders  order_id = 18
stale: amount, fault capture
open → waived since 2026-11-22 00:00:00 UTC, episode 1, seen 2 times, last as of 2026-11-23 00:00:00
suspect: records of this key contradict each other
behind truth: 2 h 1 min
looks like: hot
id: aa120000000000000000000000000000

As of 2026-11-23 00:00:00 UTC  truth: events; 3 more columns agree
    column   events   changes   store
─────────────────────────────────────
≠   amount   10.00    10.00     12.50

Compensations
id           action   status     waits for a person because
───────────────────────────────────────────────────────────
c200000000   update   proposed   suspect, waited

Words
when (UTC)            who   word                        why
────────────────────────────────────────────────────────────────────────────────────────────────────
2026-11-24 00:00:00   ann   waive                       known since May
                            until 2026-12-24 00:00:00   not taken in yet: the next `tieout run
                                                        orders` does

tieout explain orders 18
tieout compensations show orders c200000000
tieout discrepancies waive orders aa12000000 --revoke --reason "…"
"""


def ids(shop: Shop, *options: str) -> list[str]:
    found = shop.json("discrepancies", "list", "orders", *options)["discrepancies"]
    return [row["discrepancy_id"][:4] for row in found]


def test_open_ones_are_listed_the_newest_first(shop: Shop) -> None:
    assert shop.run("discrepancies", "list", "orders") == 0
    assert shop.said == LIST.lstrip("\n")


OLDER = '{"legs":[{"leg":"events","since":"2026-05-01T00:00:00.000000Z","loaded":true}]}'
LEFT_OUT = '{"left_out":"events","since":"2026-05-01T00:00:00.000000Z","loaded":true}'
GAP = json.dumps({"legs": [{"leg": "events", "missing": 1, "gaps": [{"first": 3, "last": 3, **{
    side: {"sequence": n, "occurred_at": f"2026-05-01T1{n}:00:00.000000Z",
           "file": f"e/{n}.json", "row_number": n}
    for side, n in (("after", 2), ("before", 4))
}}]}]})  # fmt: skip
UNJUDGED = """
id           key             status     reason            since
──────────────────────────────────────────────────────────────────────────
b100000000   order_id = 31   unjudged   before_baseline   2026-11-22 00:00
b200000000   order_id = 32   unjudged   before_baseline   2026-11-22 00:00
b300000000   order_id = 33   unjudged   sequence_gap      2026-11-22 00:00

before_baseline: the events speak from 2026-05-01 on; this key may be older
sequence_gap: 1 number is missing on the events: 3 between 2026-05-01 12:00 (2.json:2) and \
2026-05-01 14:00 (4.json:4)

orders: 3 unjudged, 1 open
"""
BY_TWO = """
id           key             kind                           fault          status   since
────────────────────────────────────────────────────────────────────────────────────────────────────
b400000000   order_id = 34   mismatch: amount (log 10.00,   unattributed   open     2026-11-22 00:00
                             store 12.50)

unattributed: change log and store disagree; the events speak from 2026-05-01 on

orders: 3 unjudged, 1 open
"""


def with_unjudged(shop: Shop) -> None:
    """Keys that could not be judged, and one that two legs alone know."""
    dark = {"status": "unjudged", "kind": None, "fault": None}
    older = {**dark, "reason": "before_baseline", "reason_detail": OLDER}
    shop.write(
        "discrepancies", DISCREPANCIES,
        discrepancy(31, "b1", **older), discrepancy(32, "b2", **older),
        discrepancy(33, "b3", **dark, reason="sequence_gap", reason_detail=GAP),
        discrepancy(34, "b4", fault="unattributed", events_row=None, reason_detail=LEFT_OUT),
    )  # fmt: skip


def test_what_is_not_judged_says_why(shop: Shop) -> None:
    with_unjudged(shop)
    assert shop.run("discrepancies", "list", "orders", "--status", "unjudged") == 0
    assert shop.said == UNJUDGED.lstrip("\n")
    assert ids(shop, "--reason", "sequence_gap") == ["b300"]
    (row,) = shop.json("discrepancies", "list", "orders", "--reason", "sequence_gap")["discrepancies"]
    assert row["reason_detail"] == json.loads(GAP)
    assert row["because"].startswith("1 number is missing on the events: 3 between ")
    assert shop.run("discrepancies", "list", "orders", "--reason", "old") == 2
    assert "--reason old is not known; use one of grace, " in shop.error


def test_what_two_legs_disagree_on_says_who_holds_what(shop: Shop) -> None:
    with_unjudged(shop)
    assert shop.run("discrepancies", "list", "orders") == 0
    assert shop.said == BY_TWO.lstrip("\n")
    assert shop.run("discrepancies", "show", "orders", "34") == 0
    assert "because: change log and store disagree; the events speak from 2026-05-01 on" in shop.said
    assert "≠   amount   unknown   10.00     12.50" in shop.said


def test_a_list_is_filtered_and_cut(shop: Shop) -> None:
    assert ids(shop, "--status", "all") == ["ab00", "aa11", "aa12", "ac00", "ad00"]
    assert ids(shop, "--status", "waived") == ["ac00"]
    assert ids(shop, "--kind", "missing") == ["ab00"]
    assert ids(shop, "--fault", "capture") == ["aa12"]
    assert ids(shop, "--fault", "capture", "--kind", "missing") == []
    assert shop.run("discrepancies", "list", "orders", "--limit", "1") == 0
    assert shop.said.count("order_id = ") == 1
    assert "The first 1 are shown; --limit shows more." in shop.said
    assert shop.run("discrepancies", "list", "orders", "--kind", "undeleted") == 0
    assert shop.said == "orders: 3 open, 1 unjudged, 1 waived\nnone fits\n"


def test_what_the_next_run_takes_in_is_counted(shop: Shop) -> None:
    for id_, option in (("aa11", ()), ("aa12", ()), ("ac00", ("--revoke",))):
        assert shop.run("discrepancies", "waive", "orders", id_, *option, "--reason", "known") == 0
    assert shop.run("compensations", "approve", "orders", "c100", "--reason", "not listed here") == 0
    assert shop.run("discrepancies", "list", "orders") == 0
    assert shop.said.endswith(
        "orders: 3 open, 1 unjudged, 1 waived\n3 wait for the next run (`tieout run orders`)\n"
    )
    assert shop.json("discrepancies", "list", "orders")["waiting"] == {"person": 0, "run": 3}


def test_what_is_resolved_is_so_at_an_instant(shop: Shop) -> None:
    shop.write("discrepancies", DISCREPANCIES, discrepancy(17, "aa11", status="resolved", resolved_at=T))
    assert shop.run("discrepancies", "show", "orders", "17") == 0
    assert "resolved at 2026-11-23 00:00:00 UTC, first seen 2026-11-22 00:00:00 UTC, episode 1" in shop.said
    assert shop.run("discrepancies", "list", "orders", "--status", "resolved") == 0
    assert "resolved   at 2026-11-23 00:00\n" in shop.said
    assert "resolved since" not in shop.said


def test_an_unknown_filter_names_the_known_ones(shop: Shop) -> None:
    assert shop.run("discrepancies", "list", "orders", "--status", "new") == 2
    assert (
        "--status new is not known; use one of open, waived, pending, unjudged, resolved, all." in shop.error
    )
    assert shop.run("discrepancies", "list", "orders", "--fault", "me") == 2
    assert "use one of store, processor, capture, several, unattributed." in shop.error


def test_one_is_shown_in_full(shop: Shop) -> None:
    until = ("--until", "2026-12-24")
    assert shop.run("discrepancies", "waive", "orders", "aa12", "--reason", "known since May", *until) == 0
    assert shop.run("discrepancies", "show", "orders", "18") == 0
    assert shop.said == SHOW.lstrip("\n")
    assert max(map(len, shop.said.splitlines())) <= 100


@pytest.mark.parametrize(
    "which", ["17", '{"order_id": 17}', '{"order_id":"17"}', "aa11", "AA110", "aa11" + "0" * 28]
)
def test_one_is_named_by_key_or_by_the_beginning_of_its_id(shop: Shop, which: str) -> None:
    assert shop.json("discrepancies", "show", "orders", which)["key"] == {"order_id": "17"}


def test_what_names_none_or_several_is_one_sentence(shop: Shop) -> None:
    shop.write("discrepancies", DISCREPANCIES, discrepancy(1, "abcd1111"), discrepancy(2, "abcd1122"))
    assert shop.run("discrepancies", "show", "orders", "abcd") == 2
    assert shop.error == (
        "tieout: abcd is the beginning of 2 discrepancies: abcd111100, abcd112200; write more of it."
    )
    for which in ("9", "abce", "no such", '"9"'):
        assert shop.run("discrepancies", "show", "orders", which) == 2
        assert f"orders has no discrepancy of the key {which}, nor one whose id begins so" in shop.error
    assert shop.run("discrepancies", "show", "orders", '{"id": 9}') == 2
    assert "The key is order_id, not id; write it like '{\"order_id\": 17}'." in shop.error


def test_a_key_that_looks_like_an_id_is_a_key(shop: Shop) -> None:
    shop.write("discrepancies", DISCREPANCIES, discrepancy(1234, "aa11"), discrepancy(2, "1234"))
    assert shop.json("discrepancies", "show", "orders", "1234")["key"] == {"order_id": "1234"}
    assert shop.json("discrepancies", "show", "orders", "12340")["key"] == {"order_id": "2"}


def test_what_is_masked_is_never_shown_though_the_table_has_it(shop: Shop) -> None:
    clear = '{"order_id":"17","status":"PAID","amount":"12.50","note":"secret","email":null}'
    keyed = CONFIG.replace("columns: [note, email]", "columns: [order_id, note, email], key: '${MASK_KEY}'")
    rows = [discrepancy(17, "aa11", target_row=clear, mismatched_columns=["amount", "note"])]
    shop.write("discrepancies", DISCREPANCIES, *rows)
    for command in (["list", "orders"], ["show", "orders", "17"]):
        for more in ([], ["--json"]):
            assert shop.run("discrepancies", *command, *more) == 0
            assert "secret" not in shop.said
    assert shop.json("discrepancies", "show", "orders", "17")["target_row"]["email"] is None
    shop.configure(keyed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MASK_KEY", "k")
        told = shop.json("discrepancies", "show", "orders", "17")
        assert shop.run("discrepancies", "show", "orders", "17") == 0
    assert told["key"]["order_id"].startswith("#")
    assert told["key"]["order_id"] == told["target_row"]["order_id"]
    assert told["target_row"]["note"].startswith("#")
    assert "17" not in shop.said.replace(told["key"]["order_id"], "").replace("orders aa11", "")
    assert "tieout explain" not in shop.said


def test_a_dataset_that_no_run_has_seen_says_what_to_do(shop: Shop) -> None:
    assert shop.run("discrepancies", "list", "payments") == 2
    assert "There is no dataset payments" in shop.error
    shop.configure(CONFIG.replace("dataset: orders", "dataset: returns"))
    assert shop.run("discrepancies", "list", "returns") == 0
    assert shop.said == "returns: no discrepancies\nNo run has looked yet: `tieout run returns` does.\n"
    assert shop.run("compensations", "show", "returns", "abcd") == 2
    assert "No compensation of returns has an id that begins with abcd" in shop.error
    assert shop.run("discrepancies", "show", "returns", "17") == 2
    assert "returns has no discrepancy of the key 17" in shop.error


def test_values_that_play_tricks_stay_what_they_are(shop: Shop) -> None:
    row = {"order_id": "17", "status": "[red]x[/red]\u202e\n", "amount": "10.00"}
    shop.write(
        "discrepancies", DISCREPANCIES,
        discrepancy(17, "aa11", target_row=json.dumps(row), mismatched_columns=["status"], why=["case"]),
    )  # fmt: skip
    assert shop.run("discrepancies", "show", "orders", "17") == 0
    assert "[red]x[/red]\\u202e\\n" in shop.said


def test_a_table_of_an_older_release_is_read(shop: Shop) -> None:
    ddl = DISCREPANCIES.replace("wait_streak int, waived_until timestamp, last_decision string, ", "")
    names = set(arrow(ddl).names)
    shutil.rmtree(shop.lake / "orders" / "discrepancies")
    old = discrepancy(17, "aa11", last_seen_at=T + timedelta(seconds=1))
    shop.write("discrepancies", ddl, {name: value for name, value in old.items() if name in names})
    assert shop.run("discrepancies", "show", "orders", "17") == 0
    assert shop.json("discrepancies", "list", "orders")["discrepancies"][0]["waived_until"] is None


RECONCILIATIONS = "as_of timestamp, leg string, status string, run_id string"


def judged(shop: Shop, *runs: tuple[int, str]) -> None:
    """Leave the totals of runs, each so many days after T, `finished` or `failed`."""
    totals = [
        {"as_of": T + timedelta(days=days), "leg": "total", "status": status, "run_id": f"r{days}"}
        for days, status in runs
    ]
    shop.write("reconciliations", RECONCILIATIONS, *totals)


def test_r18_what_a_stopped_run_withheld_is_listed_until_a_later_one_is_judged(shop: Shop) -> None:
    seen = {"status": "unjudged", "kind": None, "fault": None, "reason": "sequence_gap"}
    shop.write("withheld", DISCREPANCIES, discrepancy(99, "ff00", **seen))
    judged(shop, (0, "finished"), (1, "failed"))

    assert ids(shop, "--status", "unjudged") == ["ff00"]
    assert shop.run("discrepancies", "list", "orders", "--status", "unjudged") == 0
    assert "sequence_gap" in shop.said
    end = "A gate stopped the run as of 2026-11-24 00:00:00 UTC: so it would be, and nothing was moved.\n"
    assert shop.said.endswith(end)

    judged(shop, (0, "finished"), (1, "failed"), (2, "finished"))
    assert ids(shop, "--status", "unjudged") == ["ad00"]


def test_an_open_one_that_the_newest_run_did_not_judge_is_named(shop: Shop) -> None:
    judged(shop, (0, "finished"))
    assert shop.run("discrepancies", "list", "orders") == 0
    assert "Not judged anew" not in shop.said
    judged(shop, (1, "finished"))
    assert shop.run("discrepancies", "list", "orders") == 0
    said = (
        "Not judged anew as of 2026-11-24 00:00:00 UTC: order_id = 19 and 2 more; `tieout explain` says why."
    )
    assert said in shop.said
