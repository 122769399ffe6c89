"""An environment lies over the files, defaults under the datasets; references stand for what is set."""

import pytest

from jobs.errors import ConfigError
from tests.settings.folders import Folder


def test_an_environment_says_only_what_differs(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: /lake\nspark: {a: 1, b: true}\naws: {region: r}")
    folder.write(
        "environments/prod.yml",
        """
        lake: s3://prod/lake/
        spark: {b: 0.5, c: x}
        channels: {outbox: {sqs: q}}
        sources: {shop: {path: s3://prod/raw}}
        datasets: {orders: {target: {as_of: {column: taken_at}}, changes: {path: s3://prod/cdc}}}
        """,
    )
    base, prod = folder.load(), folder.load("prod")
    assert (base.lake, base.env) == ("/lake", None)
    assert (prod.lake, prod.env) == ("s3://prod/lake", "prod")
    assert prod.spark == {"a": "1", "b": "0.5", "c": "x"}
    assert base.spark == {"a": "1", "b": "true"}
    assert prod.aws.region == "r"
    assert (prod.channels["outbox"].kind, prod.channels["outbox"].address) == ("sqs", "q")
    assert prod.sources["shop"].path == "s3://prod/raw"
    assert prod.sources["orders_changes"].path == "s3://prod/cdc"
    as_of = prod.datasets["orders"].target.as_of
    assert as_of is not None and (as_of.way, as_of.column) == ("column", "taken_at")


def test_an_environment_that_is_not_there_is_refused(folder: Folder) -> None:
    folder.write("environments/prod.yml", "lake: /prod\n")
    with pytest.raises(ConfigError, match="unknown environment 'prd'; known: prod; did you mean 'prod'"):
        folder.load("prd")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lak: /x", "1 lak: unknown key 'lak'; known: version, lake, spark, "),
        ("version: 2", "1 version: is not one of the known values, got 2; allowed: 1"),
        (
            "datasets: {order: {key: [a]}}",
            "1 datasets.order: unknown dataset 'order'; known: orders; did you",
        ),
        (
            "sources: {shp: {path: a}}",
            "1 sources.shp: unknown source 'shp'; known: shop, orders_changes; did",
        ),
        ("lake: 5", "1 lake: must be text (quote it), got 5"),
    ],
)
def test_a_mistake_of_an_environment_is_told_in_its_file(folder: Folder, text: str, told: str) -> None:
    folder.write("environments/prod.yml", text + "\n")
    assert folder.mistake("prod").startswith(f"environments/prod.yml:{told}")
    assert folder.mistakes() == []


def test_defaults_lie_under_every_dataset(folder: Folder) -> None:
    folder.edit(
        "tieout.yml",
        "lake: /lake",
        "lake: /lake\ndefaults:\n  gate: {unjudged: 5, rejected: 6}\n  reconcile: {grace: 1 day}",
    )
    folder.dataset("target:", "gate: {rejected: 7}\ntarget:")
    orders = folder.load().datasets["orders"]
    assert (orders.gate.unjudged, orders.gate.rejected) == (5, 7)
    assert orders.reconcile.grace.days == 1


def test_a_null_unsets_a_default(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: /lake\ndefaults: {mask: {columns: [status]}}")
    assert folder.load().datasets["orders"].mask is not None
    folder.dataset("target:", "mask: null\ntarget:")
    assert folder.load().datasets["orders"].mask is None


def test_a_mistake_of_the_defaults_is_told_once_and_there(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: /lake\ndefaults: {gate: {unjudgd: 5}}")
    assert folder.mistake().startswith("tieout.yml:3 gate.unjudgd: unknown key")


@pytest.mark.parametrize(
    ("written", "lake"),
    [
        ("${vars.root}/a", "/root/a"),
        ("${vars.deep}", "/root/deep"),
        ("${SHOP_LAKE}/a", "/from/env/a"),
        ("${SHOP_NOTHING:-/fallback}", "/fallback"),
        ("${SHOP_EMPTY:-/fallback}", "/fallback"),
        ("${SHOP_LAKE:-/fallback}", "/from/env"),
        ("a$${b}", "a${b}"),
        ("${vars.root}${vars.number}", "/root7"),
    ],
)
def test_references_stand_for_what_is_set_elsewhere(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, written: str, lake: str
) -> None:
    monkeypatch.setenv("SHOP_LAKE", "/from/env")
    monkeypatch.setenv("SHOP_EMPTY", "")
    folder.edit(
        "tieout.yml",
        "lake: /lake",
        f"lake: {written}\n"
        "vars: {root: /root, deep: '${vars.root}/deep', number: 7, unused: '${NOT_SET}'}",
    )
    assert folder.load().lake == lake


def test_a_reference_that_stands_alone_keeps_its_kind(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: /lake\nvars: {limit: 2.5, order: [data.n]}")
    folder.dataset("target:", 'gate: {unjudged: "${vars.limit}"}\ntarget:')
    folder.dataset("order: [data.version]", "order: ${vars.order}")
    orders = folder.load().datasets["orders"]
    assert orders.gate.unjudged == 2.5
    assert orders.events is not None and orders.events.order[0].field == "data.n"


def test_an_environment_may_set_variables_alone(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: ${vars.root}/lake\nvars: {root: /here}")
    folder.write("environments/prod.yml", "vars: {root: s3://there}\n")
    assert folder.load().lake == "/here/lake"
    assert folder.load("prod").lake == "s3://there/lake"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("${vars.rot}", "unknown variable 'rot'; known: root, loop, list; did you mean 'root'?"),
        ("${NOT_SET}/x", "the environment variable NOT_SET is not set; set it or write ${NOT_SET:-default}"),
        (
            "${not a name}",
            "is no reference, got '${not a name}'; allowed: ${vars.name}, ${NAME}, ${NAME:-default}",
        ),
        ("a${vars.list}", "${vars.list} stands for more than text and can only stand alone"),
    ],
)
def test_a_reference_to_nothing_is_told(folder: Folder, written: str, told: str) -> None:
    folder.edit(
        "tieout.yml", "lake: /lake", f"lake: {written}\nvars: {{root: /r, loop: '${{vars.loop}}', list: [a]}}"
    )
    assert folder.mistake() == f"tieout.yml:2 lake: {told}"


def test_a_variable_that_refers_to_itself_is_told(folder: Folder) -> None:
    folder.edit("tieout.yml", "lake: /lake", "lake: ${vars.a}\nvars: {a: '${vars.b}', b: '${vars.a}'}")
    assert folder.mistake() == "tieout.yml:3 vars.b: vars.a refers to itself"
