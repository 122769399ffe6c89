"""Text of CSV by RFC 4180 -> records and the cells of a record.

A quote opens a cell only where the cell begins, and closes it only where it ends. So a newline between quotes
belongs to its cell, and a quote that is never closed spoils one row, not the rest of the file.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects.json_text import framed
from jobs.dialects.lines import Lines

# Possessive groups are loops to Java; others recurse and overflow the stack on long cells.
_QUOTED = r'"(?:[^"]++|"")*+"'
_OPEN = r'"(?:[^"]++|"")*+\z'


def framing(files: DataFrame, delimiter: str, has_header: bool) -> DataFrame:
    """The rows of each file; blank lines are none, and the first row is the header if there is one.

    [file, etag, text, ...] -> [file, etag, ..., header, garbled, row_number, record]. Rows count
    from 1 after the header. A file without rows has one row without `record`.
    """
    rows = F.regexp_extract_all("text", F.lit(_row(delimiter)), F.lit(1))
    bare = F.transform(rows, lambda row: F.regexp_replace(row, F.lit(r"\r\z"), F.lit("")))
    filled = F.filter(bare, lambda row: row != "")
    if not has_header:
        return framed(files, filled)
    with_rows = files.withColumn("rows", filled)
    # No greater length than there is: where Spark interprets, start and length together may overflow.
    return framed(with_rows, F.slice("rows", 2, F.size("rows")), F.try_element_at("rows", F.lit(1)))


def lines(delimiter: str, has_header: bool) -> Lines:
    """Framing by lines: of a file in which no cell is quoted over several."""
    char = pattern_of(delimiter)
    # The cells of a line up to the first one whose quote does not close in it.
    cell = rf"(?:{_QUOTED}(?=\r?\z|{char})|(?!{_OPEN})[^{char}]*+)"
    unclosed = rf"\A(?:{cell}{char})*+{_OPEN}"
    return Lines(
        single=_bare,
        records=lambda line: F.array(_bare(line)),
        spans=lambda line: line.contains('"') & line.rlike(unclosed),
        opens=lambda _: F.lit(False),
        has_header=has_header,
    )


def _bare(line: Column) -> Column:
    valid = F.when(line.endswith("\r"), F.substring(line, F.lit(1), F.length(line) - 1)).otherwise(line)
    # A regular expression leaves a replacement character for what is no UTF-8, here as in `framing`.
    replaced = F.regexp_extract(line, r"(?s)\A(.*?)\r?\z", 1)
    return F.when(F.is_valid_utf8(line), valid).otherwise(replaced)


def first_row(text: Column, delimiter: str) -> Column:
    """The first row of a file's text that is not blank, which is its header; empty where it has none."""
    first = F.regexp_extract(text, rf"\A(?:\r?\n)*+{_row(delimiter)}", 1)
    return F.regexp_replace(first, F.lit(r"\r\z"), F.lit(""))


def cells(record: Column, delimiter: str) -> Column:
    """The cells of a row as they stand, quotes included: array<string>."""
    cell = pattern_of(delimiter) + f"({_cell(delimiter)})"
    quoted = F.regexp_extract_all(F.concat(F.lit(delimiter), record), F.lit(cell), F.lit(1))
    # Without a quote or a newline a cell is what stands between two delimiters, and no pattern need tell so.
    is_plain = ~(record.contains('"') | record.contains("\n"))
    return F.when(is_plain, F.split(record, _plainly(delimiter))).otherwise(quoted)


def has_plain_cells(record: Column, delimiter: str, cells: int) -> Column:
    """Whether a row without quotes has so many cells: a count of what stands between them."""
    without = F.replace(record, F.lit(delimiter), F.lit(""))
    between = (cells - 1) * len(delimiter.encode())
    return F.octet_length(record) - F.octet_length(without) == between


def plain_cell(record: Column, delimiter: str, at: int) -> Column:
    """The cell of that number, from 0, of a row without quotes."""
    return F.substring_index(F.substring_index(record, delimiter, at + 1), delimiter, -1)


def are_closed(record: Column, delimiter: str) -> Column:
    """Whether every cell of a row that opens with a quote is closed by one: a look at the row as a whole."""
    char = pattern_of(delimiter)
    cell = rf'(?:{_QUOTED}(?=\z|{char})|(?!")[^{char}]*+)'
    return ~record.contains('"') | record.rlike(rf"\A{cell}(?:{char}{cell})*+\z")


def row_of(cells: int, delimiter: str, at: int) -> str:
    """The pattern of so many cells that are all closed, one of them, counted from 0, as the group."""
    separator = pattern_of(delimiter)
    cell = rf'(?:{_QUOTED}|[^"{separator}\n][^{separator}\n]*+|)'
    each = [f"({cell})" if n == at else cell for n in range(cells)]
    return separator.join(each)


def value(cell: Column, null_token: str) -> Column:
    """The value of a cell of such a row; null where it is the null token without quotes."""
    return F.when(cell != null_token, unquoted(cell))


def unquoted(cell: Column) -> Column:
    """The text of a cell: without the quotes around it, doubled ones single."""
    inner = F.substring(cell, F.lit(2), F.length(cell) - 2)
    is_quoted = cell.startswith('"') & cell.endswith('"') & (F.length(cell) > 1)
    return F.when(is_quoted, F.replace(inner, F.lit('""'), F.lit('"'))).otherwise(cell)


def broken(cell: Column) -> Column:
    """Whether a cell opens with a quote that does not close it."""
    # That quotes within it are doubled, the pattern of the cell has seen to; a lone cell `"` is not closed.
    return cell.startswith('"') & ~cell.rlike(rf"^{_QUOTED}\z")


def _row(delimiter: str) -> str:
    cell = _cell(delimiter)
    return rf"({cell}(?:{pattern_of(delimiter)}{cell})*+)\r?(?:\n|\z)"


def _cell(delimiter: str) -> str:
    char = pattern_of(delimiter)
    return rf"(?:{_QUOTED}(?=\r?(?:\n|\z)|{char})|[^{char}\n]*+)"


def pattern_of(delimiter: str) -> str:
    """The pattern of a delimiter."""
    return rf"\x{{{ord(delimiter):x}}}"


def _plainly(delimiter: str) -> str:
    """The pattern of a delimiter for which Java needs no pattern."""
    return delimiter if delimiter.isalnum() else f"\\{delimiter}"
