"""Text of JSON files falls into records without losing a character, whatever is damaged."""

from collections.abc import Callable, Mapping

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dialects import json_text

NONE: list[tuple[int | None, str | None]] = [(None, None)]
A, B, C = '{"a":1}', '{"b":{"c":[1,{"d":"}{"}]}}', '{"t":"\\"}{\\\\"}'
PRETTY = '{\n  "a": {\n    "b": [\n      {"c": "}{"},\n      2\n    ]\n  }\n}'
LONG = '{"t":"' + "x" * 1_000_000 + '"}'

FRAMES: dict[str, tuple[str, list[str]]] = {
    "newline_delimited": (f"{A}\n{B}\n{C}\n", [A, B, C]),
    "no_last_newline": (f"{A}\n{B}", [A, B]),
    "concatenated": (A + B + C, [A, B, C]),
    "several_a_line": (f"{A}{B}\n{C} {A}\n", [A, B, C, A]),
    "crlf_and_blank_lines": (f"{A}\r\n\r\n  \t\n{B}\r\n", [A, B]),
    "lone_carriage_returns": (f"{A}\r{B}", [A, B]),
    "spaces_within": (
        '{ "a" : { "b" : 1 } , "c" : [ { } , { } ] }',
        ['{ "a" : { "b" : 1 } , "c" : [ { } , { } ] }'],
    ),
    "braces_in_strings": (C + C, [C, C]),
    "equal_records": (A + A + A, [A, A, A]),
    "empty": ("", []),
    "blank": (" \n\t\r\n", []),
    "array_root": (f"[{A},{B}]", [A, B]),
    "array_of_lines": (f"[\n  {A},\n  {B}\n]\n", [A, B]),
    "array_with_exact_numbers": (
        '[{"a":1.10,"b":[1e3,"1.10"],"c":123456789012345678901234567890.50}]',
        ['{"a":1.10,"b":[1e3,"1.10"],"c":123456789012345678901234567890.50}'],
    ),
    "array_of_other_things": ('[null,1,["x"],{}]', ["null", "1", '["x"]', "{}"]),
    "array_cut_short": (f"[{A},{B}", [f"[{A},{B}"]),
    "arrays_one_a_line": ("[1]\n[2]\n", ["[1]", "[2]"]),
    "array_then_object": (f"[1]\n{A}", ["[1]", A]),
    "printed_over_lines": (f"{PRETTY}\n{PRETTY}\n{A}\n", [PRETTY, PRETTY, A]),
    "printed_over_lines_with_crlf": ('{\r\n  "a": 1\r\n}\r\n', ['{\r\n  "a": 1\r\n}']),
    "printed_over_lines_from_the_second_on": ('{"a": 1,\n "b": 2}\n', ['{"a": 1,\n "b": 2}']),
    "printed_over_lines_and_cut_short": ('{\n  "a": "to\n' + PRETTY, ['{\n  "a": "to', PRETTY]),
    "junk_before_an_object": (f"\x00\x00{A}\n oops {B} {A}", ["\x00\x00", A, "oops", B, A]),
    "commas_between": (f"{A},{B}", [f"{A},{B}"]),
    "torn_record_then_newline": (f'{{"a":"to\n{B}', ['{"a":"to', B]),
    "torn_record_then_another": (f'{{"a":"to{A}', [f'{{"a":"to{A}']),
    "torn_at_the_end": (f'{A}{{"a":{{"b"', [A, '{"a":{"b"']),
    "torn_with_escapes": (f'{A}{{"a":"x\\"y', [A, '{"a":"x\\"y']),
    "garbage_line": (f"{A}\noops\n{B}", [A, "oops", B]),
    "nul_bytes": (f"{A}\n\x00\x00\n{B}", [A, "\x00\x00", B]),
    "stray_brace": (f"}}{A}", ["}", A]),
    "object_then_array": (f"{A}[1]", [A, "[1]"]),
    "line_separators_in_text": ('{"a":"\u2028\u0085"}{"b":1}', ['{"a":"\u2028\u0085"}', '{"b":1}']),
    "long_line": (LONG + A + LONG, [LONG, A, LONG]),
    "beyond_the_basic_plane": ('{"a":"\U0001f600"}{"b":1}', ['{"a":"\U0001f600"}', '{"b":1}']),
}


@pytest.fixture(scope="module")
def framed(files: Callable[[Mapping[str, str]], DataFrame]) -> dict[str, list[tuple[int | None, str | None]]]:
    rows = json_text.framing(files({name: text for name, (text, _) in FRAMES.items()})).collect()
    return {
        name: sorted((r["row_number"], r["record"]) for r in rows if r["file"] == name) for name in FRAMES
    }


@pytest.mark.parametrize("case", FRAMES)
def test_records_are_told_apart_and_counted_from_one(
    case: str, framed: dict[str, list[tuple[int | None, str | None]]]
) -> None:
    text, records = FRAMES[case]
    assert framed[case] == ([*enumerate(records, 1)] or NONE)
    # An array's own brackets and commas are none of its elements'.
    dropped = " \t\r\n" + ("[]," if case.startswith("array") else "")
    said, told = (each.translate(dict.fromkeys(map(ord, dropped))) for each in (text, "".join(records)))
    assert told == said, "the case itself loses text"


@pytest.mark.parametrize(
    ("raw", "garbled"),
    [
        (b'{"a":"\xff"}\n{"b":1}', [True, False]),
        ('{"a":"\ufffd"}\n{"b":1}'.encode(), [False, False]),
        (b'{"a":"\xc3\xa9"}', [False]),
    ],
    ids=["invalid_bytes", "a_replacement_character_that_was_sent", "valid"],
)
def test_only_records_whose_bytes_are_no_utf8_are_garbled(
    spark: SparkSession, raw: bytes, garbled: list[bool]
) -> None:
    text = F.lit(raw).cast("string").alias("text")
    files = spark.range(1).select(F.lit("f").alias("file"), F.lit("e").alias("etag"), text)
    rows = json_text.framing(files).orderBy("row_number").collect()
    assert [row["garbled"] for row in rows] == garbled
