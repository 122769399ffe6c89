"""Expected: what a key must be reported as -> its class, kind, fault and reason, as values and as text."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """What a key was found to be; `columns` only of a mismatch."""

    outcome: str  # matched | discrepant | unjudged | pending | out_of_scope
    kind: str | None = None
    fault: str | None = None
    reason: str | None = None
    columns: tuple[str, ...] = ()
    suspect: bool = False

    def __str__(self) -> str:
        """`mismatch of amount, processor (suspect)` or `pending: late`."""
        if self.outcome != "discrepant":
            return f"{self.outcome}: {self.reason}" if self.reason else self.outcome.replace("_", " ")
        of = f" of {', '.join(self.columns)}" if self.columns else ""
        return f"{self.kind}{of}, {self.fault}" + (" (suspect)" if self.suspect else "")


MATCHED = Verdict("matched")
OUT_OF_SCOPE = Verdict("out_of_scope")


def discrepant(kind: str, fault: str, *columns: str, suspect: bool = False) -> Verdict:
    """A disagreement with no excuse; columns only of a mismatch."""
    return Verdict("discrepant", kind, fault, None, columns, suspect)


def unjudged(reason: str) -> Verdict:
    """A disagreement for which the evidence is incomplete."""
    return Verdict("unjudged", reason=reason)


def pending(reason: str) -> Verdict:
    """A disagreement in flight."""
    return Verdict("pending", reason=reason)
