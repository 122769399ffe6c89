"""Place: where a record stands -> its file below the source's folder, and its row."""

from dataclasses import dataclass


def below(file: str, root: str) -> str:
    """A file's path below its source's folder, or as it is if it lies elsewhere."""
    folder = root.rstrip("/") + "/"
    return file[len(folder) :] if file.startswith(folder) else file


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: a file (below its source's path) and a row of it."""

    file: str
    row_number: int

    def __str__(self) -> str:
        return f"{self.file}:{self.row_number}"
