"""A dataset's settings -> the store that its compensations end in, and its key there."""

from collections.abc import Sequence

from jobs.compensate.consumer.store import Store
from jobs.compensate.publishing.channels import DIRECT, channel_of
from jobs.errors import ConfigError
from jobs.settings import Dataset, Path, Project, Sql
from jobs.storage.delta_query import log_options


def store_of(project: Project, dataset: Dataset, to: str | None = None) -> Store:
    """Return what compensations are applied to: `to`, else the dataset's channel, else its target.

    Raises:
        ConfigError: none of them is one, or it cannot be used as configured.
    """
    target, own = dataset.target, channel_of(project, dataset)
    key = key_columns(dataset)
    if to is not None and to not in project.channels:
        known = ", ".join(sorted(project.channels)) or "none"
        raise ConfigError(f"There is no channel {to} in {project.config}; there is: {known}.")
    named = project.channels[to] if to is not None else own
    if named is not None and named.kind in DIRECT:
        if named.delta is not None:
            return _delta(project, named.delta, key)
        assert named.jdbc is not None
        return _jdbc(project, named.jdbc.connection, named.jdbc.table or target.table, key)
    if to is not None:
        raise ConfigError(
            f"--to {to}: it is of kind {project.channels[to].kind}; only delta and jdbc are applied to."
        )
    # A target written again for every snapshot, in a folder or with a stamp in its rows, cannot be repaired.
    moves = target.as_of is not None and target.as_of.way in ("path", "column")
    if target.format == "delta" and target.path is not None and not moves:
        return _delta(project, target.path, key)
    if target.format == "jdbc" and target.connection is not None:
        return _jdbc(project, target.connection, target.table, key)
    raise ConfigError(
        f"{dataset.dataset}: its target is a {target.format} export, which nobody repairs; say with --to "
        "which channel (delta or jdbc) leads to the store itself."
    )


def key_columns(dataset: Dataset) -> Sequence[str]:
    """The store's own columns that hold the dataset's key.

    Raises:
        ConfigError: a part of the key has no column of the store to write it to.
    """
    columns: list[str] = []
    for column in dataset.key:
        value = dataset.target.select.get(column)
        if isinstance(value, Path):
            columns.append(value.path)
        elif isinstance(value, Sql) and value.write:
            columns += value.write
        else:
            raise ConfigError(
                f"{dataset.dataset}: its key column {column} has no column of the store in target.select, "
                "nor a `write`; without one no row can be found to be repaired."
            )
    return list(dict.fromkeys(columns))


def _delta(project: Project, path: str, key: Sequence[str]) -> Store:
    # Loaded late: publishing needs neither store.
    from jobs.compensate.consumer.delta_store import DeltaStore

    return DeltaStore(path, log_options(project.aws), key)


def _jdbc(project: Project, connection: str, table: str | None, key: Sequence[str]) -> Store:
    from jobs.settings.secrets import secret_of

    known = project.connections[connection]
    if table is None:
        raise ConfigError(f"The channel over {connection} names no table; write {{connection:, table:}}.")
    try:
        from jobs.compensate.consumer.postgres_store import PostgresStore
    except ModuleNotFoundError as missing:
        if missing.name != "psycopg":
            raise
        raise ConfigError(
            "Applying to PostgreSQL needs psycopg; install it with `pip install 'tieout[postgres]'`."
        ) from None
    password = secret_of(known.password, project.aws)
    return PostgresStore(known.url, known.user, password, table, key, known.options)
