"""``expected.yml`` of a case -> what each step has to come to; unknown keys are refused."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

Count = Literal["keys_seen", "matched", "discrepant", "pending", "unjudged", "out_of_scope"]
CLASSES: tuple[Count, ...] = ("matched", "discrepant", "pending", "unjudged", "out_of_scope")


def _as_text(value: Any) -> Any:
    """A key's part as the tables show it: null, or text."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


Part = Annotated[str | None, BeforeValidator(_as_text)]
Key = dict[str, Part]
Leg = Literal["events", "changes"]


class Strict(BaseModel):
    """A part of the format; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Verdict(Strict):
    """A key in `discrepancies`. What is None here is not compared."""

    key: Key
    verdict: Literal["discrepant", "waived", "pending", "unjudged", "resolved"] = Field(alias="class")
    kind: str | None = None
    fault: str | None = None
    reason: str | None = None
    columns: list[str] | None = None
    unknown: list[str] | None = None
    why: list[str] | None = None
    episode: int | None = None
    suspect: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> "Verdict":
        needed = {"discrepant": ("kind", "fault"), "pending": ("reason",), "unjudged": ("reason",)}
        missing = [name for name in needed.get(self.verdict, ()) if getattr(self, name) is None]
        if missing:
            raise ValueError(f"{self.verdict} needs {' and '.join(missing)}")
        return self


class Conflict(Strict):
    """A row of `conflicts`."""

    kind: Literal["contradiction", "tie"]
    leg: Leg
    keys: list[Key]


class Reject(Strict):
    """A record that the source or the dataset rejected; `reason` is a part of one of its reasons."""

    leg: Leg
    key: Key | None = None
    reason: str


class Repair(Strict):
    """A row of `compensations`."""

    key: Key
    action: Literal["insert", "update", "delete"]
    status: str
    rule: str | None = None


class Deliveries(Strict):
    """How the dedupe of this step counted what a leg delivered."""

    unique: int = 0
    duplicate: int = 0
    contradicted: int = 0


class Run(Strict):
    """What one `tieout run DATASET` ends with. A list that is not written is an empty list.

    `options` are words of the command; `unknown`, the fields that nothing reads, are compared where written.
    """

    exit: int = 0
    sentence: str | None = None
    counts: dict[Count, int] = {}
    verdicts: list[Verdict] = []
    conflicts: list[Conflict] = []
    rejects: list[Reject] = []
    repairs: list[Repair] = []
    deliveries: dict[Leg, Deliveries] = {}
    unknown: dict[Leg, dict[str, int]] | None = None
    options: list[str] = []

    @model_validator(mode="after")
    def _is_whole(self) -> "Run":
        if self.exit and not self.sentence:
            raise ValueError("a run that fails needs `sentence:`, a part of what it says")
        if not self.exit and "keys_seen" not in self.counts:
            raise ValueError("a run that ends well needs `counts:`")
        if sum(self.counts.get(name, 0) for name in CLASSES) != self.counts.get("keys_seen", 0):
            raise ValueError("the counts of the classes do not add up to keys_seen")
        return self


class Step(Strict):
    """Datasets run one after the other; `now` is the instant of listing (TIEOUT_NOW).

    `before`: commands that have to end well before them, without `tieout` and `-c`.
    """

    now: str | None = None
    before: list[str] = []
    datasets: Annotated[dict[str, Run], Field(min_length=1)]


class Expected(Strict):
    """The whole file. Step n > 1 begins with the folder `step<n>` laid over the copy."""

    steps: Annotated[list[Step], Field(min_length=1)]


def read(case: Path) -> Expected:
    """Read a case's expectations.

    Raises:
        pydantic.ValidationError: something is missing, unknown, or does not add up.
    """
    return Expected.model_validate(YAML(typ="safe").load(case / "expected.yml"))
