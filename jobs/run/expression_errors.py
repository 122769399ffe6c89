"""What Spark raises over a configured expression -> one sentence that names the setting (exit 2).

Settings are checked before Spark starts; what only shows there, types and values, is translated here and
nowhere else. An error that no configured expression can have caused stays what it is.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException, QueryContext

from jobs.errors import ConfigError, InputError, TieoutError
from jobs.settings import Dataset
from jobs.settings.expressions import Expression, expressions

# `[CAST_INVALID_INPUT] The value … SQLSTATE: 22018`, wherever in a stack trace it stands.
_REPORT = re.compile(
    r"\[(?P<condition>[A-Z][A-Z0-9_.]+)\] (?P<message>.*?)\s*SQLSTATE: (?P<state>\w{5})", re.DOTALL
)
_CONTEXT = re.compile(r"== SQL.*?==\n(?P<line>[^\n]*)\n(?P<marks> *\^+)")
# Of what is wrong with values (22, P0) or types; without a context nothing else is an expression's.
_OF_VALUES, _OF_TYPES = ("22", "P0"), "DATATYPE_MISMATCH"
# Spark's advice to give up the mode in which results are exact.
_ADVICE = re.compile(r"\s*If necessary set .*", re.DOTALL)
_HELPER = re.compile(r"`\$\.((?:[^`]|``)*)`")
_NAMED = re.compile(r"`([^`]+)`|\"([^\"]+)\"")


@dataclass(frozen=True)
class _Report:
    """An error as Spark reports it; `lines` are the lines of SQL that it points at."""

    condition: str
    message: str
    state: str
    lines: tuple[str, ...]


@contextmanager
def settings_named(dataset: Dataset) -> Iterator[None]:
    """Within, an error that Spark raises over an expression of the dataset names its setting.

    Raises:
        ConfigError: the expression has no meaning for the columns that are there.
        InputError: it cannot be computed for a value.
    """
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        translated = _translated(error, dataset)
        if translated is None:
            raise
        raise translated from error


def _translated(error: Exception, dataset: Dataset) -> TieoutError | None:
    report = _report(error)
    if report is None:
        return None
    causes = _causes(report, [each for each in expressions(dataset) if _may_raise(each, report)])
    if not causes:
        return None
    of_values = report.state.startswith(_OF_VALUES)
    message = " ".join(_ADVICE.sub("", report.message).split()).rstrip(".")
    if of_values and dataset.mask is not None:
        message = "the reason is not shown, since it may quote a masked value"
    places = " or ".join(f"{dataset.place(each.loc)} (`{each.sql}`)" for each in causes)
    text = f"{places} cannot be computed: {message} ({report.condition})."
    return InputError(text) if of_values else ConfigError(text)


def _report(error: Exception) -> _Report | None:
    text = str(error)
    matches = list(_REPORT.finditer(text))
    if not matches:
        return None
    # The last is the cause of those before it; a trace repeats it.
    cause = matches[-1]
    contexts = [context.summary() for context in _contexts(error)] or [text]
    lines = (match["line"] for each in contexts for match in _CONTEXT.finditer(each))
    return _Report(cause["condition"], cause["message"], cause["state"], tuple(dict.fromkeys(lines)))


def _contexts(error: Exception) -> Iterable[QueryContext]:
    return error.getQueryContext() if isinstance(error, PySparkException) else ()


def _may_raise(expression: Expression, report: _Report) -> bool:
    """Whether it can end a job: over records, and in comparisons, a value that fails is a fact of its row."""
    guarded = expression.loc[0] in ("events", "changes") or expression.reads == "value"
    return not guarded or not report.state.startswith(_OF_VALUES)


def _causes(report: _Report, configured: list[Expression]) -> list[Expression]:
    """The expressions that the error can be of; those of one text are not told apart."""
    for line in report.lines:
        pieces = _HELPER.sub(lambda match: match[1].replace("``", "`"), line).strip()
        exact = [each for each in configured if pieces in map(str.strip, each.sql.splitlines())]
        around = [each for each in configured if each.sql.strip() in pieces or pieces.strip(".") in each.sql]
        if exact or around:
            return exact or around
    if report.lines or not (report.state.startswith(_OF_VALUES) or report.condition.startswith(_OF_TYPES)):
        return []
    # Without a line of SQL: those that hold what the message names, else any.
    names = [name for pair in _NAMED.findall(report.message) for name in pair if name]
    named = [each for each in configured if any(name in each.sql for name in names)]
    return named or configured
