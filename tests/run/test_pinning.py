"""Freezing on S3: a word makes the same T another run; what an interrupted run froze is gone on with."""

from pathlib import Path

from jobs.run.decision_inbox import decide
from jobs.run.inputs import RunInputs
from jobs.run.pinning import freeze, unfinished
from jobs.settings import Project, load
from jobs.storage.objects import Objects
from tests.builders.configuration import configured
from tests.conftest import S3
from tests.review.shop import CONFIG


def project_in(bucket: str, objects: Objects, folder: Path) -> Project:
    """The shop's dataset, its files and its lake in a bucket."""
    for name in ("events", "cdc", "store"):
        objects.write(f"{bucket}/{name}/file", b"x")
    return load(str(configured(folder, CONFIG.replace("path: /", f"path: {bucket}/"), lake=f"{bucket}/lake")))


def test_a_new_word_makes_the_same_request_another_run(s3: S3, tmp_path: Path) -> None:
    project = project_in(s3.bucket("shop"), Objects(s3.aws), tmp_path)

    def pinned() -> RunInputs:
        reader = Objects(s3.aws)
        made = freeze(project, project.datasets["orders"], reader, None, False)
        # Both sources, the store, the inbox, what was judged again, what an unfinished run may have frozen.
        assert reader.requests == 6
        return made

    silent = pinned()
    assert silent.inbox == ()
    assert pinned().run_id == silent.run_id
    (word,) = decide(project, "orders", "approve", ["c1"], "ann", "seen", objects=Objects(s3.aws))
    spoken = pinned()
    assert spoken.inbox == (word.name,)
    assert spoken.run_id != silent.run_id
    assert spoken.request_id == silent.request_id
    assert pinned().run_id == spoken.run_id


def test_what_an_interrupted_run_froze_is_gone_on_with_and_newer_words_are_taken_in(
    s3: S3, tmp_path: Path
) -> None:
    bucket, objects = s3.bucket("shop"), Objects(s3.aws)
    project = project_in(bucket, objects, tmp_path)
    dataset = project.datasets["orders"]
    (before,) = decide(project, "orders", "approve", ["c1"], "ann", "seen", objects=objects)
    begun = freeze(project, dataset, objects, None, False)
    assert not begun.resumed
    objects.write(unfinished(project, begun), begun.to_json())

    objects.write(f"{bucket}/events/more", b"y")
    (since,) = decide(project, "orders", "approve", ["c2"], "ann", "seen", objects=objects)
    resumed = freeze(project, dataset, objects, None, False)
    assert (resumed.resumed, resumed.run_id, resumed.listed_at) == (True, begun.run_id, begun.listed_at)
    assert resumed.files == begun.files
    assert (resumed.inbox, resumed.since) == ((before.name,), (since.name,))

    # What was frozen of a snapshot that was written again since is not to be had any more.
    objects.write(f"{bucket}/store/file", b"z")
    anew = freeze(project, dataset, objects, None, False)
    assert not anew.resumed
    assert anew.run_id != begun.run_id
    assert anew.inbox == (before.name, since.name)
