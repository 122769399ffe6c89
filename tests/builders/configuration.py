"""The text of a dataset -> a configuration, and files of every kind, below one root."""

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path


def put(path: Path, content: str | bytes) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def written(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files by their paths below a root."""
    for name, content in files.items():
        put(root / name, content)


def configured(root: Path, dataset: str, project: str = "", lake: str = "ROOT/lake") -> Path:
    """Write `conf/` below a root: a dataset, and a project of a lake and what else is said of it.

    ROOT in a text is the root, so that YAML's own braces stay what they are.

    Returns:
        the folder of the configuration.
    """
    dataset, project = textwrap.dedent(dataset).lstrip("\n"), textwrap.dedent(project)
    [name] = re.findall(r"^dataset: (\S+)$", dataset, re.MULTILINE)
    files = {"tieout": f"version: 1\nlake: {lake}\n{project}", f"datasets/{name}": dataset}
    written(root / "conf", {f"{each}.yml": text.replace("ROOT", str(root)) for each, text in files.items()})
    return root / "conf"
