"""Freezing on S3: a word makes the same T another run, none the same; both cost one listing more."""

import textwrap
from pathlib import Path

from jobs.decisions.inbox import decide
from jobs.freeze import freeze
from jobs.frozen import Frozen
from jobs.objects import Objects
from jobs.settings import Project, load
from tests.conftest import S3
from tests.decisions.shop import CONFIG


def project_in(bucket: str, objects: Objects, folder: Path) -> Project:
    """The shop's dataset, its files and its lake in a bucket."""
    text = textwrap.dedent(CONFIG)
    for name in ("events", "cdc", "store"):
        objects.write(f"{bucket}/{name}/file", b"x")
        text = text.replace(f"path: /{name}/", f"path: {bucket}/{name}/")
    (folder / "datasets").mkdir()
    (folder / "datasets" / "orders.yml").write_text(text)
    (folder / "tieout.yml").write_text(f"version: 1\nlake: {bucket}/lake\n")
    return load(str(folder))


def test_a_new_word_makes_the_same_request_another_run(s3: S3, tmp_path: Path) -> None:
    project = project_in(s3.bucket("shop"), Objects(s3.aws), tmp_path)

    def frozen() -> Frozen:
        reader = Objects(s3.aws)
        made = freeze(project, project.datasets["orders"], reader, None, False)
        # Both sources, the store, the inbox, and what an unfinished run may have frozen.
        assert reader.requests == 5
        return made

    silent = frozen()
    assert silent.inbox == ()
    assert frozen().run_id == silent.run_id
    (word,) = decide(project, "orders", "approve", ["c1"], "ann", "seen", objects=Objects(s3.aws))
    spoken = frozen()
    assert spoken.inbox == (word.name,)
    assert spoken.run_id != silent.run_id
    assert spoken.request_id == silent.request_id
    assert frozen().run_id == spoken.run_id
