"""Compensations -> a Delta table, in one commit a chunk with the ledger in it; no Spark is needed."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction
from deltalake.exceptions import CommitFailedError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from jobs.compensate.compensation import APPLIED, EMPTY, Applied, Compensation, rounds
from jobs.compensate.consumer.causes import cause
from jobs.compensate.consumer.delta_rows import Form, Move, Wanted, by_key, columns_of, condition, merged
from jobs.compensate.consumer.store import REFUSALS, Place
from jobs.errors import InputError, RetryableError, TieoutError
from jobs.storage.delta_query import quoted, table_at

CHUNK = 500
TRIES = 30

# An entry of the ledger is an application transaction of the table; its version is the place of the outcome
# here, so new outcomes go to the end.
_OUTCOMES = (APPLIED, *REFUSALS)
_LOOKUPS = 16
_NEVER = ("Unsupported table features", "append-only")


class _OvertakenError(Exception):
    """Another commit came first; what was read is no longer what the table holds."""


class DeltaStore:
    """A `Store` that is a Delta table; `key_columns` are the table's.

    A commit is made only upon the very version that was read: a guard that held there holds, and a result
    that was missing there is missing. Whoever commits meanwhile, appends included, makes it begin again.
    """

    def __init__(self, path: str, options: Mapping[str, str], key_columns: Sequence[str]) -> None:
        self._path = path
        self._options = dict(options)
        self._key = tuple(key_columns)

    @property
    def place(self) -> Place:
        """As `Store.place` promises."""
        return Place(f"delta.`{self._path}`", "`")

    def apply(self, compensations: Sequence[Compensation]) -> list[Applied]:
        """As `Store.apply` promises; one commit for at most `CHUNK` of them."""
        results: dict[str, Applied] = {}
        for turn in rounds(compensations, lambda each: repr(each.key_in(self._key))):
            for start in range(0, len(turn), CHUNK):
                results |= self._settled(turn[start : start + CHUNK])
        return [results[each.compensation_id] for each in compensations]

    def recorded_results(self, compensation_ids: Sequence[str]) -> dict[str, Applied]:
        """As `Store.recorded_results` promises."""
        with _explained(self._path):
            return _ledger(self._table(), compensation_ids)

    def _settled(self, chunk: Sequence[Compensation]) -> dict[str, Applied]:
        """Apply a chunk, from the start again for as long as others commit first."""
        trying = Retrying(
            retry=retry_if_exception_type(_OvertakenError),
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.02, max=2),
            reraise=True,
        )
        try:
            return trying(self._attempt, chunk)
        except _OvertakenError:
            raise RetryableError(
                f"{self._path} is written by others all the time; try again when it is calmer."
            ) from None

    def _attempt(self, chunk: Sequence[Compensation]) -> dict[str, Applied]:
        with _explained(self._path):
            table = self._table()
            results = _ledger(table, [each.compensation_id for each in chunk])
            form = self._form(table)
            fresh = [each for each in chunk if each.compensation_id not in results]
            wanted, unfit = _read(fresh, form)
            existing = _existing_rows(table, wanted, form)
        refused = {
            w: why for w in wanted if (why := w.refusal(existing.get(w.comparable_key, []))) is not None
        }
        applicable = [w for w in wanted if w not in refused]
        moves = [move for w in applicable for move in w.moves(existing.get(w.comparable_key, []), form)]
        new_results = [Applied.done(w.compensation.compensation_id) for w in applicable]
        new_results += [Applied.refused(w.compensation.compensation_id, why) for w, why in refused.items()]
        results |= {each.compensation_id: each for each in [*unfit, *new_results]}
        if not new_results:
            return results
        try:
            with _explained(self._path):
                self._commit(table, moves, new_results, form)
        except (_OvertakenError, TieoutError):
            raise
        except Exception as error:
            return results | self._apart(table, [w.compensation for w in wanted], error)
        return results

    def _apart(
        self, table: DeltaTable, chunk: Sequence[Compensation], error: Exception
    ) -> dict[str, Applied]:
        """Find those that the table does not take: the others must not fail with them."""
        if len(chunk) == 1:
            name = chunk[0].compensation_id
            return {name: Applied.failed(name, cause(error, table.metadata().configuration))}
        half = len(chunk) // 2
        return self._settled(chunk[:half]) | self._settled(chunk[half:])

    def _commit(
        self, table: DeltaTable, moves: Sequence[Move], results: Sequence[Applied], form: Form
    ) -> None:
        entries = [
            Transaction(_app(each.compensation_id), _OUTCOMES.index(str(each.outcome)) + 1)
            for each in results
        ]
        # Without retries nothing is reconciled with the commits of others: it is this version, or none.
        properties = CommitProperties(app_transactions=entries, max_commit_retries=0)
        before = table.version()
        try:
            if moves:
                _merge(table, moves, form, properties)
                if table.version() == before:
                    raise ValueError("the table took no change: it does not find the row by its key")
            else:
                table.create_write_transaction([], "append", table.schema(), commit_properties=properties)
        except CommitFailedError as error:
            if any(sign in str(error) for sign in _NEVER):
                raise InputError(
                    f"{self._path} cannot be written without Spark ({_sentence(error)}); "
                    "name another channel for its repairs."
                ) from error
            if self._table().version() > before:
                raise _OvertakenError from error
            raise

    def _table(self) -> DeltaTable:
        table = table_at(self._path, self._options)
        if table is None:
            raise InputError(f"There is no Delta table {self._path}; correct the path of the store.")
        return table

    def _form(self, table: DeltaTable) -> Form:
        partitions = table.metadata().partition_columns
        try:
            form = Form.of(pa.schema(table.schema().to_arrow()), self._key, partitions)
        except ValueError as wrong:
            raise InputError(f"{self._path}: {wrong}; correct target.select of the key.") from None
        if (part := form.spoilt) is not None:
            raise InputError(
                f"{self._path} is partitioned by {part}, of type {form.columns[part]}, whose values cannot "
                "be written without Spark as they are; name another channel for its repairs."
            )
        return form


def _read(compensations: Sequence[Compensation], form: Form) -> tuple[list[Wanted], list[Applied]]:
    """Those that fit the table, in its types; and the results of the others."""
    wanted, unfit = [], []
    for each in compensations:
        if each.is_empty:
            unfit.append(Applied.refused(each.compensation_id, EMPTY))
            continue
        try:
            wanted.append(Wanted.of(each, form))
        except ValueError as wrong:
            unfit.append(Applied.failed(each.compensation_id, f"It does not fit the table: {wrong}."))
    return wanted, unfit


def _existing_rows(
    table: DeltaTable, wanted: Sequence[Wanted], form: Form
) -> dict[object, list[dict[str, object]]]:
    """The rows of their keys in the version read, by key."""
    if not wanted:
        return {}
    names = sorted(set[str]().union(*(each.needs(form) for each in wanted)))
    columns = ", ".join(quoted(name) for name in names)
    where = condition([each.key for each in wanted], form)
    sql = f"SELECT {columns} FROM held WHERE {where}"  # noqa: S608 - names and values are quoted
    return by_key(pa.table(QueryBuilder().register("held", table).execute(sql).read_all()), form)


def _merge(table: DeltaTable, moves: Sequence[Move], form: Form, properties: CommitProperties) -> None:
    """Make all moves in one commit. No row inserted matches: that its key is absent has been seen."""
    written = columns_of(moves)
    # In parentheses each: DataFusion's AND binds closer than IS NOT DISTINCT FROM.
    same_key = [f"(t.{quoted(name)} IS NOT DISTINCT FROM s.k{place})" for place, name in enumerate(form.key)]
    merger = table.merge(
        merged(moves, form),
        " AND ".join(["(s._do <> 'insert')", *same_key]),
        source_alias="s",
        target_alias="t",
        streamed_exec=False,
        commit_properties=properties,
    ).when_matched_delete("s._do = 'delete'")
    if written:
        merger = merger.when_matched_update(
            {
                quoted(name): f"CASE WHEN s.s{place} THEN s.v{place} ELSE t.{quoted(name)} END"
                for place, name in enumerate(written)
            },
            "s._do = 'update'",
        ).when_not_matched_insert(
            {quoted(name): f"s.v{place}" for place, name in enumerate(written)}, "s._do = 'insert'"
        )
    merger.execute()


def _ledger(table: DeltaTable, compensation_ids: Sequence[str]) -> dict[str, Applied]:
    # Each look is a request or several where the log lies in S3.
    with ThreadPoolExecutor(_LOOKUPS) as threads:
        versions = list(threads.map(lambda each: table.transaction_version(_app(each)), compensation_ids))
    return {
        name: _result_of(name, version)
        for name, version in zip(compensation_ids, versions, strict=True)
        if version is not None
    }


def _result_of(compensation_id: str, version: int) -> Applied:
    outcome = _OUTCOMES[version - 1]
    return Applied.done(compensation_id) if outcome == APPLIED else Applied.refused(compensation_id, outcome)


def _app(compensation_id: str) -> str:
    return f"tieout/{compensation_id}"


def _sentence(error: Exception) -> str:
    """The first line: the rows that some errors show below it are nobody's business."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RetryableError(
            f"{path} is out of reach ({_sentence(error)}); check the store's path and your leave to use it, "
            "or try again."
        ) from error
