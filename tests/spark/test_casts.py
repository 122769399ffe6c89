"""R1: a text becomes exactly the value it says, or a misfit; never something near it, never an error."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from itertools import chain
from typing import Any

import pytest
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.errors import ConfigError
from jobs.spark.casts import fit
from tests.builders.examples import examples

MISFIT = object()
INF = float("inf")

NUMBERS = {
    "12": 12, "+5": 5, "-7": -7, " 12\t": 12, "12.0": 12, "12.": 12, "1.2e1": 12, "1.2E+1": 12, "120e-1": 12,
    "007": 7, "-0": 0, "0e999999999999": 0, "0." + "0" * 60: 0, "0" * 60 + "3": 3,
    "12.5": MISFIT, "1e-1": MISFIT, "x": MISFIT, "": MISFIT, " ": MISFIT, "1 2": MISFIT, "1,000": MISFIT,
    "--1": MISFIT, "1e": MISFIT, "e1": MISFIT, ".": MISFIT, "12d": MISFIT, "0x10": MISFIT, "NaN": MISFIT,
    "Infinity": MISFIT, "true": MISFIT, "١٢": MISFIT, "1e99999999999": MISFIT, "2026-01-02": MISFIT,
    "1\n2": MISFIT,
}  # fmt: skip
STAMPS = {
    "2026-01-02T03:04:05Z": "2026-01-02 03:04:05",
    "2026-01-02 03:04:05": "2026-01-02 03:04:05",
    " 2026-01-02t03:04z ": "2026-01-02 03:04:00",
    "2026-01-02": "2026-01-02 00:00:00",
    "2026-01-02 03:04:05.678901": "2026-01-02 03:04:05.678901",
    "2026-01-02T03:04:05.678901000Z": "2026-01-02 03:04:05.678901",
    "2026-01-02T03:04:05.6+05:30": "2026-01-01 21:34:05.6",
    "2026-01-02 03:04:05+0530": "2026-01-01 21:34:05",
    "2026-01-02 03:04:05-02": "2026-01-02 05:04:05",
    "2026-01-02 03:04:05 +02:00": "2026-01-02 01:04:05",
    "0001-01-01 00:00:00": "0001-01-01 00:00:00",
    "9999-12-31 23:59:59.999999": "9999-12-31 23:59:59.999999",
} | dict.fromkeys((
    "12:00", "2026", "2026-01", "20260102", "2026-1-2", "1767322800", "x", "", "2026-02-30",
    "0000-00-00 00:00:00",
    "2026-01-02 24:00:00", "2026-01-02 23:59:60", "2026-01-02T03:04:05.6789012Z", "2026-01-02 03:04:05.",
    "2026-01-02Z", "2026-01-02 3:04:05", "2026-01-02 03:04:05+19:00", "2026-01-02 03:04:05 Europe/Paris",
    "infinity",
    "2026-01-02 03:04:05 BC", "now", "2026-01-02T03:04:05ZZ",
), MISFIT)  # fmt: skip
CASES: dict[tuple[str, str], Mapping[str, Any]] = {
    ("int", "UTC"): NUMBERS | {"2147483647": 2**31 - 1, "-2147483648": -(2**31), "2147483648": MISFIT},
    ("tinyint", "UTC"): {"127": 127, "-128": -128, "128": MISFIT, "-129": MISFIT, "1e2": 100, "1e3": MISFIT},
    ("smallint", "UTC"): {"32767": 32767, "32768": MISFIT, "3.2767e4": 32767},
    ("bigint", "UTC"): NUMBERS | {
        "9007199254740993": 9007199254740993, "9.007199254740993e15": 9007199254740993,
        "9223372036854775807": 2**63 - 1, "-9223372036854775808": -(2**63),
        "9223372036854775807.0": 2**63 - 1,
        "9223372036854775808": MISFIT, "9223372036854775808.0": MISFIT, "1e19": MISFIT,
    },
    ("decimal(12,2)", "UTC"): NUMBERS | {
        "12.5": Decimal("12.50"), "1e-1": Decimal("0.10"), "1.500": Decimal("1.50"), "1.255": MISFIT,
        ".5": Decimal("0.50"), "-.50e1": Decimal("-5.00"), "1234567890.12": Decimal("1234567890.12"),
        "12345678901": MISFIT, "1e10": MISFIT, "1e9": Decimal("1000000000.00"), "1e-3": MISFIT,
        "9999999999.999": MISFIT,
    },
    ("decimal(2,2)", "UTC"): {"0.12": Decimal("0.12"), "1": MISFIT, "12e-2": Decimal("0.12")},
    ("decimal(38,18)", "UTC"): {
        "1.000000000000000001": Decimal("1.000000000000000001"),
        "99999999999999999999.999999999999999999": Decimal("99999999999999999999.999999999999999999"),
        "100000000000000000000": MISFIT, "1.0000000000000000001": MISFIT,
    },
    ("double", "UTC"): {
        "0.1": 0.1, "1e3": 1000.0, "-12": -12.0, "NaN": "nan", "nan": "nan", "Infinity": INF,
        "-Infinity": -INF,
        "inf": INF, "1e400": MISFIT, "-1e400": MISFIT, "1e-400": MISFIT, "0e-400": 0.0, "4.9e-324": 5e-324,
        "12d": MISFIT, "1f": MISFIT, "0x1p3": MISFIT, "": MISFIT, "x": MISFIT, "infinite": MISFIT,
        "+-1": MISFIT,
    },
    ("float", "UTC"): {"0.5": 0.5, "1e39": MISFIT, "3.4e38": 3.3999999521443642e38, "1e-50": MISFIT,
    "NaN": "nan"},
    ("boolean", "UTC"): dict.fromkeys(("true", "T", "yes", "Y", "1", " true "), True)
    | dict.fromkeys(("false", "F", "no", "n", "0"), False)
    | dict.fromkeys(("2", "", "on", "wahr", "1.0"), MISFIT),
    ("string", "UTC"): {text: text for text in ("", " a ", "1.10", "NULL", "ß\n\t")},
    ("date", "UTC"): {
        "2026-01-02": "2026-01-02", " 2026-01-02 ": "2026-01-02", "2026-01-02 00:00:00": "2026-01-02",
        "2026-01-02T00:00:00.000Z": "2026-01-02", "2026-01-02T00:00+05:30": "2026-01-02",
        "2026-01-02 00:00:01": MISFIT, "2026-01-02T12:00:00Z": MISFIT, "2026-01-02 00:00:00.000001": MISFIT,
        "2026-02-29": MISFIT, "2028-02-29": "2028-02-29", "2026": MISFIT, "2026-1-2": MISFIT, "": MISFIT,
        "20260102": MISFIT, "2026-01-02x": MISFIT, "today": MISFIT, "0000-00-00": MISFIT,
    },
    ("timestamp", "UTC"): STAMPS,
    ("timestamp_ntz", "UTC"): STAMPS,
    ("timestamp", "Europe/Paris"): {
        "2026-01-02 03:04:05.5": "2026-01-02 02:04:05.5", "2026-01-02": "2026-01-01 23:00:00",
        "2026-01-02T03:04:05Z": "2026-01-02 03:04:05", "2026-07-02 03:04": "2026-07-02 01:04:00",
        "2026-03-29 02:30:00": MISFIT, "2026-03-29 03:00:00": "2026-03-29 01:00:00",
        "2026-10-25 02:30:00": "2026-10-25 00:30:00",
    },
    ("timestamp", "+02:00"): {"2026-01-02 03:04:05": "2026-01-02 01:04:05"},
    ("timestamp_ntz", "Europe/Paris"): {
        "2026-03-29 02:30:00": "2026-03-29 02:30:00", "2026-01-02T03:04:05Z": "2026-01-02 04:04:05",
    },
}  # fmt: skip
TEXTS = sorted(set(chain.from_iterable(CASES.values())))

Found = dict[tuple[str, str, str | None], tuple[Any, bool]]


def _fitted(spark: SparkSession) -> Found:
    """Every text in every type, in one job: (type, zone, text) -> (value, misfit)."""
    columns = []
    for type_, zone in CASES:
        value, misfit = fit(F.col("text"), type_, zone)
        plain = value.cast("string") if type_.startswith(("date", "timestamp")) else value
        columns.append(F.struct(plain.alias("value"), misfit.alias("misfit")).alias(f"{type_} {zone}"))
    # Shuffled, so that the texts are rows to compute and no constants to fold.
    frame = spark.createDataFrame([(text,) for text in [*TEXTS, None]], "text string").repartition(1)
    rows = frame.select("text", *columns).collect()
    return {(t, z, row["text"]): tuple(row[f"{t} {z}"]) for row in rows for t, z in CASES}


@pytest.fixture(scope="module", params=["true", "false"], ids=["ansi", "no_ansi"])
def fitted(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[Found]:
    before = {key: spark.conf.get(key) for key in ("spark.sql.ansi.enabled", "spark.sql.session.timeZone")}
    spark.conf.set("spark.sql.ansi.enabled", request.param)
    yield _fitted(spark)
    for key, value in before.items():
        spark.conf.set(key, value or "")


@pytest.mark.parametrize(("type_", "zone"), CASES)
def test_a_text_is_exactly_its_value_or_a_misfit(fitted: Found, type_: str, zone: str) -> None:
    def told(text: str) -> Any:
        value, misfit = fitted[type_, zone, text]
        if misfit:
            return MISFIT if value is None else ("misfit with a value", value)
        return "nan" if value != value else value

    wanted = CASES[type_, zone]
    assert {text: told(text) for text in wanted} == dict(wanted)


def test_null_is_null_and_fits_every_type(fitted: Found) -> None:
    assert {fitted[type_, zone, None] for type_, zone in CASES} == {(None, False)}


def test_the_scale_of_a_decimal_is_its_columns(fitted: Found) -> None:
    assert str(fitted["decimal(12,2)", "UTC", "1.500"][0]) == "1.50"


def test_a_sign_of_zero_is_kept_where_the_type_has_one(fitted: Found) -> None:
    assert str(fitted["double", "UTC", "-0"][0]) == "-0.0"


def test_the_zone_of_the_session_has_no_say(spark: SparkSession, fitted: Found) -> None:
    stamps = [("2026-01-02 03:04:05",), ("2026-03-29 02:30:00",), ("2026-01-02T03:04:05Z",)]
    spark.conf.set("spark.sql.session.timeZone", "Europe/Paris")
    frame = spark.createDataFrame(stamps, "text string")
    value, _ = fit(F.col("text"), "timestamp")
    wall, _ = fit(F.col("text"), "timestamp_ntz")
    micros = [tuple(row) for row in frame.select(F.unix_micros(value), wall.cast("string")).collect()]
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    assert micros == [
        (1767323045000000, "2026-01-02 03:04:05"),
        (1774751400000000, "2026-03-29 02:30:00"),
        (1767323045000000, "2026-01-02 03:04:05"),
    ]


@pytest.mark.parametrize("type_", ["array<int>", "binary", "decimal", "varchar(3)", "INT"])
def test_a_type_that_no_column_has_is_told(spark: SparkSession, type_: str) -> None:
    with pytest.raises(ConfigError, match="is not a column type"):
        fit(F.lit("1"), type_)


EXACT = {
    "tinyint": (3, 0),
    "bigint": (19, 0),
    "decimal(5,2)": (5, 2),
    "decimal(38,18)": (38, 18),
    "decimal(38,0)": (38, 0),
}
RANGES = {"tinyint": (-(2**7), 2**7 - 1), "bigint": (-(2**63), 2**63 - 1)}
WRITTEN = st.from_regex(r"\A[+-]?[0-9]{0,42}(\.[0-9]{0,42})?([eE][+-]?[0-9]{1,2})?\Z", fullmatch=True)
NEAR_EDGES = st.builds(
    lambda number, exponent, zeros: f"{number}{'0' * zeros}e{exponent - zeros}",
    st.sampled_from(list(chain.from_iterable(RANGES.values()))).flatmap(
        lambda n: st.sampled_from([n - 1, n, n + 1])
    ),
    st.sampled_from([0, -1, 1]),
    st.integers(0, 40),
)


def _examples(strategy: st.SearchStrategy[str], count: int) -> list[str]:
    return sorted(set(examples(strategy, count, first=17)))


def test_numbers_fit_as_pythons_decimal_says(spark: SparkSession) -> None:
    texts = _examples(WRITTEN, 600) + _examples(NEAR_EDGES, 300)
    columns = [F.struct(*fit(F.col("text"), type_)).alias(type_) for type_ in EXACT]
    rows = (
        spark.createDataFrame([(text,) for text in texts], "text string").select("text", *columns).collect()
    )
    found = [(row["text"], type_, row[type_][0], row[type_][1]) for row in rows for type_ in EXACT]
    wanted = [(text, type_, *_by_python(text, type_)) for text in texts for type_ in EXACT]
    assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]] == []
    for type_ in EXACT:
        fitting = sum(not misfit for _, type__, _, misfit in wanted if type__ == type_)
        assert 20 < fitting < len(texts) - 20


def _by_python(text: str, type_: str) -> tuple[Decimal | int | None, bool]:
    digits, scale = EXACT[type_]
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None, True
    if not number.is_finite():
        return None, True
    least, largest = RANGES.get(type_, (1 - 10**digits, 10**digits - 1))
    with localcontext(prec=500):
        scaled = number.scaleb(scale)
    is_in = number.adjusted() > -200 and scaled == int(scaled) and least <= int(scaled) <= largest
    return (number, False) if is_in else (None, True)
