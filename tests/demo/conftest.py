"""Fixtures: the smallest damaged shop and its files, made once."""

from collections.abc import Mapping

import pytest

from jobs.demo.injection import FEWEST, Damaged, damaged


@pytest.fixture(scope="session")
def shop() -> Damaged:
    return damaged(FEWEST)


@pytest.fixture(scope="session")
def files(shop: Damaged) -> Mapping[str, bytes]:
    return shop.files
