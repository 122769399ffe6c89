"""A connection and a table's name -> what PostgreSQL's catalogue says of it, and a snapshot kept open."""

import re
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from jobs import clock
from jobs.errors import ConfigError, InputError, RetryableError
from jobs.settings import Connection
from jobs.storage.delta_query import quoted
from jobs.target.postgres.columns import DbColumn
from jobs.target.postgres.url import parameters, place

if TYPE_CHECKING:
    import psycopg

# As text: psycopg is loaded only where a database is spoken to.
Session: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

_SECONDS_TO_CONNECT = "10"
# By SQLSTATE: out of reach or out of means, in another's way, cancelled, taken down.
_BUSY = ("08", "40", "53", "55", "57")
_NOT_YET = re.compile("starting up|shutting down|too many|remaining connection slots|recovery")
# The one form in which values are read, compared and written as text, whatever the database's own is.
_MEANING = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; "
    "SET bytea_output = 'hex'; SET extra_float_digits = 1"
)
_TABLE = """
    SELECT c.oid, n.nspname, c.relname,
           (SELECT sum(pg_table_size(part)) FROM (
                SELECT c.oid AS part UNION SELECT relid FROM pg_partition_tree(c.oid)) AS parts)
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.oid = to_regclass(%s)
"""
# Domains are followed down to the type that they are of.
_COLUMNS = """
    WITH RECURSIVE of_type(attnum, type, modifier, required, has_default) AS (
        SELECT attnum, atttypid, atttypmod, attnotnull, atthasdef OR attidentity <> ''
          FROM pg_attribute WHERE attrelid = %(oid)s AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT o.attnum, t.typbasetype, t.typtypmod, o.required OR t.typnotnull,
               o.has_default OR t.typdefault IS NOT NULL
          FROM of_type AS o JOIN pg_type AS t ON t.oid = o.type WHERE t.typtype = 'd'
    )
    SELECT a.attname,
           CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname ELSE '' END,
           o.modifier, format_type(t.oid, -1), format_type(t.oid, o.modifier),
           has_column_privilege(%(oid)s, a.attnum, 'SELECT'),
           o.required AND NOT o.has_default, a.attgenerated <> ''
      FROM of_type AS o
      JOIN pg_type AS t ON t.oid = o.type AND t.typtype <> 'd'
      JOIN pg_attribute AS a ON a.attrelid = %(oid)s AND a.attnum = o.attnum
     ORDER BY a.attnum
"""


