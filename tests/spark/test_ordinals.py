"""R5: texts of order fields sort as what they say."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.spark.ordinals import is_beyond_order, ordinal
from jobs.spark.rows import frame_of

# Each example is one job over many values.
BATCHED = settings(
    max_examples=4, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)  # fmt: skip


def ordinals(spark: SparkSession, texts: list[str]) -> list[str]:
    rows = [{"n": n, "text": text} for n, text in enumerate(texts)]
    frame = frame_of(spark, rows, "n int, text string")
    found = frame.select("n", ordinal(F.col("text")).alias("ordinal")).orderBy("n").collect()
    return [row["ordinal"] for row in found]


def assert_sorted(spark: SparkSession, said: list[tuple[Any, str]]) -> None:
    """Value and text: the ordinals of the texts compare as the values do, each with its next in order."""
    by_value = sorted(said, key=lambda one: one[0])
    found = ordinals(spark, [text for _, text in by_value])
    for (a, left), (b, right), one, other in zip(by_value, by_value[1:], found, found[1:], strict=False):
        # Strings compare by code points here and by UTF-8 in Spark, which is the same order.
        assert (one == other) is (a == b), (left, right, one, other)
        assert (one < other) is (a < b), (left, right, one, other)


@st.composite
def numbers(draw: st.DrawFn) -> tuple[Decimal, str]:
    digits = draw(st.integers(-(10 ** draw(st.integers(0, 38))) + 1, 10 ** draw(st.integers(0, 38)) - 1))
    scale = draw(st.integers(0, 12))
    value = Decimal(digits).scaleb(-scale)
    text = format(value, "f")
    zeros = "0" * draw(st.integers(0, 3))
    text += (zeros if "." in text else f".{zeros}" if zeros else "") if draw(st.booleans()) else ""
    signed = f"+{text}" if value > 0 and draw(st.booleans()) else text
    return value, f" {signed}" if draw(st.booleans()) else signed


@BATCHED
@given(said=st.lists(numbers(), min_size=40, max_size=120))
def test_numbers_sort_by_value_however_they_are_written(
    spark: SparkSession, said: list[tuple[Decimal, str]]
) -> None:
    # Eight digits of both signs and neighbours of zero, which chance rarely brings.
    fixed = [
        (Decimal(t), t)
        for t in ("0", "-0", "0.0", "-1", "1", "1.0", "1e0", "-0.5", "-0.50", "-10", "9", "10")
    ]
    assert_sorted(spark, [*said, *fixed])


@st.composite
def any_numbers(draw: st.DrawFn) -> tuple[Decimal, str]:
    """Numbers of any length, near to one another, with an exponent or written out."""
    lead = draw(st.sampled_from(("0", "1", "10", "99", "123456789" * 5, "9" * 39, "1" + "0" * 39, "7" * 250)))
    digits = f"{lead}{draw(st.sampled_from(('', '0', '1', '9', '0' * 20 + '1', '5' * 45)))}"
    point = draw(st.integers(0, len(digits)))
    mantissa = f"{digits[:point]}.{digits[point:]}" if draw(st.booleans()) else digits
    exponent = draw(
        st.sampled_from(("", "e0", "e-1", "E+1", "e19", "e-19", "e-20", "e-060", "e40", "e999", "e-999"))
    )
    text = f"{draw(st.sampled_from(('', '-', '+')))}{mantissa}{exponent}"
    return Decimal(text), text


@BATCHED
@given(said=st.lists(any_numbers(), min_size=120, max_size=240))
def test_r5_numbers_are_compared_to_their_last_digit(
    spark: SparkSession, said: list[tuple[Decimal, str]]
) -> None:
    edges = (
        "1e-19",
        "2e-19",
        "0.0000000000000000001",
        "-1e-19",
        "0e-5000",
        "0e5000",
        "1e38",
        "1e39",
        "-1e39",
    )
    with localcontext() as exact:
        exact.prec = 2500
        assert_sorted(spark, [*said, *((Decimal(t), t) for t in edges)])


def test_positions_of_ordinary_numbers_stay_as_they_were(spark: SparkSession) -> None:
    written = {
        "0": f"n0{0:039d}", "-0.0": f"n0{0:039d}", "7": f"n0{7:039d}", "+7.0": f"n0{7:039d}",
        "7e0": f"n0{7:039d}", "1.25e2": f"n0{125:039d}", "12.50": f"n0{12:039d}.5", "1e-3": f"n0{0:039d}.001",
        " 7": f"n0{7:039d}", "9" * 39: "n0" + "9" * 39, "-12": "n-" + "9" * 37 + "87~",
        "-0.25": "n-" + "9" * 39 + ".74~",
        "2026030108" + "0" * 24 + "7": "n0" + "0" * 4 + "2026030108" + "0" * 24 + "7",
    }  # fmt: skip
    assert dict(zip(written, ordinals(spark, [*written]), strict=True)) == written


def test_what_cannot_be_ordered_has_no_ordinal(spark: SparkSession) -> None:
    far = ["1e1000", "-0.1E-1000", "5e+99999999999999999999", ".5e0001000"]
    near = ["1e999", "0e1000", "1e0000999", "e1000", "1e1000x"]
    frame = frame_of(spark, [{"text": text} for text in [*far, *near]], "text string")
    found = frame.select(
        "text", is_beyond_order(F.col("text")).alias("far"), ordinal(F.col("text")).isNull().alias("none")
    )
    assert {row["text"] for row in found.collect() if row["far"]} == set(far)
    assert {row["text"] for row in found.collect() if row["none"]} == set(far)


@st.composite
def instants(draw: st.DrawFn) -> tuple[datetime, str]:
    at = draw(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1))).replace(tzinfo=UTC)
    if draw(st.booleans()):
        at = at.replace(microsecond=0)
    zone = timezone(timedelta(minutes=draw(st.sampled_from((0, 60, -300, 330)))))
    text = at.astimezone(zone).isoformat(sep=draw(st.sampled_from("T ")))
    return at, text.replace("+00:00", draw(st.sampled_from(("Z", "+00:00", ""))))


@BATCHED
@given(said=st.lists(instants(), min_size=40, max_size=120))
def test_instants_sort_by_instant_in_any_zone(spark: SparkSession, said: list[tuple[datetime, str]]) -> None:
    assert_sorted(spark, said)


@BATCHED
@given(said=st.lists(instants(), min_size=40, max_size=120))
def test_a_stamp_is_placed_by_its_microseconds(spark: SparkSession, said: list[tuple[datetime, str]]) -> None:
    micros = [(at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for at, _ in said]
    # Blanks around it lead past the usual way.
    for texts in ([text for _, text in said], [f" {text} " for _, text in said]):
        found = ordinals(spark, texts)
        assert [o for o, at in zip(found, micros, strict=True) if at >= 0] == [
            f"t0{at:039d}" for at in micros if at >= 0
        ]


@st.composite
def fine_instants(draw: st.DrawFn) -> tuple[tuple[datetime, Decimal], str]:
    """A stamp with digits below the microsecond, few of them far apart: an instant, and what follows it."""
    at = draw(st.sampled_from((datetime(1969, 12, 31, 23, 59, 59), datetime(2026, 3, 1)))).replace(tzinfo=UTC)
    at += timedelta(microseconds=draw(st.sampled_from((-2, -1, 0, 1, 999_999))))
    digits = draw(st.sampled_from(("", "0", "1", "10", "100", "999", "0009", "123456789012345678")))
    zone = timezone(timedelta(minutes=draw(st.sampled_from((0, 60, -300, 330)))))
    text = at.astimezone(zone).isoformat(sep=draw(st.sampled_from("T ")), timespec="microseconds")
    written = f"{text[:26]}{digits}{text[26:]}"
    finer = Decimal(f"0.{digits or 0}")
    return (at, finer), written.replace("+00:00", draw(st.sampled_from(("Z", "+00:00", ""))))


@BATCHED
@given(said=st.lists(fine_instants(), min_size=80, max_size=160))
def test_r5_instants_are_compared_to_their_last_digit(
    spark: SparkSession, said: list[tuple[tuple[datetime, Decimal], str]]
) -> None:
    assert_sorted(spark, said)


def test_positions_of_stamps_that_a_microsecond_can_hold_stay_as_they_were(spark: SparkSession) -> None:
    plain, zeros, finer, early = ordinals(
        spark,
        [
            "2026-03-01T00:00:00.000001Z", "2026-03-01T00:00:00.000001000Z",
            "2026-03-01T00:00:00.0000010009Z", "1969-12-31T23:59:59.9999995Z",
        ],
    )  # fmt: skip
    assert plain == zeros == f"t0{1_772_323_200_000_001:039d}"
    assert finer == f"{plain}.0009"
    assert early == "t-" + "9" * 38 + "8~.5"


@BATCHED
@given(
    texts=st.lists(
        st.text(st.characters(min_codepoint=33, max_codepoint=0xFFFF, categories=("L", "S"))), min_size=40
    )
)
def test_other_texts_sort_as_they_stand(spark: SparkSession, texts: list[str]) -> None:
    assert_sorted(spark, [(text.strip(), text) for text in texts])


def test_numbers_before_instants_before_texts(spark: SparkSession) -> None:
    found = ordinals(spark, ["9" * 38, "2026-01-01T00:00:00Z", "a", "2026-99-99", "1.2.3"])
    assert found == [*found[:2], *found[2:]] and found[0] < found[1] < min(found[2:])


def test_null_has_no_ordinal(spark: SparkSession) -> None:
    row = spark.range(1).select(ordinal(F.lit(None).cast("string")).alias("o")).first()
    assert row is not None and row["o"] is None


def test_a_stamp_that_is_none_is_a_text(spark: SparkSession) -> None:
    no_stamps = [
        "2026-02-30T00:00:00Z", "2026-03-01T00:00:60Z", "2026-03-01T24:00:00Z", "2026-03-01T00:00:00+18:01",
    ]  # fmt: skip
    assert ordinals(spark, no_stamps) == [f"x{text}" for text in no_stamps]
