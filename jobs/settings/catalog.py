"""Nodes of source and dataset files -> sources and datasets by name, and the mistakes between them."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from jobs.settings.building import Built, build_or_save
from jobs.settings.crosscheck import Around, dataset_mistakes
from jobs.settings.dataset import Dataset
from jobs.settings.expressions import expressions
from jobs.settings.layers import below, laid_over, text_of
from jobs.settings.model import unknown
from jobs.settings.nodes import Loc, Node, Problem
from jobs.settings.references import References
from jobs.settings.scalars import NAME
from jobs.settings.source import INLINE, Source
from jobs.settings.sqlcheck import sql_mistakes
from jobs.settings.supplies import leg_mistakes, overlap, source_mistakes


class Catalog:
    """Collects sources and datasets; what is broken is remembered, so as not to be called missing."""

    def __init__(self, root: Node, overlay: Node, references: References, problems: list[Problem]) -> None:
        self.sources: dict[str, Source] = {}
        self.datasets: dict[str, Dataset] = {}
        self._root = root
        self._overlay = overlay
        self._references = references
        self._problems = problems
        self._lake = text_of(root, "lake")
        self._source_nodes: dict[str, Node] = {}
        self._dataset_nodes: dict[str, Node] = {}
        self._built: list[tuple[Built[Dataset], Node]] = []
        self._queues: dict[str, str] = {}

    def add_source_file(self, name: str, node: Node | None) -> None:
        """A source of its own file; None where that could not be read."""
        if node is None:
            self._source_nodes[PurePosixPath(name).stem] = Node({}, name, 1)
            return
        node = self._references.resolved(self._overlaid(node, "source", "sources"))
        if self._is_new(node, "source", self._source_nodes):
            self._add_source(node, ())

    def add_dataset_file(self, name: str, node: Node | None) -> None:
        """A dataset, and the private sources that its legs describe; None where it could not be read."""
        if node is None:
            self._dataset_nodes[PurePosixPath(name).stem] = Node({}, name, 1)
            return
        node = self._references.resolved(self._overlaid(node, "dataset", "datasets"))
        self._is_new(node, "dataset", self._dataset_nodes)
        for leg in ("events", "changes"):
            node = self._without_inline(node, leg)
        built = build_or_save(Dataset, node)
        self._problems += built.problems
        self._built.append((built, node))

    def check(self) -> None:
        """Holds everything against everything; afterwards ``datasets`` is complete."""
        for kind, known in (("sources", self._source_nodes), ("datasets", self._dataset_nodes)):
            self._refuse_strays(kind, known)
        for built, node in self._built:
            if built.model is not None:
                mistakes = self._mistakes(built.model, built.broken)
                self._tell(node, [(loc, text) for loc, text in mistakes if not built.doubts(node.real(loc))])
                _stand(built.model, node)
                self.datasets.setdefault(built.model.dataset, built.model)

    def _add_source(self, node: Node, prefix: Loc) -> None:
        built = build_or_save(Source, node, prefix)
        self._problems += built.problems
        if built.model is None:
            return
        if not built.problems:
            self.sources[built.model.source] = built.model
        if not built.broken & {"dialect", "format", "fields"}:
            mistakes = [each for each in source_mistakes(built.model) if not built.doubts(node.real(each[0]))]
            self._tell(node, mistakes, prefix)
        if "path" not in built.broken:
            self._tell(node, self._overlap(("path",), built.model.path), prefix)
        self._tell(node, self._shared(built.model), prefix)

    def _without_inline(self, node: Node, leg: str) -> Node:
        """The dataset with the leg's inline source named instead, which is added as ``<dataset>_<leg>``."""
        mapping = below(node, leg)
        inline = {name: each for name, each in mapping.value.items() if name in INLINE}
        if not inline:
            return node
        rest = {name: each for name, each in mapping.value.items() if name not in INLINE}
        if "source" in rest:
            text = f"says both source and {', '.join(inline)}; name a source, or describe a private one here"
            self._problems.append(node.problem((leg, "source"), text))
        dataset = text_of(node, "dataset") or ""
        # A name that is none is told once, of the dataset.
        owner = dataset if re.fullmatch(NAME, dataset) else "unnamed"
        name = Node(f"{owner}_{leg}", mapping.file, mapping.line)
        source = Node({"source": name, **inline}, mapping.file, mapping.line)
        if self._is_new(source, "source", self._source_nodes, (leg,)):
            self._add_source(source, (leg,))
        rest["source"] = name
        return Node({**node.value, leg: Node(rest, mapping.file, mapping.line)}, node.file, node.line)

    def _mistakes(self, dataset: Dataset, broken: set[str]) -> Iterable[tuple[Loc, str]]:
        """Every mistake once: that no field is called as a column is no news of a column that is wrong."""
        mistakes = [*self._all_mistakes(dataset, broken)]
        wrong = {loc[1] for loc, _ in mistakes if loc[:1] == ("columns",) and len(loc) > 1}
        return [
            (loc, text) for loc, text in mistakes if loc[:2] != ("changes", "select") or loc[-1] not in wrong
        ]

    def _all_mistakes(self, dataset: Dataset, broken: set[str]) -> Iterable[tuple[Loc, str]]:
        channels, connections = (below(self._root, name).value for name in ("channels", "connections"))
        bare = [name for name, node in channels.items() if _is_without_table(node)]
        around = Around(list(channels), bare, list(connections), frozenset(broken))
        yield from dataset_mistakes(dataset, around)
        if not broken & {"events", "changes", "dataset"}:
            yield from leg_mistakes(dataset, self.sources, self._source_nodes)
        spark = below(self._root, "spark").value
        yield from sql_mistakes(dataset, self.sources, spark, frozenset(broken))
        if dataset.target.path and "target" not in broken:
            yield from self._overlap(("target", "path"), dataset.target.path)

    def _overlap(self, loc: Loc, path: str) -> list[tuple[Loc, str]]:
        text = overlap(self._lake, path) if self._lake else None
        return [(loc, text)] if text else []

    def _shared(self, source: Source) -> Iterable[tuple[Loc, str]]:
        queue = source.discovery and source.discovery.queue
        if queue and (other := self._queues.setdefault(queue, source.source)) != source.source:
            yield ("discovery", "queue"), f"is the queue of source {other}; give each source one of its own"

    def _overlaid(self, node: Node, kind: str, folder: str) -> Node:
        over = below(self._overlay, folder).value.get(text_of(node, kind))
        return laid_over(node, over) if isinstance(over, Node) else node

    def _is_new(self, node: Node, kind: str, known: dict[str, Node], prefix: Loc = ()) -> bool:
        name = text_of(node, kind)
        if name is None:
            return True
        place = node.at((kind,))
        first = known.setdefault(name, place)
        if first is not place:
            text = f"'{name}' is the name of another {kind}, in {first.file}:{first.line}"
            self._problems.append(Problem(place.file, place.line, ".".join([*map(str, prefix), kind]), text))
        return first is place

    def _refuse_strays(self, folder: str, known: Iterable[str]) -> None:
        for name, node in below(self._overlay, folder).value.items():
            if name not in known:
                text = unknown(folder.removesuffix("s"), name, known)
                self._problems.append(Problem(node.file, node.line, f"{folder}.{name}", text))

    def _tell(self, node: Node, mistakes: Iterable[tuple[Loc, str]], prefix: Loc = ()) -> None:
        for loc, text in mistakes:
            self._problems.append(node.problem(loc, text, prefix))


def _is_without_table(channel: Node) -> bool:
    """Whether a channel is a database's connection alone."""
    jdbc = channel.at(("jdbc",)).value
    return isinstance(channel.value, dict) and "jdbc" in channel.value and "table" not in (jdbc or {})


def _stand(dataset: Dataset, node: Node) -> None:
    """Tell a dataset where the settings stand that only a run can find fault with."""
    target: list[Loc] = [("target", "select", name) for name in dataset.target.select]
    wanted = [*target, ("target", "deleted"), *(each.loc for each in expressions(dataset))]
    problems = {loc: node.problem(loc, "") for loc in wanted}
    places = {loc: f"{each.path} in {each.file}:{each.line}" for loc, each in problems.items()}
    dataset.stand_at(places)
    dataset.target.stand_at(places)
