"""Compensations -> a table in PostgreSQL, each in one transaction with its entry in the ledger beside it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from jobs.compensate.compensation import EMPTY, Applied, Compensation
from jobs.compensate.consumer.names import in_table
from jobs.compensate.consumer.postgres_ledger import Ledger
from jobs.compensate.consumer.postgres_repair import Repair, Sql, Values
from jobs.compensate.consumer.store import THERE, Place, mismatch
from jobs.errors import InputError, RetryableError
from jobs.settings import Connection
from jobs.target.postgres.catalogue import Session, Table, busy, connect, message_of, table_of

TRIES = 6

_IN_ANOTHERS_WAY = ("40001", "40P01", "55P03")
_NEVER = ("42501", "25006")
# Whether no two rows can have the key: a unique index on some of its columns, always checked at once.
_UNIQUE = """
    SELECT EXISTS (
        SELECT FROM pg_index WHERE indrelid = %s AND indisunique AND indisvalid AND indimmediate
           AND indpred IS NULL AND indexprs IS NULL
           AND ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY (
                   (string_to_array(indkey::text, ' ')::int2[])[1:indnkeyatts])) <@ %s::text[])
"""


@dataclass(frozen=True)
class _Connected:
    """A session, and what the catalogue says of the table in these moments."""

    session: Session
    table: Table
    ledger: Ledger
    is_unique: bool


class PostgresStore:
    """A `Store` that is a table in PostgreSQL; `key_columns` are the table's.

    The ledger is the table `tieout_ledger` in the same schema, made where it is absent. A compensation enters
    it first: a second delivery waits there for the first, and takes its result. Then one statement repairs,
    with the guard as its condition. `options` are the connection's.
    """

    def __init__(
        self,
        url: str,
        user: str | None,
        password: str | None,
        table: str,
        key_columns: Sequence[str],
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._connection = Connection(url=url, user=user, options=dict(options or {}))
        self._password = password
        self._table = table
        self._key = tuple(key_columns)
        self._connected: _Connected | None = None

    @property
    def place(self) -> Place:
        """As `Store.place` promises."""
        return Place(self._table)

    def apply(self, compensations: Sequence[Compensation]) -> list[Applied]:
        """As `Store.apply` promises; one transaction each."""
        try:
            return [self._settled(each) for each in compensations]
        finally:
            self._close()

    def recorded_results(self, compensation_ids: Sequence[str]) -> dict[str, Applied]:
        """As `Store.recorded_results` promises."""
        with closing(connect(self._connection, self._password)) as session, _explained(self._table):
            ledger = Ledger.beside(table_of(session, self._table), session)
            return ledger.recorded_results(compensation_ids) if ledger.exists else {}

    def _settled(self, each: Compensation) -> Applied:
        """Apply one, again for as long as it is in another's way or the connection is lost.

        Whether the transaction before was committed does not matter: the ledger knows.
        """
        trying = Retrying(
            retry=retry_if_exception(_may_go_through),
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.05, max=2),
            reraise=True,
        )
        try:
            return trying(self._attempt, each)
        except psycopg.Error as error:
            raise RetryableError(
                f"{self._table} is out of reach or too busy ({message_of(error)}); try again later."
            ) from None

    def _attempt(self, each: Compensation) -> Applied:
        if each.is_empty:
            return Applied.refused(each.compensation_id, EMPTY)
        context = self._opened()
        try:
            repair = Repair.of(each, context.table, self._key)
        except ValueError as wrong:
            return Applied.failed(each.compensation_id, f"It does not fit the table: {wrong}.")
        try:
            with context.session.transaction():
                return _in_transaction(context, each, repair)
        except psycopg.Error as error:
            if _may_go_through(error):
                raise
            if error.sqlstate in _NEVER:
                raise InputError(f"{self._table} cannot be written: {message_of(error)}.") from None
            message = message_of(error)
            from_a_trigger = (error.sqlstate or "").startswith("P0")
            return Applied.failed(
                each.compensation_id, repair.without_values(message) if from_a_trigger else message
            )
        except _UnfitError as unfit:
            return Applied.failed(each.compensation_id, str(unfit))

    def _opened(self) -> _Connected:
        if self._connected is not None and not self._connected.session.closed:
            return self._connected
        session = connect(self._connection, self._password)
        try:
            with _explained(self._table):
                self._connected = _connected(session, self._table, self._key)
        except BaseException:
            session.close()
            raise
        return self._connected

    def _close(self) -> None:
        if self._connected is not None:
            self._connected.session.close()
            self._connected = None


class _UnfitError(Exception):
    """A value that the column would cut or round; as a sentence without it."""


def _connected(session: Session, name: str, key: Sequence[str]) -> _Connected:
    table = table_of(session, name)
    try:
        names = [*in_table(dict.fromkeys(key), table.columns)]
    except ValueError as wrong:
        raise InputError(f"{name}: {wrong}; correct target.select of the key.") from None
    session.rollback()
    session.autocommit = True
    session.isolation_level, session.read_only = psycopg.IsolationLevel.READ_COMMITTED, False
    session.execute("SET lock_timeout = '30s'")
    ledger = Ledger.beside(table, session)
    ledger.make()
    [(is_unique,)] = _run(session, _UNIQUE, [table.oid, names])
    return _Connected(session, table, ledger, bool(is_unique))


def _in_transaction(context: _Connected, each: Compensation, repair: Repair) -> Applied:
    """Enter the ledger, or take the result that stands there; then repair, or say why not."""
    recorded = context.ledger.enter(each)
    if recorded is not None:
        return recorded
    for column, check in repair.checks():
        [(holds,)] = _run(context.session, check.text, check.values)
        if not holds:
            raise _UnfitError(f"{column.name}, {column.declared}, would not hold the value as it is.")
    outcome = _repaired(context, each, repair)
    return context.ledger.refuse(each, outcome) if outcome else Applied.done(each.compensation_id)


def _repaired(context: _Connected, each: Compensation, repair: Repair) -> str | None:
    """Repair under the guard; return why it does not hold, None where it did."""
    session = context.session
    if not context.is_unique or None in repair.key.values() or len(repair.guard_rows) > 1:
        # Nothing but this keeps another from adding a row of the key meanwhile.
        session.execute(f"LOCK TABLE {context.table.quoted} IN SHARE ROW EXCLUSIVE MODE".encode())
    if not repair.guard_rows:
        try:
            with session.transaction():
                done = _do(session, repair.insert())
        except psycopg.errors.UniqueViolation as error:
            return f"guard: {message_of(error)}" if not _count(session, repair) else THERE
    elif each.joins:
        joined = replace(repair, write={**_agreed(session, repair), **repair.write})
        done = _do(session, repair.delete())
        done = _do(session, joined.insert()) if done else 0
    else:
        done = _do(session, repair.delete() if each.removes else repair.update())
    return None if done else mismatch(len(repair.guard_rows), _count(session, repair))


def _agreed(session: Session, repair: Repair) -> Values:
    """What all copies agree on, of the columns that are not written; the others get the table's default."""
    others, query = repair.agreed()
    if not others:
        return {}
    [row] = _run(session, query.text, query.values)
    return {c: row[2 * n + 1] for n, c in enumerate(others) if row[2 * n]}


def _do(session: Session, statement: Sql) -> int:
    return session.execute(statement.text.encode(), statement.values).rowcount


def _count(session: Session, repair: Repair) -> int:
    query = repair.count()
    [(number,)] = _run(session, query.text, query.values)
    return int(number)


def _run(session: Session, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    return session.execute(query.encode(), values).fetchall()


def _may_go_through(error: BaseException) -> bool:
    return isinstance(error, psycopg.Error) and (error.sqlstate in _IN_ANOTHERS_WAY or busy(error))


@contextmanager
def _explained(table: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if _may_go_through(error):
            raise RetryableError(
                f"{table} is out of reach or too busy ({message_of(error)}); try later."
            ) from None
        raise InputError(f"{table} cannot be written: {message_of(error)}.") from None
