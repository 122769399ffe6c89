"""The batches that a leg has read, and those of a run -> what it has to read of them (R6)."""

from dataclasses import dataclass, field

from jobs.dedupe.generations import Load
from jobs.run.context import progress_version

# Of a canonical table: by which mapping its rows were made, and of which run they were made anew. The digest
# of the leg alone is there so that a refusal can name the leg whose mapping is another.
DIGEST, LEG_DIGEST, REBUILT = "tieout.mapping_digest", "tieout.leg_digest", "tieout.rebuilt_by"


@dataclass(frozen=True)
class Span:
    """The batches of a source that a leg has to read: those above `done`, up to `upto`, in which epoch.

    Of a change log `files` is the digest of the load files in force, and `loads` are those by which the rows
    that there are were placed; None where all rows are placed by this span.
    """

    epoch: int
    done: int
    upto: int
    rebuild: bool
    files: str = field(default="", compare=False)
    loads: tuple[Load, ...] | None = field(default=None, compare=False)

    @property
    def version(self) -> int:
        """The transaction version that says the span is done."""
        return progress_version(self.epoch, self.upto)

    @property
    def within(self) -> str:
        """Whether a row's `batch` is of the span, in SQL."""
        return f"batch > {self.done} AND batch <= {self.upto}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not self.rebuild and self.done >= self.upto


def app_of(leg: str) -> str:
    """Return the application under which a leg is written."""
    return f"dedupe/{leg}"
