"""How Parquet files say that their values are written -> Spark's reader of them, or why it has none.

Spark's quick reader takes columns in batches and lacks BYTE_STREAM_SPLIT; the other goes row by row, several
times slower, in any encoding that Parquet has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, DataFrameReader, SparkSession

from jobs.parquet.footers import Fields, Footer, FooterDamaged, footers_of
from jobs.spark.rows import no_rows
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo

# What Spark's quick reader decodes. BIT_PACKED is named of levels alone, and of those that there are none of.
_QUICK = frozenset(
    {
        "PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED",
        "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY",
    }
)  # fmt: skip
# Codecs that Spark looks for and does not bring, each by its class.
_ELSEWHERE = {
    "BROTLI": "org.apache.hadoop.io.compress.BrotliCodec",
    "LZO": "com.hadoop.compression.lzo.LzoCodec",
}
_SWITCH = "spark.sql.parquet.enableVectorizedReader"


@dataclass(frozen=True)
class Layout:
    """What files that are read as one have in common: columns in order; whether they are read quickly."""

    fields: Fields
    quick: bool


def layout_of(footer: Footer, slow: bool = False) -> Layout:
    """The layout of a file: a `slow` one is read row by row whatever its encodings are."""
    return Layout(footer.fields, footer.encodings <= _QUICK and not slow)


def files_by_layout(files: Sequence[ObjectInfo], objects: Objects) -> dict[Layout, list[ObjectInfo]]:
    """Layouts in the order in which files come -> the files that have just this one.

    Raises:
        FooterDamaged: a file is not Parquet, or its end is damaged.
    """
    groups: dict[Layout, list[ObjectInfo]] = {}
    for file, footer in zip(files, footers_of(files, objects), strict=True):
        if isinstance(footer, FooterDamaged):
            raise footer
        groups.setdefault(layout_of(footer), []).append(file)
    return groups


def reader_of(spark: SparkSession, quick: bool) -> DataFrameReader:
    """Spark's quick reader, or the one that goes row by row and knows every encoding.

    Which of them it is Spark asks of the session that a reader is of, so that the slow one has a session of
    its own: frames of both lie in one plan, each read as it can be.
    """
    if quick:
        return spark.read
    own = spark.newSession()
    own.conf.set(_SWITCH, "false")
    return own.read


def in_session(spark: SparkSession, rows: DataFrame, layouts: Iterable[Layout]) -> DataFrame:
    """The rows of files of these layouts as a frame of the session: a plan is of that of its first part."""
    is_quick = all(layout.quick for layout in layouts)
    return rows if is_quick else no_rows(spark, rows.schema).union(rows)


def codec_fault(spark: SparkSession, footer: Footer) -> str | None:
    """Why a file cannot be unpacked; None where it can be."""
    foreign = sorted(codec for codec in footer.codecs if not _is_known(spark, codec))
    return f"it is compressed by {foreign[0]}, which this Spark cannot unpack" if foreign else None


def _is_known(spark: SparkSession, codec: str) -> bool:
    needed, jvm = _ELSEWHERE.get(codec), spark.sparkContext._jvm
    return needed is None or jvm is None or bool(jvm.org.apache.spark.util.Utils.classIsLoadable(needed))
