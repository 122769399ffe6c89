"""A snapshot kept open in PostgreSQL -> its table's rows in Spark, read in parallel ranges; their copy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import ConfigError, InputError, RetryableError, TieoutError
from jobs.lake.schema import quoted
from jobs.settings import Connection
from jobs.spark.jars import DRIVER
from jobs.storage.uri import spark_uri
from jobs.target.postgres.catalogue import Exported
from jobs.target.postgres.columns import FINITE, WHOLE, DbColumn

RANGE_BYTES = 64 * 1024 * 1024
MOST_RANGES = 8
_FETCH = "10000"
# The driver has opened the transaction by then; of what it set itself, what shapes text is set again.
_BEGIN = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET TRANSACTION SNAPSHOT '{}'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
)


@dataclass(frozen=True)
class Login:
    """A connection with its password in clear, which stands in no message and no repr."""

    connection: Connection
    password: str | None

    def __repr__(self) -> str:
        return f"Login({self.connection.url.partition('?')[0]})"


def copy(spark: SparkSession, exported: Exported, login: Login, key: Sequence[str], uri: str) -> None:
    """Write the table as the snapshot shows it to Parquet; complete once `_SUCCESS` is there.

    Args:
        spark: the session.
        exported: the snapshot, open until this is done.
        login: how to get at it.
        key: the store's key columns, by which the table is divided.
        uri: the folder, whatever stands there is replaced.

    Raises:
        InputError: a value cannot be read.
        RetryableError: the database went out of reach, or ended the transaction that held the snapshot.
    """
    rows = frame(spark, exported, login, key)
    try:
        rows.write.mode("overwrite").parquet(spark_uri(uri))
    except Exception as error:
        raise _explained(error, exported) from None


def frame(spark: SparkSession, exported: Exported, login: Login, key: Sequence[str]) -> DataFrame:
    """Return the table's rows in its own columns, lazily: every range is read in the one snapshot."""
    doubtful = _doubtful(exported)
    columns = exported.table.columns
    wires = ", ".join(f"{c.wire(name in doubtful)} AS {c.quoted}" for name, c in columns.items())
    begin = "; ".join(_BEGIN).format(exported.name)
    given = {"user": login.connection.user, "password": login.password}
    properties = {
        "fetchsize": _FETCH,
        "driver": login.connection.driver or "org.postgresql.Driver",
        **login.connection.options,
        **{name: value for name, value in given.items() if value is not None},
        "sessionInitStatement": begin,
    }
    try:
        came = spark.read.jdbc(
            login.connection.url,
            f"(SELECT {wires} FROM {exported.table.quoted}) AS held",  # noqa: S608  # names are quoted
            predicates=_ranges(exported, key),
            properties=properties,
        )
    except Exception as error:
        raise _explained(error, exported) from None
    return came.select(*(_read(c, name in doubtful) for name, c in columns.items()))


def _doubtful(exported: Exported) -> set[str]:
    """Columns in which a value stands that Spark's type cannot hold: one pass over the table."""
    doubts = {name: doubt for name, c in exported.table.columns.items() if (doubt := c.doubt)}
    if not doubts:
        return set()
    flags = exported.aggregated(", ".join(f"bool_or({doubt})" for doubt in doubts.values()))
    return {name for name, is_there in zip(doubts, flags, strict=True) if is_there}


def _ranges(exported: Exported, key: Sequence[str]) -> list[str]:
    """Conditions, of which each row fulfils one: ranges of a whole number in the key, else of a hash."""
    wanted = min(MOST_RANGES, -(-exported.table.size // RANGE_BYTES))
    if wanted <= 1:
        return ["true"]
    by_name = {c.name.lower(): c for c in exported.table.columns.values()}
    mine = [by_name[name.lower()] for name in key] or [*by_name.values()]
    for column in mine:
        if column.base in WHOLE:
            return _of_numbers(exported, column, wanted)
    hashed = f"abs(hashtext(coalesce({mine[0].quoted}::text, ''))::bigint) % {wanted}"
    return [f"{hashed} = {n}" for n in range(wanted)]


def _of_numbers(exported: Exported, column: DbColumn, wanted: int) -> list[str]:
    name = column.quoted
    least, most = exported.aggregated(f"min({name}), max({name})")
    if least is None:
        return ["true"]
    parts = min(wanted, most - least + 1)
    bounds = [least + n * (most - least + 1) // parts for n in range(1, parts)]
    if not bounds:
        return ["true"]
    between = [f"{name} >= {low} AND {name} < {high}" for low, high in pairwise(bounds)]
    return [f"({name} < {bounds[0]} OR {name} IS NULL)", *between, f"{name} >= {bounds[-1]}"]


def _read(column: DbColumn, doubtful: bool) -> Column:
    """What came over the wire, in the type that it is held in."""
    came = F.col(quoted(column.name))
    if doubtful or column.base not in FINITE:
        return came
    if column.base == "date":
        return F.date_from_unix_date(came).alias(column.name)
    if column.base == "timestamptz":
        return F.timestamp_micros(came).alias(column.name)
    epoch = F.lit("1970-01-01 00:00:00").cast("timestamp_ntz")
    return F.timestamp_add("MICROSECOND", came, epoch).alias(column.name)


def _explained(error: Exception, exported: Exported) -> Exception:
    """A sentence for what the driver said; anything else is no matter of the database, and stays as it is."""
    from py4j.protocol import Py4JJavaError

    if not isinstance(error, PySparkException | Py4JJavaError):
        return error
    message, table = str(error), exported.table.quoted
    if "org.postgresql.Driver" in message and re.search("ClassNotFound|No suitable driver", message):
        return ConfigError(
            f"The running Spark session has no JDBC driver for PostgreSQL; start it with --packages {DRIVER}."
        )
    match = re.search(r"PSQLException: (?:(?:ERROR|FATAL): )?([^\n]+)", message)
    return error if match is None else _sentence(match[1].rstrip("."), table)


def _sentence(message: str, table: str) -> TieoutError:
    if re.search("snapshot|terminat|refused|connection|I/O|canceling|shutting|too many", message):
        return RetryableError(f"{table} could not be read to its end ({message}); run again.")
    without_values = re.sub('"[^"]*"', "…", message)
    return InputError(f"{table} cannot be read: {without_values}; check the table.")
