"""A configuration -> CheckReport: mistakes, warnings, notes, and columns × legs of each dataset; no JVM."""

import typing as t
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

from jobs.errors import ConfigError
from jobs.settings import advice
from jobs.settings.coverage import ColumnRow, columns_by_legs
from jobs.settings.digests import mapping_digest
from jobs.settings.loader import SettingsError, load
from jobs.settings.model import taken_apart, unknown
from jobs.settings.nodes import Problem
from jobs.settings.project import Project

if t.TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class DatasetReport:
    """A dataset's legs and columns."""

    dataset: str
    legs: tuple[str, ...]
    truth: str
    grace_seconds: float
    mapping_digest: str
    columns: tuple[ColumnRow, ...]


@dataclass(frozen=True)
class CheckReport:
    """What `tieout check` says; problems make the configuration unusable, the rest does not."""

    config: str
    env: str | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    datasets: tuple[DatasetReport, ...] = ()

    @property
    def exit_code(self) -> int:
        """2 with problems, else 0."""
        return ConfigError.exit_code if self.problems else 0

    def as_dict(self) -> dict[str, t.Any]:
        """The report as plain data, as `--json` prints it.

        A problem: `file`, `line`, `path`, `message`, and where the message has them `value` and `allowed`.
        """
        problems = [_plain(problem) for problem in self.problems]
        return {**asdict(self), "problems": problems, "exit_code": self.exit_code}


def check(project: Project, datasets: Collection[str] | None = None) -> CheckReport:
    """The report of a loaded project, of the named datasets or of all.

    Raises:
        ConfigError: a named dataset does not exist.
    """
    names = list(datasets or project.datasets)
    for name in names:
        if name not in project.datasets:
            raise ConfigError(f"{project.config}: {unknown('dataset', name, project.datasets)}.")
    chosen = [project.datasets[name] for name in names]
    warnings = [_of(each.dataset, advice.warnings(each, project)) for each in chosen]
    notes = [_of(each.dataset, advice.notes(each)) for each in chosen]
    return CheckReport(
        config=project.config,
        env=project.env,
        warnings=tuple(line for lines in warnings for line in lines),
        notes=tuple(line for lines in notes for line in lines) + (() if datasets else _unused(project)),
        datasets=tuple(
            DatasetReport(
                each.dataset,
                tuple(each.legs),
                each.reconcile.truth,
                each.reconcile.grace.total_seconds(),
                mapping_digest(each, project),
                columns_by_legs(each),
            )
            for each in chosen
        ),
    )


def check_config(config: str, env: str | None = None, datasets: Collection[str] | None = None) -> CheckReport:
    """As ``check``, from the folder or URI; mistakes become the report's problems.

    So does a configuration, an environment or a dataset that is not there.
    """
    try:
        return check(load(config, env), datasets)
    except SettingsError as error:
        return CheckReport(config, env, problems=error.problems)
    except ConfigError as error:
        return CheckReport(config, env, problems=(Problem(config, 1, "", str(error)),))


def _plain(problem: Problem) -> dict[str, t.Any]:
    place = {"file": problem.file, "line": problem.line, "path": problem.path}
    return {**place, "message": problem.text, **taken_apart(problem.text)}


def _of(dataset: str, lines: Iterable[str]) -> list[str]:
    return [f"{dataset}: {line}" for line in lines]


def _unused(project: Project) -> tuple[str, ...]:
    used = {project.source_of(each, leg).source for each in project.datasets.values() for leg in each.legs}
    return tuple(f"source {name}: is read by no dataset" for name in project.sources if name not in used)
