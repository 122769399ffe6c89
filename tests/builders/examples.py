"""A Hypothesis strategy -> examples of it, gathered first, so that all of them cost one Spark job."""

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

T = TypeVar("T")


def examples(strategy: st.SearchStrategy[T], count: int, first: int) -> list[T]:
    """Draw so many examples, the same ones each time; `first` is the seed."""
    drawn: list[T] = []

    @seed(first)
    @settings(
        max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def draw(example: T) -> None:
        drawn.append(example)

    draw()
    return drawn
