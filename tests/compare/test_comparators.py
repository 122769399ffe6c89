"""R21: when two values are equal, exactly and under each setting; null and the odd numbers included."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.compare import comparator, equal, exactly
from jobs.errors import ConfigError
from jobs.settings import Compare
from tests.builders.examples import examples

NAN, INF = "NaN", "Infinity"
BIG = "12345678901234567890.123456789012345678"


@dataclass(frozen=True)
class Case:
    """Two texts cast to a type, a rule, and whether they are equal, whichever stands left."""

    type: str
    rule: Compare | None
    left: str | None
    right: str | None
    equal: bool


def cases(type_: str, settings_: dict[str, Any], *rows: tuple[str | None, str | None, bool]) -> list[Case]:
    rule = Compare(**settings_) if settings_ else None
    return [Case(type_, rule, left, right, answer) for left, right, answer in rows]


NULLS = [(None, None, True), (None, "0", False)]
CASES = [
    *cases("bigint", {}, *NULLS, ("1", "1", True), ("9007199254740993", "9007199254740992", False)),
    *cases("decimal(38,18)", {}, *NULLS, ("1.000000000000000001", "1", False)),
    *cases("decimal(12,2)", {}, ("1.50", "1.5", True), ("1.50", "1.51", False), (None, "0.00", False)),
    *cases("double", {}, *NULLS, (NAN, NAN, True), (INF, INF, True), (INF, f"-{INF}", False),
           ("-0.0", "0.0", True),
           (NAN, "5", False), (INF, "5", False), (NAN, None, False), ("0.3", "0.30000000000000004", False)),
    *cases("float", {}, (NAN, NAN, True), ("-0.0", "0.0", True), ("0.1", "0.10000001", False)),
    *cases("string", {}, (None, None, True), (None, "", False), ("a", "A", False), ("a", "a ", False),
           ("é", "e\u0301", False)),
    *cases("boolean", {}, (None, "false", False), ("true", "true", True), ("true", "false", False)),
    *cases("timestamp", {}, ("2026-01-02 03:04:05.000001", "2026-01-02 03:04:05", False)),
    *cases("int", {"absolute": 2}, *NULLS, ("1", "3", True), ("1", "4", False),
           ("-2147483648", "2147483647", False)),
    *cases("int", {"absolute": "0.5"}, ("1", "1", True), ("1", "2", False)),
    *cases("int", {"absolute": "1e60"}, ("1", "2", True), (None, "2", False)),
    *cases("bigint", {"absolute": 1}, ("9007199254740993", "9007199254740992", True),
           ("9007199254740994", "9007199254740992", False),
           ("-9223372036854775808", "9223372036854775807", False)),
    *cases("bigint", {"absolute": 0}, ("9007199254740993", "9007199254740992", False)),
    *cases("decimal(12,2)", {"absolute": "0.01"}, *NULLS, ("1.00", "1.01", True), ("1.00", "1.02", False),
           ("-0.01", "0", True)),
    *cases("decimal(12,2)", {"absolute": "0.019"}, ("1.00", "1.01", True), ("1.00", "1.02", False)),
    *cases("decimal(38,18)", {"absolute": "0.000000000000000001"}, ("1.000000000000000001", "1", True),
           ("1.000000000000000002", "1", False), (BIG, BIG[:-1] + "9", True), (BIG, f"-{BIG}", False),
           (BIG, "0", False)),
    *cases("decimal(38,18)", {"absolute": "0.0000000000000000001"}, ("1.000000000000000001", "1", False)),
    *cases("decimal(38,18)", {"absolute": "1e20"}, (BIG, "1", True)),
    *cases("decimal(38,0)", {"absolute": 1}, ("9" * 38, "9" * 37 + "8", True),
           ("9" * 38, "-" + "9" * 38, False)),
    *cases("decimal(38,38)", {"absolute": "1e-38"}, ("0." + "9" * 38, "0." + "9" * 37 + "8", True),
           ("0." + "9" * 38, "-0.5", False)),
    *cases("decimal(12,2)", {"relative": "0.01"}, *NULLS, ("100.00", "99.00", True),
           ("100.00", "98.99", False),
           ("-100", "-99", True), ("0", "0.01", False), ("0", "0.00", True), ("15.00", "14.84", False)),
    *cases("decimal(38,18)", {"relative": "0.001"}, (BIG, "12345678901234567890", True), (BIG, "12", False)),
    *cases("decimal(12,2)", {"absolute": "5", "relative": "0.1"}, ("10", "5", True), ("100", "90", True),
           ("100", "89", False)),
    *cases("double", {"absolute": "0.01"}, *NULLS, ("1.01", "1.00", True),
           ("1000000.01", "1000000", True), ("1.02", "1.00", False),
           ("1.0100001", "1", False), (INF, "5", False), (INF, INF, True), (INF, f"-{INF}", False),
           (INF, NAN, False),
           (NAN, NAN, True), (NAN, "5", False), (NAN, None, False), ("-0.0", "0.0", True),
           ("1.7976931348623157e308", "-1.7976931348623157e308", False)),
    *cases("double", {"relative": "1"}, (INF, "5", False), (INF, NAN, False), (NAN, "5", False),
           ("5", "0", True), ("5", "-5", False)),
    *cases("double", {"absolute": "0"}, ("0.3", "0.30000000000000004", False), (INF, "5", False)),
    *cases("float", {"absolute": "0.01"}, ("1.01", "1.00", True), ("1.02", "1.00", False), (INF, "1", False)),
    *cases("double", {"precision": 2}, ("0.3", "0.30000000000000004", True), ("1.005", "1.01", True),
           ("1.004", "1.01", False),
           (NAN, NAN, True), (INF, "1", False), ("-0.001", "0.0", True)),
    *cases("decimal(12,4)", {"precision": 2}, ("1.2349", "1.2350", False), ("1.2351", "1.2350", True),
           (None, "0.001", False)),
    *cases("decimal(4,4)", {"precision": 0}, ("0.9999", "0.5", True), ("0.4", "0.5", False)),
    *cases("decimal(12,2)", {"precision": 4}, ("1.25", "1.25", True), ("1.25", "1.26", False)),
    *cases("decimal(12,4)", {"precision": 2, "absolute": "0.01"}, ("1.2349", "1.2449", True),
           ("1.2349", "1.2451", False)),
    *cases("string", {"trim": True}, (" a\t\n", "a", True), ("a b", "ab", False), ("", "  ", True),
           (None, " ", False), ("a", "A", False)),
    *cases("string", {"ignore_case": True}, ("STRASSE", "straße", True), ("ΣΑΣ", "σας", True),
           ("a", "a ", False), (None, "", False)),
    *cases("string", {"trim": True, "ignore_case": True}, (" A", "a ", True), (" A", "b ", False)),
    *cases("timestamp", {"seconds": "1.5"}, (None, None, True), (None, "2026-01-02", False),
           ("2026-01-02 00:00:00", "2026-01-01 23:59:58.5", True),
           ("2026-01-02 00:00:00", "2026-01-01 23:59:58.499999", False),
           ("0001-01-01 00:00:00", "9999-12-31 23:59:59", False)),
    *cases("timestamp_ntz", {"seconds": 1},
           ("2026-01-02 00:00:00.123456", "2026-01-02 00:00:01.123456", True),
           ("2026-01-02 00:00:00.123456", "2026-01-02 00:00:01.123457", False),
           ("1969-12-31 23:59:59.5", "1970-01-01 00:00:00.5", True)),
    *cases("date", {"seconds": 86400}, ("2026-01-01", "2026-01-02", True),
           ("2026-01-01", "2026-01-03", False)),
    *cases("timestamp", {"precision": "millisecond"},
           ("2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.678", True),
           ("2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.679", False), (None, "1970-01-01", False)),
    *cases("timestamp", {"precision": "second"}, ("1969-12-31 23:59:59.9", "1969-12-31 23:59:59", True),
           ("1969-12-31 23:59:59.9", "1970-01-01 00:00:00", False)),
    *cases("timestamp_ntz", {"precision": "minute"}, ("2026-01-02 03:04:59", "2026-01-02 03:04:00", True),
           ("2026-01-02 03:05", "2026-01-02 03:04", False)),
    *cases("timestamp_ntz", {"precision": "hour"}, ("2026-01-02 03:59:59", "2026-01-02 03:00", True),
           ("2026-01-02 04:00", "2026-01-02 03:00", False)),
    *cases("timestamp", {"precision": "day"}, ("2026-01-02 23:59:59", "2026-01-02", True),
           ("2026-01-03", "2026-01-02", False)),
    *cases("timestamp", {"precision": "second", "seconds": 1},
           ("2026-01-02 00:00:00.9", "2026-01-02 00:00:01.1", True),
           ("2026-01-02 00:00:00.9", "2026-01-02 00:00:02", False)),
    *cases("string", {"expression": "regexp_replace(value, '-', '')"}, ("1-2", "12", True),
           ("1-2", "13", False), (None, None, True), (None, "", False)),
    *cases("string", {"expression": "coalesce(value, '')"}, (None, "", True), (None, "0", False)),
    *cases("string", {"expression": "cast(value as int)"}, ("07", "7", True), ("x", "x", True),
           ("x", "7", False)),
    *cases("bigint", {"expression": "value % 10"}, ("12", "2", True), ("12", "3", False), (None, "0", False)),
    *cases("timestamp", {"expression": "date(value)"}, ("2026-01-02 03:04:05", "2026-01-02", True),
           ("2026-01-03", "2026-01-02", False)),
    *cases("string", {"ignore": True}, ("a", "b", True), (None, "b", True)),
]  # fmt: skip


RULES = list(dict.fromkeys((case.type, case.rule) for case in CASES))
Answers = dict[tuple[str, Compare | None, str | None, str | None], bool | None]


def _answers(spark: SparkSession) -> Answers:
    """Every pair of texts, each way round, under every rule, in one job; no value of a type is null."""
    pairs = list(
        dict.fromkeys(pair for case in CASES for pair in ((case.left, case.right), (case.right, case.left)))
    )
    columns = [
        equal(F.col("l").try_cast(type_), F.col("r").try_cast(type_), type_, rule) for type_, rule in RULES
    ]
    # Numbered, since shuffled: rows that stay where they are get folded away instead of being computed.
    frame = spark.createDataFrame([(n, *pair) for n, pair in enumerate(pairs)], "n int, l string, r string")
    rows = frame.repartition(1).select("n", F.array(*columns).alias("answers")).collect()
    return {
        (*rule, *pairs[row["n"]]): answer
        for row in rows
        for rule, answer in zip(RULES, row["answers"], strict=True)
    }


@pytest.fixture(scope="module", params=["true", "false"], ids=["ansi", "no_ansi"])
def answers(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[Answers]:
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    yield _answers(spark)
    spark.conf.set("spark.sql.ansi.enabled", "true")


def _named(value: object) -> str:
    said = value.model_dump(exclude_defaults=True) if isinstance(value, Compare) else value or "exactly"
    return str(said)


@pytest.mark.parametrize(("type_", "rule"), RULES, ids=_named)
def test_values_are_equal_as_the_rule_says_whichever_stands_left(
    answers: Answers, type_: str, rule: Compare | None
) -> None:
    wanted = {
        (case.left, case.right): case.equal for case in CASES if (case.type, case.rule) == (type_, rule)
    }
    assert {pair: answers[type_, rule, *pair] for pair in wanted} == wanted
    assert {pair: answers[type_, rule, *pair[::-1]] for pair in wanted} == wanted


def test_the_answer_is_never_null(answers: Answers) -> None:
    assert set(answers.values()) == {True, False}


def test_exactly_is_what_a_column_without_settings_gets() -> None:
    assert comparator("bigint") is exactly
    assert comparator("decimal(12,2)", Compare()) is exactly
    assert comparator("double", Compare(absolute=Decimal(0), relative=Decimal(0))) is exactly


@pytest.mark.parametrize(
    ("type_", "settings_", "told"),
    [
        ("string", {"absolute": 1}, "absolute has no meaning for a column of type string"),
        ("bigint", {"trim": True}, "trim has no meaning"),
        ("boolean", {"precision": 0}, "precision has no meaning"),
        ("date", {"precision": "day"}, "precision has no meaning"),
        ("timestamp", {"relative": 1, "absolute": 1}, "absolute, relative has no meaning"),
        ("timestamp", {"precision": 3}, "precision 3 for a column of type timestamp has to be a unit"),
        ("double", {"precision": "day"}, "precision day for a column of type double has to be a number"),
        ("string", {"expression": "value", "trim": True}, "trim has no meaning beside expression"),
        ("array<int>", {}, "is not a column type"),
    ],
)
def test_a_setting_that_would_do_nothing_is_refused(type_: str, settings_: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        comparator(type_, Compare(**settings_))


DECIMALS = {
    f"decimal({digits},{scale})": (digits, scale) for digits, scale in ((12, 2), (38, 0), (38, 18), (38, 38))
}
BOUNDS = {"absolute": Decimal("0.01"), "relative": Decimal("0.001")}


def _unscaled(digits: int) -> st.SearchStrategy[tuple[int, int]]:
    """Two numbers of so many digits, far from each other or near."""
    limit = 10**digits - 1
    number = st.integers(-limit, limit)
    steps = st.builds(lambda size, times: size * times, st.sampled_from([1, 10, 1000]), st.integers(-20, 20))
    near = st.builds(lambda n, step: (n, max(-limit, min(limit, n + n // 1000 + step))), number, steps)
    nearest = st.builds(lambda n, step: (n, max(-limit, min(limit, n + step))), number, steps)
    return st.tuples(number, number) | near | nearest


def _pairs(digits: int, scale: int) -> list[tuple[Decimal, Decimal]]:
    with localcontext(prec=100):
        return [
            (Decimal(one).scaleb(-scale), Decimal(other).scaleb(-scale))
            for one, other in examples(_unscaled(digits), 200, first=digits + scale)
        ]


@pytest.mark.parametrize("setting", BOUNDS)
def test_tolerances_of_decimals_are_as_exact_as_fractions(spark: SparkSession, setting: str) -> None:
    rule, bound = Compare(**{setting: BOUNDS[setting]}), Fraction(BOUNDS[setting])
    wrong, near = [], 0
    for type_, (digits, scale) in DECIMALS.items():
        pairs = _pairs(digits, scale)
        texts = [(n, f"{left:f}", f"{right:f}") for n, (left, right) in enumerate(pairs)]
        frame = spark.createDataFrame(texts, "n int, l string, r string").repartition(1)
        answer = equal(F.col("l").cast(type_), F.col("r").cast(type_), type_, rule)
        found = [row["answer"] for row in frame.select("n", answer.alias("answer")).sort("n").collect()]
        for (left, right), answer in zip(pairs, found, strict=True):
            allowed = (
                bound * max(abs(Fraction(left)), abs(Fraction(right))) if setting == "relative" else bound
            )
            wanted = abs(Fraction(left) - Fraction(right)) <= allowed
            near += wanted and left != right
            wrong += [(type_, left, right)] if answer != wanted else []
    assert wrong == []
    assert near > 50


def test_a_double_is_granted_one_unit_in_its_last_place_and_no_more(spark: SparkSession) -> None:
    step = sys.float_info.epsilon
    frame = spark.createDataFrame([(2 + 2 * step,), (2 + 4 * step,)], "r double")
    answer = equal(F.lit(1.0), F.col("r"), "double", Compare(absolute=Decimal(1)))
    assert [row[0] for row in frame.select(answer).collect()] == [True, False]
