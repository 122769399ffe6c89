"""Keys, rows and ids are written one way only."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.spark.columns import digest, key_json, row_json
from jobs.spark.rows import frame_of


def test_ids_tell_lists_of_parts_apart(spark: SparkSession) -> None:
    lists: list[tuple[str | None, ...]] = [
        ("a", "b"), ("ab",), ("ab", ""), ("", "ab"), ("ab", None), (None, "ab"), ("1:a",), ("a", "1:b"), (),
        ("-",),
        (None,),
    ]  # fmt: skip
    ids = [
        digest(*(F.lit(part).cast("string") for part in parts)) if parts else F.lit("none") for parts in lists
    ]
    row = spark.range(1).select(*(one.alias(f"c{n}") for n, one in enumerate(ids))).first()
    assert row is not None and len(set(row)) == len(lists)
    assert all(len(one) == 32 for one, parts in zip(row, lists, strict=True) if parts)


def test_rows_as_json_lose_nothing(spark: SparkSession) -> None:
    types = {
        "big": "bigint",
        "amount": "decimal(38,18)",
        "text": "string",
        "none": "string",
        "odd `name": "int",
    }
    row = {
        "big": F.lit(2**53 + 1), "amount": F.lit("1.100000000000000000").cast("decimal(38,18)"),
        "text": F.lit('a"b'),
        "none": F.lit(None).cast("string"), "odd `name": F.lit(1),
    }  # fmt: skip
    found = spark.range(1).select(row_json(row, types).alias("j")).first()
    assert found is not None and found["j"] == (
        '{"big":"9007199254740993","amount":"1.100000000000000000","text":"a\\"b","none":null,"odd `name":1}'
    )


def test_stamps_as_json_keep_their_microseconds_and_sort_as_text(spark: SparkSession) -> None:
    texts = [
        "2026-01-02 03:04:05",
        "2026-01-02 03:04:05.000001",
        "2026-01-02 03:04:05.1",
        "2026-01-02 03:04:06",
    ]
    frame = frame_of(spark, [{"n": n, "text": text} for n, text in enumerate(texts)], "n int, text string")
    types = {"at": "timestamp", "wall": "timestamp_ntz"}
    stamps = {name: F.col("text").cast(type_) for name, type_ in types.items()}
    shown = [row["j"] for row in frame.orderBy("n").select(row_json(stamps, types).alias("j")).collect()]
    assert shown[1] == '{"at":"2026-01-02T03:04:05.000001Z","wall":"2026-01-02T03:04:05.000001"}'
    assert shown == sorted(set(shown))


def test_keys_as_json(spark: SparkSession) -> None:
    frame = frame_of(spark, [{"b": 1, "a": None}], "a string, b bigint")
    found = frame.select(key_json(["b", "a"], {"a": "string", "b": "bigint"}).alias("k")).first()
    assert found is not None and found["k"] == '{"b":"1","a":null}'
