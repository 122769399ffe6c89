"""Architecture: what may import what, what is said in one place only, and how big a file may get."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STAGES = ("ingest", "dedupe", "state", "reconcile", "compensate", "validate", "report")
MODULES = sorted((ROOT / "jobs").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

# Of these stages the modules that are given a run's context: those that read, write or judge the run itself.
KNOW_THE_RUN = {
    "dedupe": {"job", "inputs", "writer"},
    "state": {"job", "inputs"},
    "reconcile": {"job", "inputs", "legs", "gates", "ledger"},
    "compensate": {"job"},
    "report": {"job", "inputs"},
}
# Library or name -> the only places below `jobs/` that may use it.
KEPT_TO = {
    "boto3": ("storage/", "compensate/publishing/", "settings/secrets.py", "demo/"),
    "botocore": ("storage/", "compensate/publishing/", "settings/secrets.py", "demo/"),
    "great_expectations": ("validate/",),
    "deltalake": (
        "storage/delta_query.py",
        "lake/log.py",
        "lake/rows.py",
        "target/snapshot.py",
        "compensate/recording.py",
        "compensate/consumer/",
        "demo/store.py",
    ),
    "moto": ("demo/",),
    "psycopg": ("target/postgres/", "compensate/consumer/"),
    "pandas": ("validate/",),
    "numpy": (),
    "sqlglot": ("settings/",),
    "rich": ("console/",),
}
# Python on the executors, or a driver that holds the data.
ON_EXECUTORS = {
    "udf",
    "pandas_udf",
    "udtf",
    "rdd",
    "toPandas",
    "mapInPandas",
    "applyInPandas",
    "mapInArrow",
    "foreach",
}
CLOCKS = {"now", "utcnow", "today", "current_timestamp", "current_date", "localtimestamp", "time", "time_ns"}
CLOCK_OWNERS = {"datetime", "date", "time", "F", "functions"}
FORBIDDEN = re.compile(
    "|".join(
        [
            "/wo" + "rk/",
            r"/root/" + r"\.",
            r"\bpypi\." + "org",
            r"\brepo1?\." + "maven",
            "--(extra-)?index" + "-url",
        ]
    )
)
TEXTS = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".json",
    ".lock",
    ".properties",
    ".j2",
    ".html",
    ".css",
    ".ipynb",
    "",
}
SHOWN = (".ci", ".github", ".gitignore", ".pre-commit-config.yaml")
NOT_OURS = {".git", ".venv", "build", "dist", "LICENSE"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)}:{node.lineno} imports relatively"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _names_used(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Attribute):
            yield node.attr, node.lineno
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.name, node.lineno) for alias in node.names)


def _ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    hidden = any(part.startswith(".") and part not in SHOWN for part in parts)
    return not hidden and not NOT_OURS & set(parts) and not any(part.endswith(".egg-info") for part in parts)


def _inside(path: Path) -> str:
    return path.relative_to(ROOT / "jobs").as_posix()


def test_stages_never_import_each_other() -> None:
    wrong = [
        (_name(path), name)
        for path in MODULES
        for name in _imports(path)
        if (stage := _inside(path).split("/")[0]) in STAGES
        if name.startswith("jobs.") and name.split(".")[1] in set(STAGES) - {stage}
    ]
    assert wrong == []


def test_what_a_stage_makes_of_frames_is_given_no_run() -> None:
    knowing = {
        stage: {
            path.stem
            for path in (ROOT / "jobs" / stage).rglob("*.py")
            for node in ast.walk(_tree(path))
            if isinstance(node, ast.Name) and node.id == "RunContext"
        }
        for stage in KNOW_THE_RUN
    }
    assert knowing == KNOW_THE_RUN


def test_libraries_stay_where_they_are_kept() -> None:
    wrong = [
        (_name(path), library, "is kept to", places)
        for path in MODULES
        for library in {name.split(".")[0] for name in _imports(path)} & set(KEPT_TO)
        if not (places := KEPT_TO[library]) or not _inside(path).startswith(places)
    ]
    assert wrong == []


def test_a_session_is_built_in_one_place() -> None:
    others = [path for path in MODULES if _inside(path) != "spark/session.py"]
    assert [(_name(p), line) for p in others for name, line in _names_used(p) if name == "getOrCreate"] == []


def test_the_time_is_asked_in_one_place() -> None:
    wrong = []
    for path in (path for path in MODULES if _inside(path) != "clock.py"):
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in CLOCKS and isinstance(node.value, ast.Name):
                wrong += [(_name(path), node.lineno)] if node.value.id in CLOCK_OWNERS else []
        wrong += [(_name(path), 1)] if {"time.time", "time.time_ns"} & set(_imports(path)) else []
    assert wrong == []


def test_nothing_of_ours_runs_as_python_on_executors() -> None:
    assert [(_name(p), line) for p in MODULES for name, line in _names_used(p) if name in ON_EXECUTORS] == []


def test_what_lies_beside_a_module_is_no_file() -> None:
    # Of a wheel that spark-submit is given nothing is unpacked: `importlib.resources` reads there as well.
    by_file = {
        _inside(path)
        for path in MODULES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Name) and node.id == "__file__"
    }
    # In a bare checkout the suites lie beside the package.
    assert by_file == {"validate/suites.py"}


def test_what_all_others_stand_on_imports_nothing_of_ours() -> None:
    assert not [name for name in _imports(ROOT / "jobs" / "errors.py") if name.startswith("jobs")]


@pytest.mark.parametrize("folder", [ROOT / "jobs", *(ROOT / "jobs" / stage for stage in STAGES)], ids=_name)
def test_no_name_hides_another_library(folder: Path) -> None:
    # A script's own folder comes first on the path: `jobs/report/html.py` would be everybody's `html`.
    taken = (set(sys.stdlib_module_names) | set(packages_distributions())) - {
        "jobs",
        "tests",
        "bench",
        "__init__",
    }
    names = {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    assert names & taken == set()


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert [_name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_module_says_what_it_is() -> None:
    assert [_name(path) for path in [*MODULES, *TESTS] if not ast.get_docstring(_tree(path))] == []


def test_files_and_functions_stay_small() -> None:
    wrong = []
    for path, most in [*((path, 250) for path in MODULES), *((path, 300) for path in TESTS)]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        wrong += [f"{_name(path)}: {lines} lines"] if lines > most else []
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                wrong += [f"{_name(path)}: {node.name} has {length} lines"] if length > 60 else []
    assert wrong == []


def test_no_machine_and_no_registry_is_named() -> None:
    texts = [path for path in ROOT.rglob("*") if path.suffix in TEXTS and _ours(path) and path.is_file()]
    assert len(texts) > 20
    said = {_name(path): FORBIDDEN.search(path.read_text(encoding="utf-8")) for path in texts}
    assert {name: match[0] for name, match in said.items() if match} == {}
