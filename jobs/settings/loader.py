"""A configuration folder, local or in S3 -> a Project, or one error that tells every mistake."""

import os
from pathlib import PurePosixPath

from jobs.errors import ConfigError
from jobs.settings.building import build
from jobs.settings.catalog import Catalog
from jobs.settings.files import Folder
from jobs.settings.layers import below, laid_over, without
from jobs.settings.model import unknown
from jobs.settings.nodes import Node, Problem, parse
from jobs.settings.project import Environment, Project, TieoutFile, channel_mistakes
from jobs.settings.references import References


class SettingsError(ConfigError):
    """Every mistake of a configuration, one line each."""

    def __init__(self, config: str, problems: list[Problem]) -> None:
        self.problems = tuple(
            sorted(dict.fromkeys(problems), key=lambda each: (each.file, each.line, each.path))
        )
        count = f"{len(self.problems)} mistakes" if len(self.problems) > 1 else "a mistake"
        super().__init__("\n".join([f"The configuration {config} has {count}:", *map(str, self.problems)]))


def load(config: str, env: str | None = None) -> Project:
    """The project of a folder or ``s3://`` URI, with ``environments/<env>.yml`` laid over it.

    Raises:
        ConfigError: there is no such configuration or environment; or ``SettingsError`` with all mistakes,
            each as ``file:line path: what is wrong, got X; allowed: …``.
    """
    folder = Folder(config)
    problems: list[Problem] = []
    overlay = _environment(folder, env, problems)
    root = _parsed(folder, folder.main, problems)
    if root is None:
        raise SettingsError(config, problems)
    root = laid_over(root, without(overlay, "sources", "datasets", "version"))
    references = References(below(root, "vars"), os.environ)
    main, early = _main(root, references, problems)
    catalog = Catalog(early, overlay, references, problems)
    for name in folder.below("sources"):
        catalog.add_source_file(name, _parsed(folder, name, problems))
    for name in folder.below("datasets"):
        node = _parsed(folder, name, problems)
        catalog.add_dataset_file(name, node and laid_over(below(root, "defaults"), node))
    catalog.check()
    problems += references.problems
    if problems or main is None:
        raise SettingsError(config, problems)
    return _project(main, catalog, config, env)


def _parsed(folder: Folder, name: str, problems: list[Problem]) -> Node | None:
    """The file as Nodes, None where it is no YAML; mistakes of its form, a missing version too, are told."""
    display_name = folder.display_name(name)
    node, mistakes = parse(folder.read(name), display_name)
    problems += mistakes
    if node is None or "version" in node.value:
        return node
    problems.append(Problem(display_name, 1, "version", "is required; write version: 1"))
    return Node({"version": Node(1, display_name, 1), **node.value}, display_name, 1)


def _environment(folder: Folder, env: str | None, problems: list[Problem]) -> Node:
    """The environment's file; keys that it should not have are told here and go no further."""
    names = {PurePosixPath(name).stem: name for name in folder.below("environments")}
    if env is None:
        return Node({}, "", 1)
    if env not in names:
        raise ConfigError(f"{folder.config}/environments: {unknown('environment', env, names)}.")
    node, mistakes = parse(folder.read(names[env]), folder.display_name(names[env]))
    problems += mistakes
    if node is None:
        return Node({}, "", 1)
    problems += build(Environment, node).problems
    return without(node, *(set(node.value) - set(Environment.model_fields)))


def _main(root: Node, references: References, problems: list[Problem]) -> tuple[TieoutFile | None, Node]:
    # Variables and defaults are resolved where they are used; unused, they may name what is not set.
    late = {name: node for name, node in root.value.items() if name in ("vars", "defaults")}
    early = references.resolved(without(root, *late))
    built = build(TieoutFile, Node({**early.value, **late}, root.file, root.line))
    problems += built.problems
    if built.model is not None:
        mistakes = channel_mistakes(built.model.channels, built.model.connections)
        problems += [early.problem(loc, text) for loc, text in mistakes]
    return built.model, early


def _project(main: TieoutFile, catalog: Catalog, config: str, env: str | None) -> Project:
    # Built of models: nothing is left to validate.
    return Project.model_construct(
        lake=main.lake,
        spark=main.spark,
        aws=main.aws,
        channels=main.channels,
        connections=main.connections,
        sources=catalog.sources,
        datasets=catalog.datasets,
        config=config,
        env=env,
    )
