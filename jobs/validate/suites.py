"""A suite file and a dataset's key and columns -> the expectations of one table, none lost on the way.

Great Expectations drops an expectation whose type or severity it does not know and only logs it, calls a
suite of none a success and takes an empty value set: all of these are refused here.

A suite file is `{"expectations": [...]}`. Each entry has a `severity`, a `description` and one of

* `type` and `kwargs`: an expectation as Great Expectations knows it;
* `holds` and `name`: Spark SQL that has to be true of every row (null is not true);
* `unique` and `name`: columns that no two rows share (null equals null).

`$key` and `$columns` stand for the dataset's: a `column` gives an expectation for each, a list takes them
all, SQL takes them quoted and separated by commas.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from great_expectations.core import ExpectationSuite
from great_expectations.exceptions.exceptions import ExpectationNotFoundError, GreatExpectationsError
from great_expectations.expectations.registry import get_expectation_impl

from jobs.errors import ConfigError
from jobs.lake.expectation_results import NUMBER, SEVERITIES, Severity
from jobs.lake.schema import quoted

_IN_SET = "expect_column_values_to_be_in_set"
_PLACEHOLDER = re.compile(r"\$([A-Za-z_]+)")
_FORMS = ("type", "holds", "unique")
_KNOWN = {"type": {"type", "kwargs"}, "holds": {"holds", "name"}, "unique": {"unique", "name"}}
_SHARED = {"severity", "description"}


@dataclass(frozen=True)
class Suite:
    """The expectations of one table and the columns that have to be derived for them.

    `holds`: name -> SQL, true or not of a row. `unique`: name -> columns; the name then holds how many
    rows repeat another one. `read`: columns of the table that the expectations name.
    """

    name: str
    holds: Mapping[str, str]
    unique: Mapping[str, tuple[str, ...]]
    read: tuple[str, ...]
    expectations: tuple[dict[str, Any], ...]

    def to_gx(self) -> ExpectationSuite:
        """Return a fresh suite of Great Expectations that holds every expectation.

        Raises:
            ConfigError: one of them was dropped, is not accepted, or there is none.
        """
        listed = [{**each, "meta": {NUMBER: number}} for number, each in enumerate(self.expectations)]
        try:
            suite = ExpectationSuite(name=self.name, expectations=listed)
        except (GreatExpectationsError, ValueError) as error:
            raise ConfigError(f"The suite {self.name} is not accepted: {_first_line(error)}.") from error
        if not listed or len(suite.expectations) != len(listed):
            raise ConfigError(
                f"The suite {self.name} lists {len(listed)} expectation(s), {len(suite.expectations)} were "
                "kept; a suite needs one at least and has to keep all."
            )
        return suite


def load(table: str, key: Sequence[str] = (), columns: Sequence[str] = ()) -> Suite:
    """Return the suite of a table, placeholders filled in.

    Args:
        table: its name as in the design, `source_rejects` for those of a source.
        key: the dataset's key columns.
        columns: the dataset's columns.

    Raises:
        ConfigError: no such suite, or `parse` refuses it.
    """
    file = _folder() / f"{table}.json"
    if not file.is_file():
        raise ConfigError(f"The table {table} has no suite; add expectations/{table}.json.")
    return parse(table, file.read_text(encoding="utf-8"), {"key": tuple(key), "columns": tuple(columns)})


def parse(name: str, text: str, facts: Mapping[str, Sequence[str]]) -> Suite:
    """Return the suite that a JSON text describes.

    Raises:
        ConfigError: broken JSON, an unknown type, form, severity, argument or placeholder, an empty value
            set, an expectation listed twice, or none at all.
    """
    try:
        entries = json.loads(text)["expectations"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"The suite {name} is no JSON object with a list `expectations`.") from error
    holds: dict[str, str] = {}
    unique: dict[str, tuple[str, ...]] = {}
    expectations: list[dict[str, Any]] = []
    for entry in entries:
        form = _form(name, entry)
        if form == "holds":
            holds[entry["name"]] = _filled_sql(name, entry["holds"], facts)
        elif form == "unique":
            unique[entry["name"]] = tuple(_filled_list(name, entry["unique"], facts))
        expectations.extend(_expanded(name, entry, form, facts))
    derived = {*holds, *unique}
    used = [each["kwargs"]["column"] for each in expectations if "column" in each["kwargs"]]
    read = tuple(dict.fromkeys(column for column in used if column not in derived))
    suite = Suite(name, holds, unique, read, tuple(expectations))
    _refuse_repeated(suite)
    suite.to_gx()
    return suite


def _folder() -> Any:
    """The folder of the suites: inside the wheel, or beside the package in a bare checkout."""
    try:
        return resources.files("jobs.expectations")
    except ModuleNotFoundError:
        return Path(__file__).parents[2] / "expectations"


def _form(suite: str, entry: Mapping[str, Any]) -> str:
    forms = [form for form in _FORMS if form in entry]
    if len(forms) != 1:
        raise ConfigError(f"An entry of the suite {suite} needs one of {', '.join(_FORMS)}: {sorted(entry)}.")
    known = _KNOWN[forms[0]] | _SHARED
    if set(entry) != known:
        raise ConfigError(
            f"An entry of the suite {suite} by `{forms[0]}` needs {sorted(known)}, it has {sorted(entry)}."
        )
    if entry["severity"] not in SEVERITIES:
        raise ConfigError(
            f"The suite {suite} has the severity {entry['severity']!r}; known are {', '.join(SEVERITIES)}."
        )
    return forms[0]


def _expanded(
    suite: str, entry: Mapping[str, Any], form: str, facts: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    severity: Severity = entry["severity"]
    shared = {"severity": severity, "description": entry["description"]}
    if form != "type":
        values: list[Any] = [True] if form == "holds" else [0]
        yield {"type": _IN_SET, "kwargs": {"column": entry["name"], "value_set": values}, **shared}
        return
    _refuse_unknown_type(suite, entry["type"])
    for kwargs in _filled_kwargs(suite, entry["kwargs"], facts):
        _refuse_vacuous(suite, entry["type"], kwargs)
        yield {"type": entry["type"], "kwargs": kwargs, **shared}


def _refuse_unknown_type(suite: str, type_: str) -> None:
    try:
        get_expectation_impl(type_)
    except ExpectationNotFoundError:
        raise ConfigError(
            f"The suite {suite} has an expectation of the type {type_!r}, which Great Expectations does not "
            "know and would drop; correct its spelling."
        ) from None


def _refuse_vacuous(suite: str, type_: str, kwargs: Mapping[str, Any]) -> None:
    """Refuse arguments that make an expectation say nothing: no values, or no rows that have to meet it."""
    if kwargs.get("value_set", True) == [] or kwargs.get("mostly", 1) == 0:
        raise ConfigError(
            f"The suite {suite} has {type_} that says nothing; give it values, and rows to hold of."
        )


def _refuse_repeated(suite: Suite) -> None:
    entries = [json.dumps([each["type"], each["kwargs"]], sort_keys=True) for each in suite.expectations]
    if len(set(entries)) != len(entries):
        raise ConfigError(f"The suite {suite.name} lists an expectation twice.")


def _filled_kwargs(
    suite: str, kwargs: Mapping[str, Any], facts: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    filled = {
        name: _filled_list(suite, value, facts) if isinstance(value, list) else value
        for name, value in kwargs.items()
    }
    column = filled.get("column")
    if isinstance(column, str) and _PLACEHOLDER.fullmatch(column):
        yield from ({**filled, "column": each} for each in _fact(suite, column[1:], facts))
    else:
        yield filled


def _filled_list(suite: str, values: Sequence[Any], facts: Mapping[str, Sequence[str]]) -> list[Any]:
    filled: list[Any] = []
    for value in values:
        placeholder = isinstance(value, str) and _PLACEHOLDER.fullmatch(value)
        filled.extend(_fact(suite, value[1:], facts) if placeholder else [value])
    return filled


def _filled_sql(suite: str, sql: str, facts: Mapping[str, Sequence[str]]) -> str:
    return _PLACEHOLDER.sub(lambda match: ", ".join(map(quoted, _fact(suite, match[1], facts))), sql)


def _fact(suite: str, name: str, facts: Mapping[str, Sequence[str]]) -> Sequence[str]:
    if not facts.get(name):
        known = ", ".join(f"${each}" for each in sorted(facts) if facts[each]) or "none"
        raise ConfigError(f"The suite {suite} uses ${name}, unknown of this table; known: {known}.")
    return facts[name]


def _first_line(error: Exception) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines()[:3])
