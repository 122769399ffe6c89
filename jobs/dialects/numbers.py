"""JSON text -> the same text with its numbers protected from Spark's parser, and back again.

Spark's `from_json` renders numbers anew when it makes text of them: 1.10 becomes 1.1, and an amount beyond 17
digits a double. Numbers with a fraction or an exponent are therefore made marked strings before parsing.
"""

from pyspark.sql import Column
from pyspark.sql import functions as F

# A code point that Unicode keeps from ever being a character.
_MARK = "\ufdd0"
STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NUMBER = r"-?\d[\d.eE+-]*+"
# \G: each match begins where the last one ended, hence outside of strings. Possessive groups are loops to
# Java; others recurse and overflow the stack on long records.
_NOT_WHOLE = rf'(?s)\G((?:[^"\d-]++|-?\d++(?![.eE])|{STRING})*+)({_NUMBER})'
_MARKED = rf'"?{_MARK}({_NUMBER})"?'
_EXPONENT = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d+$"
_LONG = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?$"
_DIGITS = 38
_TOKENS = rf'(?s){STRING}|[^"\d-]++|{_NUMBER}|.'
# Whether a text may hold such a number at all; cheap, since few do, and a hit by chance only costs time.
_STARTS = r"[:,\[][ \t\r\n]*+-?"
# After a number in JSON, which a stamp or an id within a string hardly ever has behind its digits.
_ENDS = r"(?:[,}\] \t\r\n]|\z)"
# A double prints a number just as it stands from a thousandth to a million, up to eight digits behind the
# point and none of them a zero at the end, but for 1.0. Else it has one of these behind a point or an e.
_NOT_AS_PRINTED = (
    rf"(?!0{_ENDS})\d*+(?<=0)",
    r"\d{9,}+",
    r"(?<=\d{7}\.)\d++",
    r"(?<=0\.)000\d++",
    r"(?<=[eE])[+-]?\d++",
)
_MAYBE_CHANGED = rf"[.eE](?<=\d.)(?:{'|'.join(_NOT_AS_PRINTED)}){_ENDS}"
_MAYBE_ODD = rf"{_STARTS}(?:\d[\d.]*+[eE]|[\d.]{{{_DIGITS + 1}}})"


def kept(record: Column) -> Column:
    """JSON text, its numbers that are not whole as marked strings where any would be printed otherwise.

    Other text than JSON may come out odd.
    """
    marked = F.regexp_replace(record, F.lit(_NOT_WHOLE), F.lit(f'$1"{_MARK}$2"'))
    return F.when(record.rlike(_MAYBE_CHANGED), marked).otherwise(record)


def has_marks(text: Column) -> Column:
    """Whether any number in `kept` text, or in what was parsed from it, is a marked string."""
    return text.contains(_MARK)


def restored(text: Column) -> Column:
    """A leaf parsed from `kept` text, scalar or nested, with its numbers as they stood."""
    return F.when(text.contains(_MARK), F.regexp_replace(text, F.lit(_MARKED), F.lit("$1"))).otherwise(text)


def by_value(record: Column) -> Column:
    """JSON text for comparing: numbers with an exponent are written out (1e3 as 1000), all else as it is.

    Numbers that no decimal holds become marked strings: of their double, or as they stand if they have more
    than 38 digits. A parser would make doubles of both.
    """
    tokens = F.regexp_extract_all(record, F.lit(_TOKENS), F.lit(0))
    return F.when(record.rlike(_MAYBE_ODD), F.concat_ws("", F.transform(tokens, _spelt))).otherwise(record)


def _spelt(token: Column) -> Column:
    long = (F.length(token) > _DIGITS) & token.rlike(_LONG)
    return F.when(token.rlike(_EXPONENT), _plain(token)).when(long, _quoted(token)).otherwise(token)


def _plain(number: Column) -> Column:
    double = number.try_cast("double")
    whole, fraction = number.try_cast("decimal(38,0)"), number.try_cast("decimal(38,18)")
    return F.coalesce(
        F.when(whole.cast("double") == double, whole.cast("string")),
        F.when(fraction.cast("double") == double, fraction.cast("string")),
        _quoted(double.cast("string")),
    )


def _quoted(text: Column) -> Column:
    return F.concat(F.lit(f'"{_MARK}'), text, F.lit('"'))
