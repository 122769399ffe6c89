"""Layout: where everything of a lake lies below its root."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lake:
    """Paths below a lake's root."""

    root: str

    def source(self, source: str, table: str) -> str:
        """Where a source's table lies."""
        return f"{self.root}/sources/{source}/{table}"

    @property
    def replayed(self) -> str:
        """The object that says in which batch records of each source were judged again last."""
        return f"{self.root}/sources/replayed.json"

    def dataset(self, dataset: str, table: str) -> str:
        """Where a dataset's table lies."""
        return f"{self.root}/{dataset}/{table}"

    def report(self, dataset: str, run_id: str) -> str:
        """The page of a run."""
        return f"{self.root}/{dataset}/reports/{run_id}.html"

    def snapshots(self, dataset: str) -> str:
        """The folder of the snapshots that were copied out of a database."""
        return f"{self.root}/{dataset}/snapshots"

    def stamp(self, dataset: str) -> str:
        """The object that says what instant the store's rows read last speak of, where a column does."""
        return f"{self.root}/{dataset}/as_of.json"

    def outcome(self, dataset: str, run_id: str) -> str:
        """The object that says what became of a run."""
        return f"{self.root}/{dataset}/outcomes/{run_id}.json"

    def unfinished(self, dataset: str, request_id: str) -> str:
        """The object in which a run's pinned inputs stand until it is finished."""
        return f"{self.root}/{dataset}/unfinished/{request_id}.json"

    def inbox(self, dataset: str) -> str:
        """The folder of people's decisions, before a run takes them in."""
        return f"{self.root}/{dataset}/decisions_inbox"

    def discovery(self, source: str) -> str:
        """The object that says when all files of a source were last listed, where not each run does."""
        return f"{self.root}/sources/{source}/discovery.json"

    def source_lease(self, source: str) -> str:
        """The object that guards a source's tables against a second writer."""
        return f"{self.root}/sources/{source}/lease.json"

    def lease(self, dataset: str) -> str:
        """The object that guards a dataset's tables against a second writer."""
        return f"{self.root}/{dataset}/lease.json"
