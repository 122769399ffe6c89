"""Text of JSON objects, one after the other -> records."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects.json_faults import STRICT, listed
from jobs.dialects.lines import Lines
from jobs.dialects.numbers import STRING, kept, restored

_SPACE = " \t\r\n"
# A root ends at a brace that nothing of the same value can follow. Possessive groups are loops to Java.
_INNER = r"\}(?=[ \t\r\n]*+(?:[,\]}]|\z))"
_ROOT = rf'(?s)(?:[^"}}]++|{STRING}|{_INNER})*+(?:\}}|".*\z)?'
# What is no JSON, before an object on the same line: what a torn write or a logger left there.
_JUNK = r'[ \t\r\n]*+[^{}"\[\] \t\r\n][^{}"\[\]]*+(?=\{)'
# The first line opens an object and does not end it: the file is printed over several lines.
_PRETTY = r"^[ \t\r\n]*+\{(?:[^\n]*[,{\[])?[ \t\r]*\n"
_ARRAY = r"^[ \t\r\n]*+\["
_HEAD = 1 << 16
GARBLED = "\ufffd"
# A brace after which, but for a string's sake, another record could begin: without one a line is one record.
_ENDS_WITHIN = r"\}[ \t\r\n]*+[^,\]} \t\r\n]"


def framing(files: DataFrame) -> DataFrame:
    r"""The values of each file: one a line or several, each over several lines, or the elements of an array.

    [file, etag, text, ...] -> [file, etag, ..., header, garbled, row_number, record]. `garbled` says
    that the bytes of the record are no UTF-8. A line begins anew (in a file printed over several lines: one
    that opens an object), so that a damaged value takes no others along; nor does junk before an object. A
    record is the text as it stood, an array's element the same without blanks around its parts. A file
    without values has one row without `record`.
    """
    text, pattern = F.col("text"), F.lit(f"{_JUNK}|{_ROOT}")
    lines = F.when(_begins(text, _PRETTY), F.split(text, r"\n(?=\{)")).otherwise(F.split(text, "\n"))
    roots = F.flatten(F.transform(lines, lambda line: F.regexp_extract_all(line, pattern, F.lit(0))))
    trimmed = F.transform(roots, lambda root: F.btrim(root, F.lit(_SPACE)))
    return framed(files, F.coalesce(_elements(text), F.filter(trimmed, lambda root: root != "")))


def lines() -> Lines:
    """Framing by lines: of a file that begins with neither an array nor an object over several lines."""
    return Lines(single=_single, records=_roots, spans=lambda _: F.lit(False), opens=_opens)


def _single(line: Column) -> Column:
    bare = _trimmed(line)
    # One look instead of the whole pattern, for nearly every line: it cannot stop before the line's end.
    is_one = (bare == "") | (bare.startswith("{") & ~bare.rlike(_ENDS_WITHIN))
    return F.when(F.is_valid_utf8(line) & is_one, bare)


def _roots(line: Column) -> Column:
    return F.transform(F.regexp_extract_all(line, F.lit(f"{_JUNK}|{_ROOT}"), F.lit(0)), _trimmed)


def _opens(line: Column) -> Column:
    bare = _trimmed(line)
    over_lines = bare.endswith(",") | bare.endswith("{") | bare.endswith("[")
    return bare.startswith("[") | (bare.startswith("{") & over_lines)


def _trimmed(record: Column) -> Column:
    # To trim a text Spark makes two arrays as long as it is; nearly every record needs none.
    is_bare = record.startswith("{") & record.endswith("}")
    return F.when(is_bare, record).otherwise(F.btrim(record, F.lit(_SPACE)))


def _elements(text: Column) -> Column:
    """The elements of a text that is one sound array; null where it is not."""
    roots = F.from_json(listed(kept(text)), "array<array<string>>", STRICT)
    # A null has no text, and is a record like any other.
    each = F.transform(roots[0], lambda element: F.coalesce(restored(element), F.lit("null")))
    return F.when(_begins(text, _ARRAY), F.when(F.size(roots) == 1, each))


def _begins(text: Column, pattern: str) -> Column:
    # Of a large file no more is looked at than its head: no line that opens an object is longer.
    return F.substring(text, 1, _HEAD).rlike(pattern)


def framed(files: DataFrame, records: Column, header: Column | None = None) -> DataFrame:
    """The array of a file's records as rows, counted from 1.

    [file, etag, text, ...] -> [file, etag, ..., header, garbled, row_number, record].
    """
    carried = [name for name in files.columns if name not in ("text", "rows")]
    whole = files.select(
        *carried,
        (F.lit(None).cast("string") if header is None else header).alias("header"),
        # Told of the whole file, before the rows fall apart: one look, not one a row.
        (~F.is_valid_utf8("text")).alias("invalid"),
        records.alias("records"),
    )
    each = whole.select(*carried, "header", "invalid", F.posexplode_outer("records").alias("at", "record"))
    replaced = F.coalesce(F.contains("record", F.lit(GARBLED)), F.lit(False))
    return each.select(
        *carried,
        "header",
        (F.col("invalid") & replaced).alias("garbled"),
        (F.col("at") + 1).cast("bigint").alias("row_number"),
        "record",
    )
