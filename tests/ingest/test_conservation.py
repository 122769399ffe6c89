"""Every root of a text becomes a record, accepted or rejected: told by readers of Python's own."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pyspark.sql import SparkSession

from jobs.settings import Source
from tests.builders.examples import examples
from tests.ingest.shop import Shop

FILES, SEED = 80, 1128
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
CELLS = TEXT.map(lambda text: text.replace("\r", "\r\n"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SOUND = {"id": "1", "source": "/s", "type": "T", "time": "2026-01-01T00:00:00Z"}
# Sound events, events that lack something, and objects that are no events.
ROOTS = st.one_of(
    st.builds(lambda data: {**SOUND, "data": data}, VALUES),
    st.builds(lambda name, data: {**SOUND, name: None, "data": data}, st.sampled_from([*SOUND]), VALUES),
    st.dictionaries(TEXT, VALUES, max_size=4),
)
GAPS = st.sampled_from(["", "\n", "\r\n", " ", "\n \t\n"])
FORMS: list[Callable[[Any], str]] = [
    json.dumps,
    lambda root: json.dumps(root, ensure_ascii=False, separators=(",", ":")),
    lambda root: json.dumps(root, indent=2),
]


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    """Objects one after the other, however printed and parted; or all in one array."""
    roots, form = draw(st.lists(ROOTS, max_size=6)), draw(st.sampled_from(FORMS))
    is_array: bool = draw(st.booleans())
    if roots and is_array:
        return f"{draw(GAPS)}[{draw(GAPS)}{f',{draw(GAPS)}'.join(map(form, roots))}]{draw(GAPS)}"
    return draw(GAPS) + "".join(form(root) + draw(GAPS) for root in roots)


def _json_roots(text: str) -> list[str]:
    """The roots of a JSON text as Python's decoder tells them apart, each as it is written."""
    if text.strip(" \t\r\n").startswith("["):
        return [json.dumps(root) for root in json.loads(text)]
    roots, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        _, end = decoder.raw_decode(text, at)
        roots.append(text[at:end])
        at = end
    return roots


@st.composite
def csv_texts(draw: st.DrawFn) -> str:
    """Rows as Python's writer quotes them; it leaves a carriage return alone without quotes."""
    written, rows = (
        io.StringIO(),
        draw(st.lists(st.tuples(st.sampled_from("IUDX"), CELLS, CELLS), max_size=8)),
    )
    form: str = draw(st.sampled_from(["excel", "unix"]))  # quotes where needed, quotes everywhere
    ends: str = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(written, form, lineterminator=ends).writerows(rows)
    return written.getvalue()


def _csv_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def _taken(shop: Shop, texts: list[str], suffix: str) -> dict[str, list[str]]:
    """Ingest each text as a file; its records in order, after their counts were told to be conserved."""
    for n, text in enumerate(texts):
        shop.put(f"{n}/20260101-100000000.{suffix}", text.encode())
    counts, files = shop.take(), shop.files()
    by_file = defaultdict[str, list[tuple[int, str, bool]]](list)
    for row in shop.rows("records"):
        folder = row["file"].removeprefix(f"{shop.raw}/").partition("/")[0]
        by_file[folder].append((row["row_number"], row["record"], row["accepted"]))
    for name, file in files.items():
        rows = sorted(by_file[name.partition("/")[0]])
        assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1)), name
        file_counts = (file["records"], file["accepted"], file["rejected"])
        accepted = sum(is_accepted for _, _, is_accepted in rows)
        assert file_counts == (len(rows), accepted, len(rows) - accepted), name
    stored = [row for rows in by_file.values() for row in rows]
    assert counts.records == len(stored)
    assert (counts.accepted, counts.rejected) == (
        sum(is_accepted for _, _, is_accepted in stored),
        len(shop.rows("rejects")),
    )
    assert min(counts.accepted, counts.rejected) > 20
    return {name: [record for _, record, _ in sorted(rows)] for name, rows in by_file.items()}


def test_every_root_of_a_json_text_is_a_record(spark: SparkSession, tmp_path: Path) -> None:
    source_settings = {
        "source": "shop",
        "path": str(tmp_path / "raw"),
        "dialect": "cloudevents",
        "format": "json",
    }
    texts = examples(json_texts(), FILES, SEED)
    records = _taken(Shop(spark, tmp_path, Source.model_validate(source_settings)), texts, "json")
    for n, text in enumerate(texts):
        found, wanted = records.get(str(n), []), _json_roots(text)
        assert [json.loads(record) for record in found] == [json.loads(root) for root in wanted], text
        if not text.strip(" \t\r\n").startswith("["):
            assert found == wanted, text


def test_every_row_of_a_csv_text_is_a_record(spark: SparkSession, tmp_path: Path) -> None:
    source_settings = {"source": "shop", "path": str(tmp_path / "raw"), "dialect": "dms", "format": "csv"}
    texts = examples(csv_texts(), FILES, SEED)
    source = Source.model_validate({**source_settings, "fields": ["id", "note"]})
    records = _taken(Shop(spark, tmp_path, source), texts, "csv")
    for n, text in enumerate(texts):
        found = [_csv_rows(record)[0] for record in records.get(str(n), [])]
        assert found == _csv_rows(text), text
