"""Text of a settings file -> checked names, column types, durations, instants, secret references."""

import re
import typing as t
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from jobs.errors import ConfigError
from jobs.settings.model import wrong
from jobs.storage.uri import scheme_free

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
COLUMN = r"[A-Za-z][A-Za-z0-9_]*"
SECRET = r"(secret://secretsmanager/[^#\s]+(#[^#\s]+)?|\$\{[A-Za-z_][A-Za-z0-9_]*\})"  # noqa: S105 - a pattern
DURATION = r"(\d+)\s+(second|minute|hour|day)s?"
COLUMN_TYPES = (
    "string", "boolean", "tinyint", "smallint", "int", "bigint", "float", "double",
    "decimal(p,s)", "date", "timestamp", "timestamp_ntz",
)  # fmt: skip
NUMERIC = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
_SYNONYMS = {
    "byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint", "real": "float",
    "bool": "boolean", "timestamp_ltz": "timestamp",
    "dec": "decimal", "numeric": "decimal",
}  # fmt: skip


def _name(value: t.Any) -> t.Any:
    if isinstance(value, str) and not re.fullmatch(NAME, value):
        raise wrong("must be a name of letters, digits and _, not beginning with a digit", value)
    return value


def _column(value: t.Any) -> t.Any:
    if isinstance(value, str) and value.startswith("_"):
        raise wrong("must not begin with _ (such names belong to Tieout)", value)
    return _name(value)


def column_type(value: t.Any) -> t.Any:
    """A Spark SQL type's simple name: ``long`` -> ``bigint``, ``numeric(12, 2)`` -> ``decimal(12,2)``."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"\s*([a-z_]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", value.lower())
    if match is None:
        raise wrong("is not a column type", value, COLUMN_TYPES)
    name = _SYNONYMS.get(match[1], match[1])
    if name == "decimal":
        return _decimal(value, int(match[2] or 10), int(match[3] or 0))
    if name not in COLUMN_TYPES or match[2]:
        raise wrong("is not a column type", value, COLUMN_TYPES)
    return name


def _decimal(value: str, precision: int, scale: int) -> str:
    if not (1 <= precision <= 38 and scale <= precision):
        raise wrong("must be decimal(p,s) with 1 <= p <= 38 and s <= p", value)
    return f"decimal({precision},{scale})"


def fits(value: t.Any, type_: str) -> bool:
    """Whether a value that stands in a file can be of the column type; null always can."""
    kind = type_.split("(")[0]
    if value is None or kind == "string":
        return True
    if kind == "boolean":
        return isinstance(value, bool) or str(value).lower() in ("true", "false")
    if kind not in NUMERIC:
        # Stamps have more forms than are told apart here; Spark reads them, or rejects the record.
        return isinstance(value, str)
    return not isinstance(value, bool) and _is_number(str(value), whole=kind.endswith("int"))


def _is_number(text: str, whole: bool) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return not whole or (number.is_finite() and number == number.to_integral_value())


def duration(value: t.Any) -> t.Any:
    """``15 minutes`` -> timedelta; whole seconds, minutes, hours or days."""
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(DURATION, value.strip()) if isinstance(value, str) else None
    if match is None:
        raise wrong("is not a duration such as '30 seconds', '15 minutes', '2 hours', '1 day'", value)
    return timedelta(**{match[2] + "s": int(match[1])})


def instant(value: t.Any) -> t.Any:
    """ISO 8601 text -> aware datetime; without a zone it is UTC, a date alone is its midnight."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise wrong("is not an instant such as 2026-01-01T00:00:00Z", value) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        raise wrong("is not an instant such as 2026-01-01T00:00:00Z", value)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _secret(value: t.Any) -> t.Any:
    if value is not None and not (isinstance(value, str) and re.fullmatch(SECRET, value)):
        # The value is not repeated: it may be the secret itself.
        raise wrong("must refer to a secret, never hold it: secret://secretsmanager/<id>#<key> or ${NAME}")
    return value


def listed(value: t.Any) -> t.Any:
    """A lone word is a list of one."""
    return [value] if isinstance(value, str) else value


def _texts(value: t.Any) -> t.Any:
    """Options are text for Spark and JDBC: numbers and booleans are written as YAML writes them."""
    if not isinstance(value, dict):
        return value
    plain = (bool, int, float, Decimal)
    return {
        name: str(each).lower() if isinstance(each, bool) else str(each) if isinstance(each, plain) else each
        for name, each in value.items()
    }


def _scalar(value: t.Any) -> t.Any:
    if isinstance(value, (dict, list)):
        raise wrong("must be a single value: text, number, true, false or null", value)
    return value


def _character(value: t.Any) -> t.Any:
    if isinstance(value, str) and len(value) != 1:
        raise wrong("must be a single character", value)
    return value


def _uri(value: str) -> str:
    # What could not be resolved is told as such.
    if "${" not in value:
        try:
            scheme_free(value)
        except ConfigError:
            raise wrong("must be s3://bucket/…, file:///… or a plain path", value) from None
    return value


def _zone(value: t.Any) -> t.Any:
    try:
        if isinstance(value, str):
            ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise wrong("is not a time zone such as UTC or Europe/Berlin", value) from None
    return value


Name = t.Annotated[str, BeforeValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})]
ColumnName = t.Annotated[
    str, BeforeValidator(_column), WithJsonSchema({"type": "string", "pattern": f"^{COLUMN}$"})
]
Text = t.Annotated[str, Field(min_length=1)]
Uri = t.Annotated[Text, AfterValidator(_uri)]
Character = t.Annotated[str, BeforeValidator(_character)]
Zone = t.Annotated[str, BeforeValidator(_zone)]
ColumnType = t.Annotated[
    str, BeforeValidator(column_type), WithJsonSchema({"type": "string", "examples": list(COLUMN_TYPES)})
]
Duration = t.Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": f"^{DURATION}$", "examples": ["15 minutes"]}),
]
Instant = t.Annotated[
    datetime,
    BeforeValidator(instant),
    WithJsonSchema({"type": "string", "examples": ["2026-01-01T00:00:00Z"]}),
]
Percent = t.Annotated[float, Field(ge=0, le=100)]
SecretRef = t.Annotated[
    str, BeforeValidator(_secret), WithJsonSchema({"type": "string", "pattern": f"^{SECRET}$"})
]
Options = t.Annotated[dict[str, str], BeforeValidator(_texts)]
Scalar = t.Annotated[
    bool | int | Decimal | float | str | None,
    BeforeValidator(_scalar, json_schema_input_type=bool | int | float | str | None),
]
