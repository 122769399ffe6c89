"""Events of any content, in each envelope, are read or refused as plain Python does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.spark.rows import frame_of
from tests.builders.examples import examples
from tests.dialects.conftest import source_of

SEED, EVENTS = 1130, 400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OWN = {"id": "meta.id", "type": "meta.kind", "time": "at", "data": "payload"}
# Dialect, its settings; where the envelope has the origin, id, type, time and data, as people read its pages.
ENVELOPES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "cloudevents": ({}, {"id": "id", "source": "source", "type": "type", "time": "time", "data": "data"}),
    "eventbridge": ({}, {"id": "id", "type": "detail-type", "time": "time", "data": "detail"}),
    "envelope": (OWN, OWN),
}
TIMES: dict[Any, datetime | None] = {
    "2026-01-01T00:00:00Z": datetime(2026, 1, 1, tzinfo=UTC),
    "2026-01-01T00:00:00.123456+01:00": datetime(2025, 12, 31, 23, 0, 0, 123456, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31 23:59:59": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    "2026-01-01": None, "infinity": None, "noon": None, "2026-02-30T00:00:00Z": None,
}  # fmt: skip
TEXT = st.text(st.sampled_from('a"\\{}[]:, 1eE.-\n\u00e9\U0001f600\x00'), max_size=6)
NUMBERS = st.one_of(
    st.integers(-(10**40), 10**40).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        ["1.10", "1E3", "-0", "0.0", "9007199254740993", "1e-7", "12345678901234567890.1234567890"]
    ),
)
# Values as they are written in JSON: numbers keep their spelling.
SCALARS = st.one_of(TEXT.map(json.dumps), NUMBERS, st.sampled_from(["null", "true", "false"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]")
    | st.dictionaries(TEXT, inner, max_size=3).map(lambda each: _object(each)),
    max_leaves=5,
)  # fmt: skip
KNOWN = st.one_of(TEXT.map(json.dumps), NUMBERS, st.just("null"), st.just('" "'), st.just("[1]"))
STAMPS = st.sampled_from(
    [json.dumps(time) for time, at in TIMES.items() for _ in range(4 if at else 1)] + ["null", "17"]
)
NAMES = st.sampled_from(["n", "a.b", "", "n ", "\u00e9"])


def _object(members: dict[str, str]) -> str:
    return f"{{{', '.join(f'{json.dumps(name)}: {text}' for name, text in members.items())}}}"


@st.composite
def records(draw: st.DrawFn) -> dict[str, str]:
    """By what an envelope keeps, how it is written; what is not in it is not said."""
    usual = {"id": KNOWN, "source": KNOWN, "type": KNOWN, "time": STAMPS}
    data = VALUES | st.dictionaries(NAMES, VALUES, max_size=3).map(_object)
    said = {name: draw(each) for name, each in usual.items() if draw(st.integers(0, 9))}
    return {**said, **({"data": draw(data)} if draw(st.booleans()) else {}), "more": draw(VALUES)}


def _record(said: dict[str, str], places: dict[str, str]) -> str:
    """An event in the envelope: the members at their places, one below another where a path has a dot."""
    members: dict[str, str] = {"more": said["more"]}
    below: dict[str, str] = {}
    for name, path in places.items():
        if name in said:
            first, _, second = path.partition(".")
            (below if second else members)[second or first] = said[name]
    return _object({**members, **({"meta": _object(below)} if below else {})})


class Number(str):
    """A number as it is spelt."""


def _read(text: str) -> Any:
    # Of an integer zero a sign is lost, as in every parser of whole numbers.
    return json.loads(text, parse_int=lambda n: Number("0" if n == "-0" else n), parse_float=Number)


def _text(value: Any) -> str | None:
    """The text of a value: of a number its spelling, of what holds others anything."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _is_text_of(text: str | None, value: Any) -> bool:
    """Whether a text is that of a value; of what holds others it is JSON of the same, numbers as spelt."""
    return _read(text or "") == value if isinstance(value, list | dict) else text == _text(value)


def _expected(said: dict[str, str], places: dict[str, str]) -> tuple[list[str], datetime | None]:
    """Why an event is refused, in the order of the envelope, and when it happened."""
    reasons, at = [], None
    for name in ("id", "source", "type", "time"):
        if name not in places:
            continue
        text = _text(_read(said[name])) if name in said else None
        if text is None or not text.strip(" "):
            reasons.append(f"no {name}")
        elif name == "time":
            at = TIMES.get(text)
            reasons += [] if at else [f"{name} is no timestamp: {text}"]
    return reasons, at


def _by_dialect(spark: SparkSession, dialect: dialects.Dialect, n: str, texts: list[str]) -> dict[int, Row]:
    rows = [{"file": "f", "etag": str(n), "record": text} for n, text in enumerate(texts)]
    frame = frame_of(spark, rows, "file string, etag string, record string")
    read = dialect.opened(dialect.parsed(dialect.judged(frame)), ["more", n])
    leaves = {"more": dialect.lookup("more"), "n": dialect.lookup(n)}
    asked = [
        F.struct(leaf.text.alias("text"), leaf.is_stated.alias("is_stated")).alias(name)
        for name, leaf in leaves.items()
    ]
    at = F.unix_micros("occurred_at").alias("at")
    found = read.select("etag", "event_id", "origin", "type", at, "reasons", *asked).collect()
    return {int(row["etag"]): row for row in found}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_event_of_any_content_is_read_or_refused_as_python_does(spark: SparkSession, name: str) -> None:
    settings, places = ENVELOPES[name]
    events = examples(records(), EVENTS, SEED)
    dialect, texts = dialects.of(source_of(name, **settings)), [_record(said, places) for said in events]
    found = _by_dialect(spark, dialect, f"{places['data']}.n", texts)
    accepted = 0
    for n, said in enumerate(events):
        row, record = found[n], _record(said, places)
        reasons, at = _expected(said, places)
        assert row["reasons"] == reasons, record
        assert row["more"]["is_stated"] and _is_text_of(row["more"]["text"], _read(said["more"])), record
        read = _read(said["data"]) if "data" in said else None
        data: dict[str, Any] = read if isinstance(read, dict) else {}
        assert row["n"]["is_stated"] == ("n" in data), record
        assert _is_text_of(row["n"]["text"], data.get("n")), record
        if reasons:
            continue
        accepted += 1
        assert at is not None and row["at"] == (at - EPOCH) // timedelta(microseconds=1), record
        assert _is_text_of(row["event_id"], _read(said["id"])), record
        assert _is_text_of(row["type"], _read(said["type"])), record
    assert accepted > EVENTS // 8
