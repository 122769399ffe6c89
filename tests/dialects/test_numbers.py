"""Numbers in JSON keep their digits through Spark's parser, whichever way they are written (R1)."""

import random

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dialects.numbers import kept

from .conftest import source_of

EDGES = (
    "0", "-0", "0.0", "-0.0", "0.00", "1.0", "1.10", "100.0", "100.00", "0.1", "0.001", "0.0010", "0.0005",
    "0.00012345", "999999.9", "999999.99999999", "1000000.5", "9999999.5", "10000000.5", "123456.12345678",
    "123456.123456789", "1e3", "1E3", "1.5e-7", "-1e+2", "12345678901234567890", "1.7976931348623157e308",
    "12345678901234567890.123456789012345678", "0.1000000000000000055511151231257827", "4.35", "2.675",
    "-1.005",
)  # fmt: skip


def _any(rng: random.Random) -> str:
    whole = str(rng.randrange(10 ** rng.randrange(1, 9)))
    fraction = "".join(rng.choice("0012345678999") for _ in range(rng.randrange(1, 11)))
    exponent = rng.choice(["", "", "", "e2", "E-3", "e+12"])
    return rng.choice(["", "-"]) + whole + rng.choice(["", f".{fraction}", f".{fraction}"]) + exponent


@pytest.fixture(scope="module")
def numbers() -> list[str]:
    rng = random.Random(20261129)
    return [*EDGES, *(_any(rng) for _ in range(4000))]


def test_a_number_is_read_as_it_stands_alone_or_beside_others(
    spark: SparkSession, numbers: list[str]
) -> None:
    dialect = dialects.of(source_of("cloudevents"))
    shapes = (
        '{{"data":{{"n":{}}}}}',
        '{{"data":{{"n":{}\n, "o": 7}}}}',
        '{{"a":[1.10,{{"b":"0.10"}}],"data":{{ "n" : {} , "m":1.25}}}}',
    )
    rows = [(shape.format(number), number) for shape in shapes for number in numbers]
    frame = spark.createDataFrame(rows, "record string, number string").coalesce(2)
    read = dialect.opened(dialect.parsed(frame), ["data.n"])
    wrong = read.select("number", dialect.lookup("data.n").text.alias("text")).where("number <> text")
    # Of an integer zero a sign is lost, as in every parser of whole numbers.
    assert [row for row in wrong.collect() if row["number"] != "-0"] == []


def test_of_numbers_that_print_as_they_stand_and_of_stamps_no_care_is_taken(spark: SparkSession) -> None:
    stamps = [f"2026-11-02T11:20:{n % 60:02}.{7 * n % 1000:03}Z" for n in range(1000)]
    texts = ["1.0", "0.25", "-678.13", "0.164", '"3e5f0b10-0000-4000-8000-00000000001e"', '"10.0.0.10"']
    rows = [
        (f'{{"time":"{stamp}","data":[{text}, {{"n" : {text}}}]}}',) for stamp in stamps for text in texts
    ]
    frame = spark.createDataFrame(rows, "record string").coalesce(2)
    assert frame.where(kept(F.col("record")) != F.col("record")).count() == 0
