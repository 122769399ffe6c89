"""The page on compensations: its message, its channels and its figures are those of the code."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.compensate.compensation import Compensation
from jobs.compensate.consumer import delta_store, postgres_ledger
from jobs.compensate.publishing import eventbridge, kinesis, sending, sns, sqs
from jobs.compensate.publishing.channels import DIRECT, PUBLISHERS, queue_of
from jobs.compensate.publishing.sqs import BATCH, SIZE
from jobs.compensate.publishing.wire import event_of, read, written
from jobs.errors import ConfigError
from jobs.settings import Channel, Compensate
from tests.compensate import orders

PAGE = (Path(__file__).parents[2] / "docs" / "compensations.md").read_text(encoding="utf-8")
(MESSAGE,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def example() -> tuple[dict[str, Any], Compensation]:
    """The page's message, and the compensation that it is of."""
    event: dict[str, Any] = json.loads(MESSAGE)
    return event, Compensation(**{**event["data"], "key": event["subject"]})


def test_the_message_is_what_is_sent_and_understood() -> None:
    event, compensation = example()
    sent = event_of(compensation, datetime(2026, 11, 23, 6, tzinfo=UTC))
    assert sent == event
    assert read(written(sent), "orders") == compensation.compensation_id


def test_every_attribute_and_field_is_explained() -> None:
    event, _ = example()
    section = PAGE.split("\n## The message\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert told == {*event, *event["data"]} - {"specversion", "datacontenttype", "data"}


def test_a_channel_that_is_not_received_from_says_what_the_page_says(tmp_path: Path) -> None:
    owner = orders.project(
        tmp_path, {"out": {"sns": "arn:aws:sns:eu-central-1:1:t"}}, compensate={"channel": "out"}
    )
    with pytest.raises(ConfigError) as told:
        queue_of(owner, owner.datasets[orders.NAME])
    assert str(told.value) in PAGE.replace("\n", " ")


def test_figures_and_names_are_those_of_the_code() -> None:
    words = " ".join(PAGE.split())
    assert (
        f"a message over {SIZE // 1024} KB, of Kinesis over {kinesis.LIMITS.message_bytes >> 20} MB" in words
    )
    assert f"of {BATCH} messages, of Kinesis {kinesis.LIMITS.count}" in words
    assert sqs.LIMITS == sns.LIMITS == replace(eventbridge.LIMITS, around=0)
    assert sending.TRIES == 6 and "six times in all" in words
    assert {kind for kind in Channel.model_fields if f"`{kind}" in PAGE} == {*PUBLISHERS, *DIRECT}
    assert f"up to {delta_store.CHUNK} repairs a commit" in PAGE
    assert f"`{delta_store._app('<compensation_id>')}`" in PAGE
    assert f"`{postgres_ledger.NAME}`" in PAGE
    assert f"After `compensate.attempts` of them ({Compensate().attempts} unless told)" in PAGE.replace(
        "\n", " "
    )
