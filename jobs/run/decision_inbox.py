"""A person's decision -> a small object of the dataset's inbox, written once by conditional put; and back."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from jobs import clock
from jobs.lake.layout import Lake
from jobs.settings import Project
from jobs.storage.objects import Objects, join, scheme_free

DECISIONS = ("approve", "reject", "waive", "revoke")
_TEXTS = ("decision_id", "dataset", "subject_id", "decision", "decided_by", "reason")
_AT_ONCE = 16


@dataclass(frozen=True)
class Decision:
    """One decision on one compensation or discrepancy; the id is a digest of all else."""

    decision_id: str
    dataset: str
    subject_id: str
    decision: str
    decided_by: str
    reason: str
    decided_at: datetime
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        """The object's name: names sort by the time of the decisions."""
        return f"{self.decided_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{self.decision_id}.json"

    @property
    def order(self) -> tuple[datetime, str]:
        """What makes one decision newer than another."""
        return self.decided_at, self.decision_id

    def to_json(self) -> bytes:
        """Write it as the one JSON object that the inbox holds."""
        fields = {**asdict(self), "decided_at": _iso(self.decided_at), "expires_at": _iso(self.expires_at)}
        return json.dumps(fields, ensure_ascii=False).encode()


def names(objects: Objects, lake: str, dataset: str) -> tuple[str, ...]:
    """Names of all objects of the inbox, sorted; none where nobody has decided anything yet."""
    folder = Lake(lake).inbox(dataset) + "/"
    return tuple(info.path.removeprefix(scheme_free(folder)) for info in objects.list(folder))


def id_in(name: str) -> str:
    """The id in an object's name."""
    return name.removesuffix(".json").rpartition("-")[2]


def contents(
    objects: Objects, lake: str, dataset: str, wanted: Iterable[str]
) -> list[tuple[str, bytes | None]]:
    """Each named object with its bytes, None where it went; in the order of the names."""
    folder, listed = Lake(lake).inbox(dataset), list(wanted)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        bodies = list(pool.map(lambda name: objects.get(join(folder, name)), listed))
    return [(name, None if got is None else got[0]) for name, got in zip(listed, bodies, strict=True)]


def decide(
    project: Project,
    dataset: str,
    decision: str,
    subjects: Sequence[str],
    decided_by: str,
    reason: str,
    expires_at: datetime | None = None,
    objects: Objects | None = None,
    at: datetime | None = None,
) -> list[Decision]:
    """Put one decision on each subject into the inbox; the same one at the same instant is put once.

    `at`: the instant of the decisions, where they have to be newer than earlier ones; else now.
    """
    objects, at = objects or Objects(project.aws), at or clock.now()
    decisions = [
        decision_of(dataset, subject, decision, decided_by, reason, at, expires_at)
        for subject in dict.fromkeys(subjects)
    ]
    folder = Lake(project.lake).inbox(dataset)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda each: objects.create(join(folder, each.name), each.to_json()), decisions))
    return decisions


def decision_of(
    dataset: str,
    subject_id: str,
    decision: str,
    decided_by: str,
    reason: str,
    decided_at: datetime,
    expires_at: datetime | None = None,
) -> Decision:
    """A decision with its id."""
    parts = (dataset, subject_id, decision, decided_by, reason, _iso(decided_at), _iso(expires_at))
    # Length first, so that no two lists of parts can be written the same way; "-" stands for null.
    written = "".join("-" if part is None else f"{len(part)}:{part}" for part in parts)
    digest = hashlib.sha256(written.encode()).hexdigest()[:32]
    return Decision(
        digest, dataset, subject_id, decision, decided_by, reason, decided_at.astimezone(UTC),
        expires_at and expires_at.astimezone(UTC),
    )  # fmt: skip


def understood(written: bytes, name: str, dataset: str) -> tuple[Decision | None, list[str]]:
    """Read an object of the inbox: the decision, or None and why it is not one, a sentence each."""
    try:
        fields = json.loads(written)
    except (ValueError, RecursionError):
        return None, ["it is no JSON"]
    if not isinstance(fields, dict):
        return None, ["it is no JSON object"]
    wrong = [reason for field in _TEXTS if (reason := _wrong_text(field, fields.get(field)))]
    wrong += [reason for field in ("decided_at", "expires_at") if (reason := _wrong_instant(field, fields))]
    if wrong:
        return None, wrong
    instants = {field: _instant(fields.get(field)) for field in ("decided_at", "expires_at")}
    decision = Decision(**{field: fields[field] for field in _TEXTS}, **instants)
    wrong = list(_nonsense(decision, name, dataset))
    return (None, wrong) if wrong else (decision, [])


def _nonsense(decision: Decision, name: str, dataset: str) -> Iterable[str]:
    if decision.decision not in DECISIONS:
        yield f"decision: {decision.decision} is not known; it is one of {', '.join(DECISIONS)}"
    if decision.dataset != dataset:
        yield f"dataset: it is about {decision.dataset}, not {dataset}"
    if id_in(name) != decision.decision_id or not name.endswith(".json"):
        yield "decision_id: the object's name does not end with it"


def _wrong_text(field: str, value: Any) -> str | None:
    if value is None:
        return f"{field}: it is missing"
    if not isinstance(value, str) or not value.strip():
        return f"{field}: it is no text"
    # Half a surrogate pair is JSON, and still no character.
    return None if _encodes(value) else f"{field}: it is no text"


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wrong_instant(field: str, fields: dict[str, Any]) -> str | None:
    value = fields.get(field)
    if value is None:
        return f"{field}: it is missing" if field == "decided_at" else None
    try:
        _instant(value)
    except (TypeError, ValueError, OverflowError):
        return f"{field}: it is no instant"
    return None


def _instant(value: Any) -> Any:
    return None if value is None else clock.read(value)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else clock.iso(at, "microseconds")
