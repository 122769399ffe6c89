"""Files of any size -> their records: by lines where lines are records, as one text where they are not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.pool import ThreadPool

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dialects import Dialect
from jobs.dialects.json_text import GARBLED
from jobs.ingest.packed import fault_of, has_lines, is_all, is_packed, length_of
from jobs.ingest.reading import texts
from jobs.ingest.splits import NOT_COUNTED, Split, by_path, lines_of, numbered, splits_of
from jobs.ingest.unread import unread_path
from jobs.spark.activity import part
from jobs.spark.columns import file_path
from jobs.spark.rows import frame_of
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

# So few bytes are read whole at once: a look at them first costs more than it saves.
LITTLE = 4 << 20
MEGABYTE = 1 << 20
# To judge so much on one core takes longer than to hand half of it to another.
_SPREAD = 64 << 20
_READERS = 16
_SPLIT = (
    "uri string, start bigint, is_by_lines boolean, first_id bigint, last_id bigint, shift bigint, "
    "file string, etag string, kind string, modified_at timestamp, invalid boolean"
)
COLUMNS = ("file", "etag", "kind", "modified_at", "header", "garbled", "row_number", "record")


@dataclass(frozen=True)
class Framed:
    """Records as `Dialect.framing` gives them; `refused` files have none, and why."""

    rows: DataFrame
    refused: Mapping[Version, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Framing:
    """How a source's files are framed; none of more than `limit` bytes is read as one text."""

    spark: SparkSession
    objects: Objects
    dialect: Dialect
    limit: int
    little: int = LITTLE

    def framed(self, files: Sequence[ObjectInfo]) -> Framed:
        """The records of all files.

        Raises:
            VanishedError: one of the files is not there any more.
        """
        if sum(file.size for file in files) <= self.little:
            return Framed(self._whole(files))
        unsound, unread = dict[Version, str](), set[str]()
        while True:
            sound = [f for f in files if f.version not in unsound and f.path not in unread]
            if not sound:
                return Framed(self._whole([]), unsound)
            lines = lines_of(self.spark, sound, self.limit)
            try:
                with part(self.spark, "counting records", sum(file.size for file in sound)):
                    splits = splits_of(lines, self.dialect.lines, file_path(F.col("uri")))
                framed = self._by_lines_or_whole(sound, lines, splits)
                return Framed(framed.rows, {**unsound, **framed.refused})
            except (Py4JJavaError, PySparkException) as error:
                path = unread_path(error)
                if path is None or path in unread:
                    raise
                unsound |= self._unsound(sound)
                if not any(path == known for known, _ in unsound):
                    unread.add(path)

    def _by_lines_or_whole(
        self, files: Sequence[ObjectInfo], lines: DataFrame, splits: Sequence[Split]
    ) -> Framed:
        splits_by_path = by_path(splits)
        by_lines, whole, large = list[ObjectInfo](), list[ObjectInfo](), list[ObjectInfo]()
        for file in files:
            own_splits = splits_by_path.get(file.path, [])
            if not all(_is_of(file, split) for split in own_splits):
                continue  # another version by now
            read = sum(split.bytes for split in own_splits)
            length = length_of(self.objects, file, read, self.limit)
            if has_lines(file) and is_all(read, length) and self._falls_into_lines(own_splits):
                by_lines.append(file)
            else:
                (large if max(file.size, length, read) > self.limit else whole).append(file)
        frames = [self._by_lines(by_lines, lines, splits_by_path)] if by_lines else []
        frames += [self._whole(whole)] if whole or not by_lines else []
        rows = frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1])
        return Framed(rows, {file.version: self._refusal(file) for file in large})

    def _falls_into_lines(self, splits: Sequence[Split]) -> bool:
        """Whether the records of a file are those of its lines."""
        first = next((split for split in splits if split.records), None)
        if first is None or first.opens or any(split.spans for split in splits):
            return False
        return not self.dialect.lines.has_header or sum(split.records for split in splits) > 1

    def _by_lines(
        self, files: Sequence[ObjectInfo], lines: DataFrame, splits_by_path: Mapping[str, Sequence[Split]]
    ) -> DataFrame:
        rows = [row for file in files for row in self._places(file, splits_by_path[file.path])]
        by_lines = {file.path for file in files}
        others = (split for path, own in splits_by_path.items() if path not in by_lines for split in own)
        rows += [{"uri": split.uri, "start": split.start, "is_by_lines": False} for split in others]
        places = F.broadcast(frame_of(self.spark, rows, _SPLIT))
        # Of all files, since those that are read whole count on in the same partitions.
        several = any(split.several for splits in splits_by_path.values() for split in splits)
        own_splits = [split for file in files for split in splits_by_path[file.path]]
        each = self._spread(numbered(lines, self.dialect.lines, several), own_splits)
        # What was not counted would be lost, or stand at a place that is not its own.
        each = each.join(places, ["uri", "start"], "left")
        each = each.where(F.coalesce(F.col("is_by_lines"), _refused("boolean")))
        is_counted = F.col("id").between(F.col("first_id"), F.col("last_id"))
        row_number = F.when(is_counted, F.col("id") + F.col("shift")).otherwise(_refused("bigint"))
        each = each.withColumn("row_number", row_number)
        if self.dialect.lines.has_header:
            firsts = each.where(F.col("row_number") == 1).select("uri", F.col("record").alias("header"))
            each = each.where(F.col("row_number") > 1).withColumn("row_number", F.col("row_number") - 1)
            each = each.join(F.broadcast(firsts), "uri")
        else:
            each = each.withColumn("header", F.lit(None).cast("string"))
        garbled = F.col("invalid") & F.contains("record", F.lit(GARBLED))
        return each.withColumn("garbled", garbled).select(*COLUMNS)

    def _spread(self, records: DataFrame, splits: Sequence[Split]) -> DataFrame:
        """The records over all cores: a packed file is one split, and would be judged by one of them."""
        cores = self.spark.sparkContext.defaultParallelism
        is_large = sum(split.bytes for split in splits) > _SPREAD
        if not is_large or len({split.partition for split in splits}) >= cores:
            return records
        return records.repartition(cores, "id")

    def _places(self, file: ObjectInfo, splits: Sequence[Split]) -> Iterable[dict[str, object]]:
        before, invalid = 0, any(split.invalid for split in splits)
        for split in splits:
            yield {
                "uri": split.uri,
                "start": split.start,
                "is_by_lines": True,
                "first_id": split.first_id,
                "last_id": split.first_id + split.records - 1,
                "shift": before + 1 - split.first_id,
                "file": file.path,
                "etag": file.etag,
                "kind": self.dialect.kind(file.path),
                "modified_at": file.modified_at,
                "invalid": invalid,
            }
            before += split.records

    def _whole(self, files: Sequence[ObjectInfo]) -> DataFrame:
        kinds = [self.dialect.kind(file.path) for file in files]
        return self.dialect.framing(texts(self.spark, files, kinds)).select(*COLUMNS)

    def _unsound(self, files: Sequence[ObjectInfo]) -> dict[Version, str]:
        packed = [file for file in files if is_packed(file)]
        with ThreadPool(_READERS) as pool:
            faults = pool.map(lambda file: fault_of(self.objects, file), packed)
        return {f.version: fault for f, fault in zip(packed, faults, strict=True) if fault}

    def _refusal(self, file: ObjectInfo) -> str:
        limit = f"the file, or its text, is larger than {self.limit // MEGABYTE} MB and"
        if not has_lines(file):
            packing = file.path.rpartition(".")[2]
            return (
                f"{limit} it is packed as {packing}, which does not say how long its text is, so that "
                "nobody can tell lines from all of it; pack it as gz, split it, or raise "
                "whole_file_megabytes of the source"
            )
        return (
            f"{limit} its records lie over several lines, so that it cannot be read in parts; split it, or "
            "raise whole_file_megabytes of the source"
        )


def _refused(type_: str) -> Column:
    """No value, but the end of the job: what is read is not what was counted."""
    return F.raise_error(F.lit(NOT_COUNTED)).cast(type_)


def _is_of(file: ObjectInfo, split: Split) -> bool:
    """Whether the split is of the version that was listed."""
    return file.size == split.size and int(file.modified_at.timestamp()) == split.second