@dataclass(frozen=True)
class Table:
    """A table as the catalogue knows it; `size` in bytes, 0 where it has none of its own (a view)."""

    oid: int
    schema: str
    name: str
    size: int
    columns: dict[str, DbColumn]

    @property
    def quoted(self) -> str:
        """Its full name as SQL writes it."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"


@dataclass(frozen=True)
class Exported:
    """A snapshot that stays to be read, by any connection, for as long as this transaction is open."""

    at: datetime
    name: str
    table: Table
    session: Session

    def aggregated(self, aggregates: str) -> tuple[Any, ...]:
        """Aggregates over the table, as the snapshot shows it."""
        query = f"SELECT {aggregates} FROM {self.table.quoted}"  # noqa: S608  # names are quoted
        with explained(self.table.quoted):
            row = self.session.execute(query.encode()).fetchone()
        assert row is not None
        return row

    @property
    def is_closed(self) -> bool:
        """Whether the transaction has ended."""
        return self.session.closed

    def close(self) -> None:
        """End the transaction; the snapshot cannot be read any more."""
        self.session.close()


def connect(connection: Connection, password: str | None) -> Session:
    """Log on, with stamps in UTC; the caller says what commits.

    Raises:
        ConfigError: psycopg is missing, or the url is no PostgreSQL's.
        InputError: the server refuses user, password or database.
        RetryableError: the server is out of reach, or not ready.
    """
    options = parameters(connection.url, connection.options)
    try:
        import psycopg
    except ImportError:
        raise ConfigError("psycopg is not installed; install tieout[postgres].") from None
    given = {"user": connection.user, "password": password}
    defaults = {"connect_timeout": _SECONDS_TO_CONNECT, "application_name": "tieout"}
    options = {**defaults, **options, **{name: value for name, value in given.items() if value is not None}}
    try:
        session = psycopg.connect("", **options)  # type: ignore[arg-type]  # they are all text
        session.prepare_threshold = None  # a pooler may give each transaction to another backend
        session.execute(_MEANING)
        session.commit()
        return session
    except psycopg.OperationalError as error:
        message = " ".join(str(error).split())
        where = f"The database {place(connection.url)}"
        if "FATAL" in message and not _NOT_YET.search(message):
            reason = message.rpartition("FATAL:")[2].strip() or "it is refused"
            raise InputError(
                f"{where} refuses to be opened ({reason}); correct url, user or password of the connection."
            ) from None
        raise RetryableError(
            f"{where} is out of reach ({message}); check its url, or try again later."
        ) from None
    except psycopg.ProgrammingError as error:
        raise ConfigError(f"The url of {place(connection.url)} cannot be used: {error}") from None


def table_of(session: Session, name: str) -> Table:
    """Look a table up by its name as SQL writes it: `orders`, `shop.orders`, `shop."Order lines"`.

    Raises:
        InputError: there is none of that name, or it may not be seen.
    """
    with explained(name):
        entry = session.execute(_TABLE, [name]).fetchone()
        if entry is None:
            raise InputError(
                f"The database {session.info.dbname} has no table {name}, or its schema may not be used; "
                'a name that is not all lower case is written in double quotes, as in shop."Orders".'
            )
        columns = session.execute(_COLUMNS, {"oid": entry[0]}).fetchall()
    return Table(
        entry[0], entry[1], entry[2], int(entry[3] or 0), {row[0]: DbColumn(*row) for row in columns}
    )


def required_columns(connection: Connection, password: str | None, table: str) -> frozenset[str]:
    """Return the columns that an insert must say: NOT NULL, without default, identity or generation."""
    with connect(connection, password) as session:
        columns = table_of(session, table).columns.values()
    return frozenset(column.name for column in columns if column.required and not column.generated)


def exported(connection: Connection, password: str | None, table: str, needed: Iterable[str]) -> Exported:
    """Begin a read-only transaction, take the instant, and let others read what it sees.

    Args:
        connection: where the table is.
        password: the connection's, in clear.
        table: its name as SQL writes it.
        needed: columns that must be there, in any case of letters, as Spark takes them.

    Raises:
        InputError: the table, or one of the columns, is not there or may not be read.
        RetryableError: the server is out of reach.
    """
    session = connect(connection, password)
    try:
        return _exported(session, table, needed)
    except BaseException:
        session.close()
        raise


def _exported(session: Session, table: str, needed: Iterable[str]) -> Exported:
    from psycopg import IsolationLevel

    described = table_of(session, table)
    session.rollback()
    readable = {name: column for name, column in described.columns.items() if column.readable}
    known = {name.lower() for name in readable}
    if missing := sorted({name for name in needed if name.lower() not in known}):
        raise InputError(
            f"The target {table} has no column {', '.join(missing)} that may be read; "
            f"it has {', '.join([*readable][:20])}: correct target.select."
        )
    if len(known) < len(readable):
        raise InputError(f"The target {table} has columns that differ in case only; read it through a view.")
    session.isolation_level, session.read_only = IsolationLevel.REPEATABLE_READ, True
    at = clock.now()
    with explained(table):
        # The copy may take its time between one question and the next.
        session.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = session.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    table_ = Table(described.oid, described.schema, described.name, described.size, readable)
    made = Exported(at, row[0], table_, session)
    # Whatever becomes of its holder (an error, the end of the process), the transaction ends with it.
    weakref.finalize(made, session.close)
    return made


@contextmanager
def explained(table: str) -> Iterator[None]:
    """Turn what the database refuses into a sentence, or into a later try where it is busy."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        if busy(error):
            raise RetryableError(
                f"{table}: the database is busy ({message_of(error)}); try again later."
            ) from None
        raise InputError(
            f"{table} cannot be read: {message_of(error)}; check the table and your leave."
        ) from None


def busy(error: "psycopg.Error") -> bool:
    """Whether the same may go through later."""
    return error.sqlstate[:2] in _BUSY if error.sqlstate else "connection" in str(error)


def message_of(error: "psycopg.Error") -> str:
    """Return the database's sentence alone: no detail, no statement, and no value out of a row."""
    message = error.diag.message_primary or str(error).split("\n", 1)[0]
    # Class 22 quotes the value that it refuses; elsewhere only names stand in quotes.
    return re.sub('"[^"]*"', "…", message) if (error.sqlstate or "").startswith("22") else message
