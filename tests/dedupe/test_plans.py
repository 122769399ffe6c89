"""What Spark is asked to do for a batch: each record is taken apart once, no row is sorted or shuffled."""

import re
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.conf import whole_plans
from tests.dedupe.mapping import CONFIG, mapped, project

# One change a record: no type with several entries, no array of items.
ITEMS = r"        Merged:\n(?:          .*\n)+?        Shipped: .*\n"
PLAIN = re.sub(ITEMS, "", CONFIG.replace("      other_types: reject\n", ""))
FILES = {
    "events": {"f1": ['{"id":"1"}']},
    "changes": {"1.csv": ["I,2026-11-22 10:00:30,1,1,A,1,n,eu,false"]},
}


@pytest.fixture(scope="module")
def plans(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    of = project(Path(tmp_path_factory.mktemp("conf")), PLAIN)
    with whole_plans(spark):
        return {
            leg: mapped(spark, of, leg, files).whole._jdf.queryExecution().optimizedPlan().toString()
            for leg, files in FILES.items()
        }


def test_an_object_is_parsed_once(plans: dict[str, str]) -> None:
    # The record and `data`: the paths of the mapping lie in no other object. The record may be parsed again
    # where an event has no data of its own, to see what decides a tie.
    parsed = re.findall(r"from_json\(MapType\(StringType,StringType", plans["events"])
    assert len(parsed) == 2


def test_a_row_is_taken_apart_once(plans: dict[str, str]) -> None:
    assert plans["changes"].count("regexp_extract_all(") == 1


@pytest.mark.parametrize("leg", ["events", "changes"])
def test_mapping_moves_no_rows(leg: str, plans: dict[str, str]) -> None:
    assert not re.search(r"\b(Window|Sort|Aggregate|Repartition)\b", plans[leg])
