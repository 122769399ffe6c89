"""Files -> their lines in splits, and what each split holds, so that records can be counted across splits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dialects.lines import Lines
from jobs.dialects.once import computed
from jobs.ingest.reading import there_to_read
from jobs.storage.uri import ObjectInfo, pattern_free

# `monotonically_increasing_id` is the number of the partition above this bit, and a counter below it.
_PARTITION_BIT = 33
_LONGEST = 2**31 - 1
# What Spark says where it reads other splits than those whose records were counted.
NOT_COUNTED = "tieout: splits whose records were not counted"


@dataclass(frozen=True)
class Split:
    """A part of a file, found by `uri` and `start`: its records get ids from `first_id` on."""

    uri: str
    start: int
    path: str
    size: int
    second: int
    first_id: int
    records: int
    bytes: int
    spans: bool
    opens: bool
    invalid: bool
    several: bool

    @property
    def partition(self) -> int:
        """The number of the partition in which Spark reads the split."""
        return self.first_id >> _PARTITION_BIT


def lines_of(spark: SparkSession, files: Sequence[ObjectInfo], longest: int) -> DataFrame:
    """The lines of the files in splits: [uri, start, size, second, line].

    A file that cannot be read to its end fails the job, where its head would pass for all of it; a line
    longer than `longest` bytes is left out, so that no memory is needed for it.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    settings = {
        "lineSep": "\n",
        "ignoreCorruptFiles": "false",
        "ignoreMissingFiles": "false",
        "mapreduce.input.linerecordreader.line.maxlength": str(min(longest, _LONGEST)),
    }
    with there_to_read():
        read = spark.read.options(**settings).text([pattern_free(file.uri) for file in files])
    return read.select(
        F.col("_metadata.file_path").alias("uri"),
        F.col("_metadata.file_block_start").alias("start"),
        F.col("_metadata.file_size").alias("size"),
        F.unix_seconds("_metadata.file_modification_time").alias("second"),
        F.col("value").alias("line"),
    )


def splits_of(lines: DataFrame, dialect: Lines, path: Column) -> list[Split]:
    """What each split holds, a row for each on the driver; `path` of a `uri` is the file's scheme-free name.

    The ids are those that `numbered` gives: both evaluate the same scan of the same listing, so that Spark
    packs the same splits in the same order into the same partitions, and no shuffle lies between.
    """
    line, single = F.col("line"), F.col("alone")
    each = computed(lines.withColumn("id", F.monotonically_increasing_id()), {"alone": dialect.single(line)})
    several = F.size(F.filter(dialect.records(line), lambda record: record != ""))
    records = F.when(single.isNotNull(), (single != "").cast("int")).otherwise(several)
    each = computed(each, {"records": records})
    by_split = each.groupBy("uri", "start", "size", "second").agg(
        F.min("id").alias("first_line"),
        F.sum("records").alias("records"),
        F.sum(F.octet_length(line) + 1).alias("bytes"),
        F.bool_or(dialect.spans(line)).alias("spans"),
        F.bool_or(~F.is_valid_utf8(line)).alias("invalid"),
        F.min_by(dialect.opens(line), F.when(F.col("records") > 0, F.col("id"))).alias("opens"),
        F.bool_or(single.isNull()).alias("several"),
    )
    rows = sorted(by_split.withColumn("path", path).collect(), key=lambda row: row["first_line"])
    before: Counter[int] = Counter()
    splits = []
    for row in rows:
        partition = row["first_line"] >> _PARTITION_BIT
        splits.append(
            Split(
                uri=row["uri"],
                start=row["start"],
                path=row["path"],
                size=row["size"],
                second=row["second"],
                first_id=(partition << _PARTITION_BIT) + before[partition],
                records=row["records"],
                bytes=row["bytes"],
                spans=row["spans"],
                opens=bool(row["opens"]),
                invalid=row["invalid"],
                several=row["several"],
            )
        )
        before[partition] += row["records"]
    return splits


def numbered(lines: DataFrame, dialect: Lines, several: bool) -> DataFrame:
    """The records of the lines with their ids: [uri, start, id, record]; `several`: a line may have more."""
    line, single = F.col("line"), dialect.single(F.col("line"))
    if several:
        each = F.when(single.isNotNull(), F.array(single)).otherwise(dialect.records(line))
        records = lines.select("uri", "start", F.explode(each).alias("record"))
    else:
        records = computed(lines.select("uri", "start", "line"), {"record": single}).drop("line")
    # Nothing is moved across a column that is not deterministic: the ids count what the filter left.
    return records.where(F.col("record") != "").withColumn("id", F.monotonically_increasing_id())


def by_path(splits: Iterable[Split]) -> Mapping[str, list[Split]]:
    """The splits of each file, in the order of the file."""
    files: dict[str, list[Split]] = defaultdict(list)
    for split in sorted(splits, key=lambda split: split.start):
        files[split.path].append(split)
    return files
