"""Files framed by lines and splits have the rows that the same files have when each is read as one text."""

import bz2
import gzip
import random
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs import dialects
from jobs.errors import RetryableError
from jobs.ingest import framing, source_files
from jobs.ingest.framing import Framed, Framing
from jobs.ingest.reading import texts
from jobs.ingest.source_files import SourceFiles
from jobs.ingest.unread import reading_to_the_end
from jobs.settings import Source
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo
from tests.conf import changed

Lines = tuple[bytes, ...]
MEGABYTE = 1 << 20
ENDS = (b"\n", b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\r\n \t\n")
JSON = (
    b'{"a":1}', b'{"b":{"c":[1,{"d":"}{"}]}}', b'{"t":"\\"}{\\\\"}',
    b'{ "a" : { "b" : 1 } } ', b'{"a":"\xe2\x82\xac"}',
)  # fmt: skip
ODD_JSON = (
    b'{"a":1}{"b":2}', b'{"a":1} {"b":', b'oops {"a":1}', b"oops", b"\x00\x00", b"[1]", b'{"a":"to',
    b'}{"a":1}',
    b'{"a":"\xff"}', b'{"a":"\xef\xbf\xbd"}', b'{"a":1},{"b":2}', b'{"a":1}\x00', b'"x"',
    b'{"a":1}}', b'{"a":"\xe2\x82',
    b"{", b'{"a":{', b" \t ", b"\xf0\x9f", b'{"a":1}\r{"b":2}', b'{"a":"\xe2\x80\xa8\xc2\x85"}',
)  # fmt: skip
CSV = (b"I,1,a", b'U,2,"b ""c"", d"', b'I,3,"x,"', b",,", b'D,5" pipe,y', b'I,4,"\xe2\x82\xac"')
ODD_CSV = (
    b'I,"a', b'I,"a"b', b'I,"', b'"', b'x" y,"z', b"I,\xff", b"I,\xef\xbf\xbd", b"\x00", b'I,"a"\r',
    b"I,\xe2\r", b"\r\r",
    b'I,"a,b', b'"a\r', b'I,"",""', b'I,a"""', b"\xe2\x82", b'I,"a""',
)  # fmt: skip
SPAN_CSV = (b'I,"a\nb","c\r\n"', b'I,"x ""\n"",\n"')


def _text(rng: random.Random, usual: Lines, odd: Lines, strangeness: float) -> bytes:
    lines = [rng.choice(odd if rng.random() < strangeness else usual) for _ in range(rng.randrange(1, 40))]
    text = b"".join(line + rng.choice(ENDS) for line in lines)
    if rng.random() < 0.4:
        text = text.rstrip(b"\r\n")
    return (b"\xef\xbb\xbf" if rng.random() < 0.15 else b"") + text


def _files(usual: Lines, odd: Lines, more: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    rng = random.Random(20261128)
    for at in range(30):
        text = _text(rng, usual, odd, rng.choice((0, 0.05, 0.5)))
        packed = gzip.compress(text, mtime=0)
        half = len(text) // 2
        yield f"{at} a+b%20.json", text
        if at % 4 == 0:
            yield f"{at}.gz", packed
            yield (
                f"{at}-members.gz",
                gzip.compress(text[:half], mtime=0) + gzip.compress(text[half:], mtime=0),
            )
        if at % 30 == 0:
            yield f"{at}-cut.gz", packed[: rng.randrange(1, len(packed))]
            yield f"{at}-flipped.gz", packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    yield "empty.json", b""
    yield "empty.gz", gzip.compress(b"", mtime=0)
    yield "blank.json", b"\n \r\n"
    yield "mark.json", b"\xef\xbb\xbf"
    yield from more.items()


JSON_FILES = {
    "pretty.json": b'{\n  "a": 1\n}\n{\n  "a": 2\n}\n',
    "pretty_after_blanks.gz": gzip.compress(b'\n\n{"a": 1,\n "b": 2}\n', mtime=0),
    "array.json": b'[{"a":1},\n{"a":2}]',
    "array_cut.json": b'[{"a":1},\n{"a":2}',
    "long.json": b'{"t":"' + b"x" * 100_000 + b'"}\n{"a":1}\n',
}
CSV_FILES = {f"span{at}.csv": b"Op,id\n" + line + b"\nI,2\n" for at, line in enumerate(SPAN_CSV)} | {
    "header_alone.csv": b"Op,id\n",
    "long.csv": b'\n\nI,"' + b'x""' * 30_000 + b'"\nU,2',
}
SOURCES: dict[str, tuple[dict[str, object], Lines, Lines, dict[str, bytes]]] = {
    "json": ({"dialect": "cloudevents", "format": "json"}, JSON, ODD_JSON, JSON_FILES),
    "csv": ({"dialect": "dms", "format": "csv", "fields": ["a"]}, CSV, ODD_CSV, CSV_FILES),
    "csv with a header": ({"dialect": "dms", "format": "csv"}, CSV, ODD_CSV, CSV_FILES),
}


def _rows(frame: DataFrame) -> list[tuple[object, ...]]:
    names = ("file", "etag", "kind", "modified_at", "header", "garbled", "row_number", "record")
    return sorted((tuple(row) for row in frame.select(*names).collect()), key=repr)


def _source(path: Path, settings: Mapping[str, object]) -> Source:
    return Source.model_validate({"source": "shop", "path": str(path), **settings})


@pytest.mark.parametrize("name", SOURCES)
def test_lines_in_any_splits_are_the_records_of_the_whole_text(
    name: str, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, usual, odd, more = SOURCES[name]
    for file, content in _files(usual, odd, more):
        (tmp_path / file).write_bytes(content)
    dialect = dialects.of(_source(tmp_path, settings))
    files = [file for file in Objects().list(str(tmp_path)) if file.size]
    kinds = [dialect.kind(file.path) for file in files]
    wanted = _rows(dialect.framing(texts(spark, files, kinds)))
    assert len(wanted) > 300
    # In many pieces, in few, and in one that is handed on to other cores once it is numbered.
    for size, least, large in ((301, 2, 64 << 20), (4 << 20, 2, 64 << 20), (1 << 30, 1, 0)):
        monkeypatch.setattr(framing, "_SPREAD", large)
        pieces = {"maxPartitionBytes": size, "minPartitionNum": least, "openCostInBytes": 1}
        with changed(spark, {f"spark.sql.files.{key}": str(value) for key, value in pieces.items()}):
            framed = Framing(spark, Objects(), dialect, MEGABYTE, little=0).framed(files)
            assert _rows(framed.rows) == wanted
            plan = framed.rows._jdf.queryExecution().optimizedPlan().toString()
            assert ("RepartitionByExpression" in plan) == (large == 0)
            assert {Path(path).name.partition("-")[2] for path, _ in framed.refused} == {
                "cut.gz",
                "flipped.gz",
            }


def _framed(spark: SparkSession, folder: Path, **settings: object) -> tuple[dict[str, int], dict[str, str]]:
    dialect = dialects.of(_source(folder, settings))
    files: list[ObjectInfo] = list(Objects().list(str(folder)))
    framed = Framing(spark, Objects(), dialect, 1000, little=0).framed(files)
    counts = {Path(row["file"]).name: row["count"] for row in framed.rows.groupBy("file").count().collect()}
    return counts, {Path(path).name: why for (path, _), why in framed.refused.items()}


def test_only_files_of_lines_may_be_larger_than_the_limit(spark: SparkSession, tmp_path: Path) -> None:
    element = b'{"a":1},' * 200
    (tmp_path / "lines.json").write_bytes(b'{"a":1}\n' * 200)
    (tmp_path / "lines.gz").write_bytes(gzip.compress(b'{"a":1}\n' * 200))
    (tmp_path / "members.gz").write_bytes(gzip.compress(b'{"a":1}\n' * 200) * 2)
    (tmp_path / "lines.bz2").write_bytes(bz2.compress(b'{"a":1}\n' * 200))
    (tmp_path / "array.json").write_bytes(b"[" + element + b"{}]")
    (tmp_path / "array.gz").write_bytes(gzip.compress(b"[" + element + b"{}]"))
    (tmp_path / "array_of_lines.json").write_bytes(b"[" + element.replace(b",", b",\n") + b"{}]")
    (tmp_path / "small_array.json").write_bytes(b"[1,2]")
    counts, refused = _framed(spark, tmp_path, dialect="cloudevents", format="json")
    assert counts == {"lines.json": 200, "lines.gz": 200, "members.gz": 400, "small_array.json": 2}
    assert set(refused) == {"array.json", "array.gz", "array_of_lines.json", "lines.bz2"}
    assert all("whole_file_megabytes" in why for why in refused.values())
    assert {name for name, why in refused.items() if "records lie over several lines" not in why} == {
        "lines.bz2"
    }
    assert "packed as bz2, which does not say how long its text" in refused["lines.bz2"]


def test_files_that_are_all_cut_short_have_no_records(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b'{"a":1}\n' * 200)[:-5])
    counts, refused = _framed(spark, tmp_path, dialect="cloudevents", format="json")
    assert counts == {}
    assert [why.partition(":")[0] for why in refused.values()] == ["the file cannot be unpacked"] * 2


def test_what_is_not_what_was_counted_ends_the_ingest(spark: SparkSession, tmp_path: Path) -> None:
    """Cores come and go on a cluster: rows would be lost, or stand at places that are not theirs."""
    for name in ("a.json", "b.json", "c.json"):
        (tmp_path / name).write_bytes(b'{"a":1}\n' * 200)
    dialect = dialects.of(_source(tmp_path, {"dialect": "cloudevents", "format": "json"}))
    files = list(Objects().list(str(tmp_path)))
    one, many = {"spark.sql.files.openCostInBytes": "1"}, {"spark.sql.files.maxPartitionBytes": "301"}
    for before, after in ((one, {**one, **many}), ({**one, **many}, one), (many, one)):
        with changed(spark, before):
            framed = Framing(spark, Objects(), dialect, MEGABYTE, little=0).framed(files)
        with changed(spark, after), pytest.raises(RetryableError, match="run again"), reading_to_the_end():
            framed.rows.write.format("noop").mode("overwrite").save()
        with changed(spark, before):
            assert framed.rows.count() == 600


def test_files_are_divided_in_one_way_for_as_long_as_they_are_read(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a":1}\n')
    source, least = _source(tmp_path, {"dialect": "cloudevents", "format": "json"}), "minPartitionNum"
    files, reader = list(Objects().list(str(tmp_path))), SourceFiles(spark, Objects(), source)

    def divided(framed: Framed) -> str | None:
        return spark.conf.get(f"spark.sql.files.{least}", None)

    assert reader.read(files, divided)[0] is None
    monkeypatch.setattr(source_files, "LITTLE", 0)
    assert reader.read(files, divided)[0] == "8"
