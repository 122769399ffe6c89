"""The page of DMS: every setting of an S3 endpoint that decides what is written; what it names is there."""

import re
from collections.abc import Iterator
from pathlib import Path

from jobs.settings import Source
from jobs.settings.legs import ChangesLeg

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/dms.md").read_text(encoding="utf-8")
# `S3Settings` of the API, less what says where the bucket is, who may write and how it is encrypted.
SETTINGS = [
    "AddColumnName", "AddTrailingPaddingCharacter", "BucketFolder", "CdcInsertsAndUpdates",
    "CdcInsertsOnly", "CdcMaxBatchInterval", "CdcMinFileSize", "CdcPath", "CompressionType",
    "CsvDelimiter", "CsvNoSupValue", "CsvNullValue", "CsvRowDelimiter", "DataFormat", "DataPageSize",
    "DatePartitionDelimiter", "DatePartitionEnabled", "DatePartitionSequence", "DatePartitionTimezone",
    "DictPageSizeLimit", "EnableStatistics", "EncodingType", "IncludeOpForFullLoad", "MaxFileSize",
    "ParquetTimestampInMillisecond", "ParquetVersion", "PreserveTransactions", "Rfc4180",
    "RowGroupLength", "TimestampColumnName", "UseCsvNoSupValue", "UseTaskStartTimeForFullLoadTimestamp",
]  # fmt: skip


def _rows() -> Iterator[list[str]]:
    """The cells of the table of endpoint settings."""
    table = PAGE[PAGE.index("| setting of the endpoint |") :].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_table_has_every_setting_that_decides_what_is_written() -> None:
    assert sorted(name for setting, *_ in _rows() for name in re.findall(r"`(\w+)`", setting)) == SETTINGS


def test_what_the_source_says_is_a_setting_and_what_reads_it_is_a_module() -> None:
    said = {*Source.model_fields, *ChangesLeg.model_fields}
    for setting, _, _, of_source, read_by in _rows():
        assert set(re.findall(r"`(\w+):", of_source)) <= said, setting
        modules = re.findall(r"`([\w/]+\.py)`", read_by)
        assert modules or read_by == "the same", setting
        folder = Path(modules[0]).parent if modules else Path()
        for module in modules:
            place = ROOT / "jobs" / (module if "/" in module else folder / module)
            assert place.is_file(), module
