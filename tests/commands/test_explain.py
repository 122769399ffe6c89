"""`tieout explain`: what can be told without Spark is told before it starts."""

from pathlib import Path

import pytest

from jobs.commands import explain
from jobs.errors import ConfigError
from tests.builders.configuration import configured
from tests.dedupe.mapping import CONFIG


@pytest.mark.parametrize(
    ("dataset", "key", "why"),
    [
        ("orders", '{"order": 17}', "The key is order_id, not order"),
        ("order", "17", "no dataset"),
    ],
)
def test_a_key_that_cannot_be_read_is_refused_before_spark_starts(
    dataset: str, key: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain, "session", lambda project: pytest.fail("Spark started"))
    config = str(configured(tmp_path, CONFIG, lake="/lake"))
    with pytest.raises(ConfigError, match=why):
        explain.run(dataset, key, config, None, False, True)
