"""The business as its operator sees it: commands with exit codes, tables of the lake, the store."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from deltalake import DeltaTable

from tests.builders.command import ended
from tests.builders.delta import delta_rows
from tests.week.business import NAME, Business, Key, night

BOOKS = ("discrepancies", "discrepancy_history", "verdicts", "compensations", "decisions")


@dataclass
class Week:
    """A clock, the commands, and what they left."""

    business: Business
    environment: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    ids: dict[Key, str] = field(default_factory=dict)

    def at(self, day: int, hours: float = 1) -> None:
        """Turn the clock to some hours after a night's export."""
        self.environment.setenv("TIEOUT_NOW", (night(day) + timedelta(hours=hours)).isoformat())

    def call(self, *words: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it said on stdout and stderr."""
        self.capsys.readouterr()
        code = ended(*words, "-c", str(self.business.root / "conf"))
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def run(self, day: int) -> tuple[int, str]:
        self.at(day)
        return self.call("run", NAME)

    def apply(self, day: int) -> tuple[int, str]:
        """Apply what is approved, and let the change log see it an hour later."""
        self.at(day, 2)
        before = self.business.store()
        answer = self.call("apply", NAME)
        self.business.log(night(day) + timedelta(hours=3), before, f"{night(day):%Y%m%d}-030000000")
        return answer

    def rows(self, table: str) -> list[dict[str, Any]]:
        path = self.business.root / "lake" / NAME / table
        return delta_rows(path)

    def versions(self) -> dict[str, int | None]:
        lake = self.business.root / "lake" / NAME
        return {
            table: DeltaTable(str(lake / table)).version() if (lake / table).exists() else None
            for table in BOOKS
        }

    def discrepancies(self) -> dict[Key, tuple[Any, ...]]:
        """Key -> status, kind, fault, episode."""
        return {
            (each["site"], each["meter"]): (each["status"], each["kind"], each["fault"], each["episode"])
            for each in self.rows("discrepancies")
        }

    def repairs(self) -> dict[tuple[Key, int], tuple[Any, ...]]:
        """Key and episode -> action, status, who approved it, attempts: of the newest repair of each."""
        found = {}
        for each in sorted(self.rows("compensations"), key=lambda row: row["proposed_at"]):
            key = (each["site"], each["meter"])
            self.ids[key] = each["compensation_id"]
            found[key, each["episode"]] = (
                each["action"], each["status"], each["approved_by"], each["attempts"] or 0,
            )  # fmt: skip
        return found
