"""Layers: every import in `jobs/`, late ones too, goes down the house, and none of them goes in a circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "jobs"
# From the roof down. A room imports from those below it only, never from its neighbours.
LAYERS = (
    ("cli",),
    ("demo",),
    ("commands",),
    ("api",),
    ("pipeline", "explain", "preview"),
    ("closing",),
    ("ingest", "dedupe", "state", "reconcile", "compensate", "validate", "report", "review"),
    ("decisions", "gates"),
    ("run",),
    ("target",),
    ("masking", "fold", "console"),
    ("dialects", "compare", "parquet"),
    ("settings", "spark"),
    ("lake",),
    ("storage",),
    ("clock",),
    ("errors",),
)
HEIGHT = {room: -depth for depth, rooms in enumerate(LAYERS) for room in rooms}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") or "jobs": path
    for path in sorted(ROOT.rglob("*.py"))
}


def _imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports, but for what it does only when it is run as a script."""
    as_script: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test):
            as_script |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.ImportFrom) and node.module and id(node) not in as_script:
            names = [f"{node.module}.{alias.name}".removeprefix("jobs.") for alias in node.names]
            if node.module == "jobs" or node.module.startswith("jobs."):
                yield from (name if name in MODULES else name.rpartition(".")[0] or "jobs" for name in names)


GRAPH = {name: set(_imports(path)) - {name} for name, path in MODULES.items()}


def _room(module: str) -> str:
    return module.split(".")[0]


def test_every_room_has_its_layer() -> None:
    assert {_room(name) for name in MODULES} - {"jobs", "__init__"} == set(HEIGHT)


def test_an_import_only_goes_down() -> None:
    upwards = [
        f"{name} imports {used}"
        for name, others in GRAPH.items()
        for used in others
        if name != "__init__" and used != "jobs" and _room(name) != _room(used)
        if HEIGHT[_room(used)] >= HEIGHT[_room(name)]
    ]
    assert upwards == []


def test_no_import_goes_in_a_circle() -> None:
    graph = dict(GRAPH)
    # Take away, again and again, what imports nothing that is left; a circle is what never goes.
    while free := {name for name, used in graph.items() if not used & set(graph)}:
        graph = {name: used for name, used in graph.items() if name not in free}
    assert set(graph) == set()


def test_the_ground_floor_starts_no_spark() -> None:
    heavy = [
        name
        for name, path in MODULES.items()
        if _room(name) in ("storage", "lake", "settings", "clock", "errors")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom) and "pyspark" in ast.unparse(node)
    ]
    assert heavy == []


def test_the_top_shows_rooms_and_few_modules() -> None:
    assert len([path for path in ROOT.glob("*.py") if path.stem != "__init__"]) <= 8
