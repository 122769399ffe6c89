"""Wording: what must stay visible, what is cut, and where."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.console.format import ago, clipped, counted, duration, share, span, visible, windowed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü שלום 漢字 🎁", "plain ü שלום 漢字 🎁"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("abc\u202etxt.exe", "abc\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("no\u00a0break", "no\\u00a0break"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_short_texts_stay_whole() -> None:
    assert windowed(["abc", "abd"], limit=10) == ("abc", "abd")


def test_long_texts_are_cut_at_the_end_and_say_by_how_much() -> None:
    assert windowed(["a" * 12, "b"], limit=10) == ("a" * 10 + "… (2 more characters)", "b")


def test_the_window_moves_to_where_texts_begin_to_differ() -> None:
    same = "x" * 500
    left, right = windowed([same + "left" + "y" * 96, same + "right"], limit=100)
    assert left == "…" + "x" * 30 + "left" + "y" * 66 + "… (30 more characters)"
    assert right == "…" + "x" * 30 + "right"


def test_a_text_that_ends_before_the_window_says_so() -> None:
    long, short, _ = windowed(["x" * 300 + "a" * 300, "x" * 300, "x" * 300 + "b"], limit=100)
    assert long.startswith("…xxx")
    assert short == "…" + "x" * 30


def test_equal_long_texts_are_shown_from_their_beginning() -> None:
    assert windowed(["ab" * 200] * 2, limit=10) == ("ababababab… (390 more characters)",) * 2


def test_clipped_counts_characters_before_they_are_written_out() -> None:
    assert clipped("\n" * 5, limit=3) == "\\n\\n\\n… (2 more characters)"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "0 %"),
        (0, 5, "0 %"),
        (5, 5, "100 %"),
        (1, 3, "33.33 %"),
        (1, 1_000_000, "under 0.01 %"),
        (999_999, 1_000_000, "over 99.99 %"),
    ],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.25, "0.2 s"),
        (59.99, "1 min"),
        (60, "1 min"),
        (7_500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
        (3_599.6, "1 h"),
        (-61, "-1 min 1 s"),
    ],
)
def test_durations_name_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_counts_agree_with_their_noun() -> None:
    assert (counted(1, "key"), counted(2, "key"), counted(1_000, "entry", "entries")) == (
        "1 key",
        "2 keys",
        "1,000 entries",
    )


@pytest.mark.parametrize(
    ("since", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=1), "1 min ago"),
        (timedelta(hours=16), "16 h ago"),
        (timedelta(hours=26, seconds=1), "26 h 1 min ago"),
        (timedelta(hours=72), "72 h ago"),
        (timedelta(hours=72, seconds=1), "3 d 1 h ago"),
        (timedelta(days=-2), "48 h ahead"),
    ],
)
def test_an_instant_is_told_with_its_age_rounded_up(since: timedelta, text: str) -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    assert ago(at, at + since) == f"2026-11-27 00:00 UTC, {text}"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(hours=26), "26 h"), (timedelta(days=1), "24 h"), (timedelta(days=3), "72 h"),
        (timedelta(days=4), "4 d"), (timedelta(hours=100), "100 h"), (timedelta(minutes=90), "90 min"),
        (timedelta(seconds=90), "90 s"), (timedelta(0), "0 h"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_told_exactly(length: timedelta, text: str) -> None:
    assert span(length) == text
