"""What DMS's names of files tell: a full load by hexadecimal counters, and the tables of the task's own."""

import pytest

from jobs.storage.load_files import is_load_file, is_of_the_task


@pytest.mark.parametrize(
    ("path", "is_load", "is_own"),
    [
        ("b/shop/orders/LOAD00000001.csv", True, False),
        ("b/shop/orders/LOAD0000000F.parquet", True, False),
        ("b/shop/orders/SEGMENT12_LOAD00000010.csv.gz", True, False),
        ("b/shop/orders/p1/LOAD00000001.parquet", True, False),
        ("b/shop/orders/LOAD.csv", False, False),
        ("b/shop/orders/2026/11/24/20261124-113401000.csv", False, False),
        ("b/awsdms_status/LOAD00000001.csv", True, True),
        ("b/shop/awsdms_apply_exceptions/20261124-113401000.csv", False, True),
        ("awsdms_validation_failures_v1/a.parquet", False, True),
        ("b/shop/awsdms_history/2026/11/a.csv", False, True),
        ("b/shop/AWSDMS_SUSPENDED_TABLES/LOAD1.csv", True, True),
        ("b/shop/orders/awsdms_status.csv", False, False),
        ("b/shop/our_awsdms_status/a.csv", False, False),
        ("b/shop/awsdms_/a.csv", False, False),
    ],
)
def test_the_name_of_a_file_says_whether_a_load_wrote_it_and_whether_it_is_the_tasks_own(
    path: str, is_load: bool, is_own: bool
) -> None:
    assert (is_load_file(path), is_of_the_task(path)) == (is_load, is_own)
