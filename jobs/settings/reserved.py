"""Names that Tieout's own tables use beside a dataset's columns, and so a dataset may not."""

from jobs.lake import tables
from jobs.lake.schema import DatasetSchema

# With a column that can be added to, the tables of changes have all of their own.
_ADDABLE = DatasetSchema((), {"_": "double"})


def _own(*names: str) -> frozenset[str]:
    """Tieout's own columns in some tables; those that begin with `_` no dataset may use anyway."""
    own = {column for name in names for column in tables.OF_DATASETS[name].names(_ADDABLE)}
    return frozenset(column for column in own if not column.startswith("_"))


# These tables hold every column of a dataset at top level.
COLUMNS = _own(tables.EVENT_STATE, tables.CHANGE_STATE)

# So do these, where `history: true` asks for them.
HISTORY = _own(tables.EVENT_HISTORY, tables.CHANGE_HISTORY) - COLUMNS

# These hold the key columns at top level.
KEYS = _own(tables.EVENTS, tables.CHANGES, tables.DISCREPANCIES, tables.VERDICTS, tables.COMPENSATIONS)
