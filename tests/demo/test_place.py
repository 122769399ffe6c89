"""Place: inputs, lake and configuration are in an S3 server that goes, or in a folder that stays."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from jobs.demo.entity import ENTITIES, ORDERS
from jobs.demo.injection import Damaged
from jobs.demo.orders import FIELDS
from jobs.demo.place import environment, opened
from jobs.errors import ConfigError
from jobs.settings import Project, load
from jobs.storage.objects import Objects


def test_a_kept_folder_holds_all_and_is_the_same_every_time(
    tmp_path: Path, files: Mapping[str, bytes]
) -> None:
    stamps = []
    for name in ("one", "two"):
        with opened(str(tmp_path / name)) as place:
            place.fill(files)
        inputs = tmp_path / name / "inputs"
        found = {str(path.relative_to(inputs)): path for path in inputs.rglob("*") if path.is_file()}
        assert {name: path.read_bytes() for name, path in found.items()} == files
        stamps.append({name: path.stat().st_mtime_ns for name, path in found.items()})
    assert stamps[0] == stamps[1]


def test_the_load_is_not_newer_than_the_changes(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    """Else the load would not count as complete (R6)."""
    with opened(str(tmp_path / "shop")) as place:
        place.fill(files)
        log = list(Objects().list(f"{place.inputs}shop-cdc/"))
    for entity in ENTITIES:
        of_table = [each for each in log if f"/{entity.name}/" in each.path]
        (load,) = (each for each in of_table if "LOAD" in each.path)
        assert load.modified_at == min(each.modified_at for each in of_table)


def test_the_kept_configuration_is_valid_and_leads_to_the_folder(tmp_path: Path, shop: Damaged) -> None:
    with opened(str(tmp_path / "shop")) as place:
        place.fill({})
    project = load(str(tmp_path / "shop" / "conf"))
    assert project.lake == str(tmp_path / "shop" / "lake")
    assert (
        project.sources["shop_events"].path == str(tmp_path / "shop" / "inputs" / "shop-raw" / "events") + "/"
    )
    _fits(project)
    assert project.channels["orders"].delta == str(tmp_path / "shop" / "inputs" / "shop-store" / "orders")


def _fits(project: Project) -> None:
    assert set(project.datasets) == {entity.name for entity in ENTITIES}
    for entity in ENTITIES:
        dataset = project.datasets[entity.name]
        assert tuple(dataset.key) == entity.key
        assert dataset.events is not None and dataset.events.source == "shop_events"
        assert dataset.target.as_of is not None and dataset.target.as_of.path == "dt=%Y-%m-%d"
        assert project.source_of(entity.name, "changes").fields == [*FIELDS[:2], *entity.row.COLUMNS]
        assert dataset.compensate is not None and dataset.compensate.channel in project.channels
        assert entity.consumer in project.channels
        by_itself = [rule.kind for rule in dataset.compensate.policy if rule.approve == "auto"]
        assert by_itself == [list(entity.automatic)]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty"), opened(str(tmp_path)):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_without_a_folder_all_is_in_a_server_of_its_own(files: Mapping[str, bytes]) -> None:
    some = dict(list(files.items())[:3])
    with opened(None) as place:
        place.fill(some)
        assert place.objects.read(f"{place.inputs}{next(iter(some))}") == next(iter(some.values()))
        project = load(str(place.config))
        assert project.lake == "s3://shop-lake"
        assert project.aws.endpoint_url and project.aws.endpoint_url.startswith("http://127.0.0.1:")
        assert [each.path for each in place.objects.list(project.source_of("orders", "changes").path)]
        _fits(project)
        queues = {name: project.channels[name].sqs for name in place.queues}
        assert queues == place.queues and len(set(queues.values())) == len(ENTITIES)
        place.sqs.send_message(
            QueueUrl=place.queues[ORDERS.name],
            MessageBody="{}",
            MessageGroupId="a",
            MessageDeduplicationId="b",
        )
        config = place.config
    assert not config.exists()


def test_the_environment_is_as_before_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.delenv("TIEOUT_NOW", raising=False)
    with pytest.raises(KeyError), environment({"AWS_PROFILE": None, "TIEOUT_NOW": "2026-11-01"}):
        assert "AWS_PROFILE" not in os.environ and os.environ["TIEOUT_NOW"] == "2026-11-01"
        raise KeyError
    assert os.environ["AWS_PROFILE"] == "mine" and "TIEOUT_NOW" not in os.environ
