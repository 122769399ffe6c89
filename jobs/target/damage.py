"""What is damaged in a snapshot -> the sentence that ends its reading, in a plan of Spark's or before."""

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.errors import TargetUnreadableError

_BEGIN, _END = "damaged target: ", " (end)"
_RAISED = re.compile(rf"USER_RAISED_EXCEPTION\] {re.escape(_BEGIN)}(.*?){re.escape(_END)}", re.DOTALL)


def unread(uri: str, damage: str) -> TargetUnreadableError:
    """The error of a snapshot in which something is damaged."""
    return TargetUnreadableError(
        f"The target {uri} cannot be read, so nothing can be judged or repaired: {damage}; write the "
        "snapshot again."
    )


def raised(damage: Column) -> Column:
    """A value that ends the reading where it is asked for; `damage` says what and where, without values."""
    return F.raise_error(F.concat(F.lit(_BEGIN), damage, F.lit(_END)))


def damage_in(message: str) -> str | None:
    """The damage that a failure of Spark speaks of; None where it is another failure."""
    match = _RAISED.search(message)
    return None if match is None else match[1]
