"""Few rows are planned once, and not compiled for; afterwards the session is as before."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from jobs.spark.plans import FEW, OWN, in_pieces, planned_for

ADAPTIVE, COMPILED = "spark.sql.adaptive.enabled", "spark.sql.codegen.wholeStage"


class Settings(dict[str, Any]):
    """What a session can be told of its settings."""

    def set(self, name: str, value: str) -> None:
        self[name] = value

    def unset(self, name: str) -> None:
        del self[name]


class Context:
    """What a session's owner started it with."""

    def __init__(self, names: frozenset[str], cores: int = 2) -> None:
        self.names, self.asked, self.defaultParallelism = names, 0, cores

    def getConf(self) -> SimpleNamespace:
        self.asked += 1
        return SimpleNamespace(getAll=lambda: [(name, "") for name in self.names])


def session(settings: Settings, started_with: frozenset[str] = frozenset(), cores: int = 2) -> SparkSession:
    return cast(SparkSession, SimpleNamespace(conf=settings, sparkContext=Context(started_with, cores)))


@pytest.mark.parametrize(
    ("rows", "scans", "inside"),
    [
        (FEW, True, ("false", "true")),
        (FEW, False, ("false", "false")),
        (FEW + 1, False, (None, "true")),
        (None, False, (None, "true")),
    ],
    ids=["few, of tables", "few alone", "many", "nobody knows"],
)
def test_a_plan_for_so_many_rows(rows: int | None, scans: bool, inside: tuple[str | None, ...]) -> None:
    settings = Settings({COMPILED: "true"})
    with pytest.raises(ValueError, match="amid"), planned_for(session(settings), rows, scans):
        assert (settings.get(ADAPTIVE), settings.get(COMPILED)) == inside
        raise ValueError("amid")
    assert settings == {COMPILED: "true"}


def test_what_the_owner_of_a_session_started_it_with_stays() -> None:
    settings = Settings({ADAPTIVE: "true"})
    with planned_for(session(settings, frozenset({ADAPTIVE})), 1, scans=False):
        assert (settings[ADAPTIVE], settings[COMPILED]) == ("true", "false")
    assert settings == {ADAPTIVE: "true"}


def test_what_a_session_was_started_with_is_asked_once() -> None:
    few = session(Settings({ADAPTIVE: "true"}), frozenset({ADAPTIVE}))
    for _ in range(3):
        with planned_for(few, 1):
            pass
    assert cast(Context, few.sparkContext).asked == 1


def test_what_a_project_sets_of_a_session_that_it_was_given_stays() -> None:
    settings = Settings({ADAPTIVE: "true", OWN: f"spark.any,{ADAPTIVE}"})
    with planned_for(session(settings), 1, scans=False):
        assert (settings[ADAPTIVE], settings[COMPILED]) == ("true", "false")


@pytest.mark.parametrize(("cores", "pieces"), [(2, "8"), (8, "8"), (64, "64")])
def test_what_takes_long_is_read_in_eight_pieces_at_least(cores: int, pieces: str) -> None:
    settings, least = Settings(), "spark.sql.files.minPartitionNum"
    with in_pieces(session(settings, cores=cores)):
        assert settings[least] == pieces
    assert settings == {}
    with in_pieces(session(settings, frozenset({least}), cores)):
        assert settings == {}
