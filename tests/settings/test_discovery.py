"""How a source finds its files: what is served loads, what finds nothing is told with its place."""

import pytest

from jobs.settings import leg_digest, mapping_digest, settings_digest
from tests.settings.folders import Folder

QUEUE = "https://sqs.eu-central-1.amazonaws.com/1/raw"


def source(folder: Folder, discovery: str, path: str = "s3://raw/other/", name: str = "other") -> None:
    folder.write(
        f"sources/{name}.yml",
        f"version: 1\nsource: {name}\npath: {path}\ndialect: dms\nformat: csv\ndiscovery: {discovery}\n",
    )


@pytest.mark.parametrize(
    ("path", "discovery"),
    [
        ("/other", "{after_last: true}"),
        ("s3://raw/other/", "{after_last: true, look_back: 30 minutes, full_listing: 7 days}"),
        ("s3://raw/other/", f"{{queue: '{QUEUE}'}}"),
        ("s3://raw/other/", f"{{queue: '{QUEUE}', full_listing: 12 hours}}"),
        ("s3://raw/other/", "{queue: 'http://localhost:4566/000000000000/raw'}"),
    ],
)
def test_each_way_of_finding_files_loads(folder: Folder, path: str, discovery: str) -> None:
    source(folder, discovery, path)
    assert folder.mistakes() == []


@pytest.mark.parametrize(
    ("path", "discovery", "told"),
    [
        ("s3://b/o", "{}", "discovery: finds files as ever; say after_last: true or queue, or leave it out"),
        (
            "s3://b/o",
            f"{{after_last: true, queue: '{QUEUE}'}}",
            "discovery.after_last: has no meaning beside queue, which names the new files",
        ),
        (
            "/other",
            f"{{queue: '{QUEUE}'}}",
            "discovery.queue: is for a source in S3, whose path begins with s3://, got '/other'",
        ),
        (
            "s3://b/o",
            "{queue: raw}",
            "discovery.queue: must be the queue's URL, such as "
            "https://sqs.eu-central-1.amazonaws.com/123456789012/raw, got 'raw'",
        ),
        (
            "s3://b/o",
            f"{{queue: '{QUEUE}', look_back: 1 hour}}",
            "discovery.look_back: has no meaning without after_last: true",
        ),
        (
            "s3://b/o",
            "{after_last: true, look_back: 1 day}",
            "discovery.look_back: must be shorter than full_listing",
        ),
        (
            "s3://b/o",
            "{after_last: true, look_back: 2h}",
            "discovery.look_back: is not a duration such as '30 seconds', '15 minutes', '2 hours', '1 day', "
            "got '2h'",
        ),
        (
            "s3://b/o",
            "{after_lst: true, queue: 'https://q'}",
            "discovery.after_lst: unknown key 'after_lst'; known: after_last, look_back, full_listing, "
            "queue; did you mean 'after_last'?",
        ),
    ],
)
def test_what_finds_nothing_or_something_else_is_told(
    folder: Folder, path: str, discovery: str, told: str
) -> None:
    source(folder, discovery, path)
    assert folder.mistake() == f"sources/other.yml:6 {told}"


def test_a_queue_is_of_one_source_alone(folder: Folder) -> None:
    source(folder, f"{{queue: '{QUEUE}'}}")
    source(folder, f"{{queue: '{QUEUE}'}}", name="second")
    assert folder.mistake() == (
        "sources/second.yml:6 discovery.queue: is the queue of source other; give each source one of its own"
    )


def test_a_leg_may_say_how_its_own_source_finds_files(folder: Folder) -> None:
    folder.dataset("path: /cdc/orders/", "path: /cdc/orders/\n  discovery: {after_last: true}")
    found = folder.load().sources["orders_changes"].discovery
    assert found is not None and found.after_last


def test_how_files_are_found_changes_no_row_and_no_verdict(folder: Folder) -> None:
    def digests() -> tuple[str, ...]:
        project = folder.load()
        orders = project.datasets["orders"]
        leg = leg_digest(orders, project, "changes")
        return mapping_digest(orders, project), settings_digest(orders, project), leg

    before = digests()
    folder.dataset("path: /cdc/orders/", "path: /cdc/orders/\n  discovery: {after_last: true}")
    assert digests() == before
